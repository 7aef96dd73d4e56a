/** The one root that an oracle commits to in an epoch, before it is over, so that none can copy what others read. */
import type { Context } from "../../chain/context.ts";
import type { Commit } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { currentEpoch } from "../beacon/index.ts";
import { notTheOperator } from "./errors.ts";
import { hashLength, leafCountMax } from "./leaves.ts";
import { alreadyCommitted, badCommit, commitClosed, notDrawable } from "./readingserrors.ts";
import { readingsCommitted } from "./readingsevents.ts";
import { oracleInEpoch } from "./readingsregistry.ts";
import { isDrawable } from "./readingsslots.ts";
import { commits } from "./readingsstate.ts";

export interface Commitment extends Commit {
  readonly operator: string;
  readonly oracle: bigint;
  readonly epoch: bigint;
}

/** What is wrong with a commitment alone, or undefined. */
export function commitProblem({ root, count }: Commit): string | undefined {
  if (root.length !== hashLength) return `root has ${root.length} bytes; expected ${hashLength}`;
  if (count < 1 || count > leafCountMax) return `count is ${count}; expected 1 to ${leafCountMax} leaves`;
  return undefined;
}

export function commitReadings(ctx: Context, { operator, oracle, epoch, root, count }: Commitment): void {
  const problem = commitProblem({ root, count });
  if (problem !== undefined) throw badCommit(problem);
  const current = currentEpoch(ctx)?.number ?? 0n;
  if (epoch !== current) throw commitClosed(epoch, current);
  const found = oracleInEpoch(ctx, epoch, oracle);
  if (found === undefined || !isDrawable(ctx, epoch, oracle)) throw notDrawable(oracle, epoch);
  if (found.operator !== operator) throw notTheOperator(`oracle ${oracle}`, found.operator);
  if (commits.has(ctx, [epoch, oracle])) throw alreadyCommitted(oracle, epoch);
  commits.set(ctx, [epoch, oracle], { root, count });
  ctx.emit(readingsCommitted(oracle, epoch, root, count));
}
