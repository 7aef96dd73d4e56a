/** Feegrant's events, named as cosmossdk.io/x/feegrant events.go names them. */
import { event } from "../../chain/events.ts";

export interface Parties {
  readonly granter: string;
  readonly grantee: string;
}

export const allowanceSet = ({ granter, grantee }: Parties) => event("set_feegrant", { granter, grantee });
export const allowanceUsed = ({ granter, grantee }: Parties) => event("use_feegrant", { granter, grantee });
export const allowanceUpdated = ({ granter, grantee }: Parties) => event("update_feegrant", { granter, grantee });
export const allowanceRevoked = ({ granter, grantee }: Parties) => event("revoke_feegrant", { granter, grantee });
export const allowancesPruned = (pruner: string) => event("prune_feegrant", { pruner });
