/** What oracles' proofs said in the epochs whose readings are taken. Owns the list that is stored; how it follows from a proof is covert.ts. */
import type { Context, ReadContext } from "../../chain/context.ts";
import type { CovertAssignments } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { covertAssignments, oracleOutput } from "./covert.ts";
import { falseOracleProof, slotsUnknown } from "./readingserrors.ts";
import { isRelated } from "./readingsregistry.ts";
import { covertTermsOf, isDrawable } from "./readingsslots.ts";
import { covertLists } from "./readingsstate.ts";
import type { EpochView } from "./readingsview.ts";

/** About two of an ed25519 signature. */
const proofGas = 3_000n;

export const covertListOf = (ctx: ReadContext, epoch: bigint, oracle: bigint): CovertAssignments | undefined =>
  covertLists.get(ctx, [epoch, oracle]);

/** A proof that is known already costs nothing more. */
export function publishCovert(ctx: Context, view: EpochView, oracle: bigint, vrfProof: Uint8Array): void {
  if (covertLists.has(ctx, [view.number, oracle])) return;
  ctx.gas.consume(proofGas, "proof of an oracle");
  const publicKey = isDrawable(ctx, view.number, oracle) ? view.oracle(oracle)?.vrfKey : undefined;
  const { number: epoch, seed } = view.epoch;
  const of = { chainId: ctx.block.chainId, epoch, oracle, seed };
  const output = publicKey === undefined ? undefined : oracleOutput(publicKey, of, vrfProof);
  if (output === undefined) throw falseOracleProof(oracle);
  const terms = covertTermsOf(ctx, view.epoch);
  if (terms === undefined) throw slotsUnknown(epoch);
  const assignments = covertAssignments(output, terms).filter(({ relay }) => isThere(view, oracle, relay));
  covertLists.set(ctx, [epoch, oracle], { vrfProof, assignments });
}

/** Ids of relays that are no more are drawn too, and so are an oracle's own: neither is to be measured. */
function isThere(view: EpochView, oracle: bigint, id: bigint): boolean {
  const relay = view.relay(id);
  return relay !== undefined && !isRelated(relay, view.oracle(oracle)!);
}
