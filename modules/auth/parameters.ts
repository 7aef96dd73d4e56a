/** The constitution of auth's parameters: what each is, its range, and how it is changed. */
import { integer, type ModuleParameters } from "../../chain/parameters.ts";
import { Params } from "../../proto/gen/cosmos/auth/v1beta1/auth.ts";
import type { MsgUpdateParams } from "../../proto/gen/cosmos/auth/v1beta1/tx.ts";
import { getParams } from "./keeper.ts";

/** A missing message field holds zeros, as in Go, where it is held by value. */
export const paramsOf = ({ params }: MsgUpdateParams): Params => params ?? Params.fromPartial({});

export const parameters: ModuleParameters<Params> = {
  typeName: Params.$type,
  message: "/cosmos.auth.v1beta1.MsgUpdateParams",
  rules: {
    max_memo_characters: integer("longest memo of a transaction", "characters", 1n, 65_536n),
    tx_sig_limit: integer("most signatures on a transaction", "signatures", 1n, 1_000n),
    tx_size_cost_per_byte: integer("gas for each byte of a transaction", "gas", 1n, 100_000n),
    sig_verify_cost_ed25519: integer("gas for an ed25519 signature", "gas", 1n, 10_000_000n),
    sig_verify_cost_secp256k1: integer("gas for a secp256k1 signature", "gas", 1n, 10_000_000n),
  },
  read: getParams,
  proposed: (_ctx, message) => paramsOf(message),
};
