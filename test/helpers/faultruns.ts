/** Runs a store into faults of its disk, one call after another, and says what went wrong. */
import { join } from "node:path";
import { MultiStore } from "../../chain/store/multistore.ts";
import { StoreStopped } from "../../chain/store/storeerrors.ts";
import { type Fault, FaultPlan } from "./faultyfiles.ts";
import { commitBlock, hex, rootsOf, smallStore } from "./storeblocks.ts";

const blocks = 12;
const kinds: readonly Fault[] = ["EIO", "ENOSPC", "short"];

export interface FaultRuns {
  /** Changing calls of a run without a fault. */
  readonly calls: number;
  readonly runs: number;
  readonly stops: number;
  readonly failures: readonly string[];
}

/** `choose` is told how many calls there are and names those to fail; each fails by one of the kinds in turn. */
export async function runFaults(
  root: string,
  seed: number,
  choose: (calls: number) => readonly number[],
): Promise<FaultRuns> {
  const roots = await rootsOf(seed, blocks + 2);
  const plan = new FaultPlan();
  await commitAll(join(root, "faultless"), seed, plan);
  const { calls } = plan;
  const chosen = choose(calls);
  const failures: string[] = [];
  let stops = 0;
  for (const [run, call] of chosen.entries()) {
    const directory = join(root, `faulty-${run}`);
    const kind = kinds[run % kinds.length]!;
    plan.failAt(call, kind, kind !== "short");
    const { acknowledged, stopped } = await commitAll(directory, seed, plan);
    plan.clear();
    if (stopped) stops++;
    const problem = await afterwards(directory, seed, acknowledged, roots);
    if (problem !== undefined) failures.push(`${kind} at call ${call}: ${problem}`);
  }
  return { calls, runs: chosen.length, stops, failures };
}

/** Commits until something fails, which must be the store saying that it stopped, and staying so. */
async function commitAll(
  directory: string,
  seed: number,
  plan: FaultPlan,
): Promise<{ acknowledged: number; stopped: boolean }> {
  let acknowledged = 0;
  let store: MultiStore | undefined;
  try {
    store = await MultiStore.open(smallStore(directory, { files: plan.source }));
    while (store.height < blocks) {
      commitBlock(store, seed);
      acknowledged = store.height;
      if (store.height % 5 === 0) await store.idle();
    }
    return { acknowledged, stopped: false };
  } catch (error) {
    if (!(error instanceof StoreStopped)) throw error;
    if (store !== undefined && accepts(store))
      throw new Error("a stopped store accepted another height", { cause: error });
    return { acknowledged, stopped: true };
  } finally {
    await store?.close();
  }
}

function accepts(store: MultiStore): boolean {
  try {
    store.apply(store.height + 1, new Map());
    return true;
  } catch (error) {
    if (error instanceof StoreStopped) return false;
    throw error;
  }
}

/** With the fault cleared: nothing acknowledged is lost, the root is right, and it goes on. */
async function afterwards(
  directory: string,
  seed: number,
  acknowledged: number,
  roots: readonly string[],
): Promise<string | undefined> {
  const store = await MultiStore.open(smallStore(directory));
  try {
    const { height } = store;
    if (height < acknowledged || height > acknowledged + 1) return `acknowledged ${acknowledged}, found ${height}`;
    if (height > 0 && hex(store.appHash) !== roots[height - 1]) return `a wrong app hash at height ${height}`;
    if (commitBlock(store, seed) !== roots[height]) return `a wrong app hash after it went on from height ${height}`;
    return undefined;
  } finally {
    await store.close();
  }
}
