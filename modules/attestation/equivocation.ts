/**
 * Two different attestations of one oracle about one thing: decided at once, for both are signed. Owns what is shown and what it costs; nobody is
 * paid for showing it, since it changes no settled value.
 */
import type { Context } from "../../chain/context.ts";
import { compareBytes } from "../../chain/store/types.ts";
import type { Attestation } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { attestationBytes, readingProblem } from "./attestationbytes.ts";
import { oracleEpochsRead } from "./epochvalues.ts";
import * as refusals from "./readingserrors.ts";
import { equivocated } from "./readingsevents.ts";
import { oracleInEpoch, paramsAt, punishEquivocation } from "./readingsregistry.ts";
import { equivocations } from "./readingsstate.ts";
import { epochNow } from "./readingsview.ts";

export interface Equivocation {
  readonly oracle: bigint;
  readonly epoch: bigint;
  readonly first: Attestation;
  readonly second: Attestation;
}

/** What is wrong with the two alone, or undefined. */
export function equivocationProblem(
  first: Attestation | undefined,
  second: Attestation | undefined,
): string | undefined {
  if (first === undefined || second === undefined) return "two attestations are expected";
  const problem = readingProblem(first) ?? readingProblem(second);
  if (problem !== undefined) return problem;
  if (first.relay !== second.relay || first.kind !== second.kind) {
    return "the two are about different things; expected one relay and one kind";
  }
  return undefined;
}

/** Once for an oracle and epoch, however many pairs of it there are. */
export function reportEquivocation(ctx: Context, { oracle, epoch, first, second }: Equivocation): void {
  const current = epochNow(ctx);
  const oldest = current > oracleEpochsRead ? current - oracleEpochsRead : 0n;
  if (epoch < oldest) throw refusals.equivocationTooOld(epoch, oldest);
  if (epoch > current) throw refusals.noEquivocation(`epoch ${epoch} has not opened`);
  const found = oracleInEpoch(ctx, epoch, oracle);
  if (found === undefined) throw refusals.notDrawable(oracle, epoch);
  if (equivocations.has(ctx, [epoch, oracle])) throw refusals.alreadyPunished(oracle, epoch);
  const place = { chainId: ctx.block.chainId, epoch, oracle };
  const [left, right] = [attestationBytes(place, first), attestationBytes(place, second)];
  if (compareBytes(left, right) === 0) throw refusals.noEquivocation("the two are one and the same reading");
  for (const [message, { signature }] of [[left, first] as const, [right, second] as const]) {
    const check = { scheme: "ed25519", publicKey: found.transportKey, signature, message } as const;
    if (!ctx.verify(check)) throw refusals.wrongKey(oracle);
  }
  equivocations.add(ctx, [epoch, oracle]);
  const { burned } = punishEquivocation(ctx, oracle, paramsAt(ctx, current).equivocationSlash, epoch);
  ctx.emit(equivocated(oracle, epoch, first.relay, burned));
}
