/** The one kind of evidence: a validator signed twice. Its bytes, its hash and what is wrong with it. Pure. */
import { consensusAddress } from "../../chain/address.ts";
import type { Misbehavior } from "../../chain/context.ts";
import { sha256 } from "../../chain/crypto/hash.ts";
import { Equivocation } from "../../proto/gen/cosmos/evidence/v1beta1/evidence.ts";
import type { Any } from "../../proto/gen/google/protobuf/any.ts";

export { Equivocation };

export const equivocationUrl = `/${Equivocation.$type}`;

/** Where a handler of it would be registered, if the chain had one. */
export const equivocationRoute = "equivocation";

/** An attack on light clients is punished as a vote for two blocks is. */
export const equivocationOf = ({ height, time, power, address }: Misbehavior): Equivocation => ({
  height,
  time: { ...time },
  power,
  consensusAddress: consensusAddress.encode(address),
});

export const toAny = (equivocation: Equivocation): Any => ({
  typeUrl: equivocationUrl,
  value: Equivocation.encode(equivocation).finish(),
});

/** The hash of what an Any holds is the hash of the evidence. */
export const hashOf = ({ value }: Any): Uint8Array => sha256(value);

/** In the SDK's words; undefined when all is well. */
export function equivocationProblem({ time, height, power, consensusAddress }: Equivocation): string | undefined {
  const seconds = time?.seconds ?? 0n;
  if (seconds <= 0n) return `invalid equivocation time: ${seconds} s`;
  if (height < 1n) return `invalid equivocation height: ${height}`;
  if (power < 1n) return `invalid equivocation validator power: ${power}`;
  if (consensusAddress === "") return "invalid equivocation validator consensus address: ";
  return undefined;
}
