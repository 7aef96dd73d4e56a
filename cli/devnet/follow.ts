/** Runs a devnet until somebody ends it, it has settled what was asked for, or something of it broke; says what it sees, and why it ended. */
import type { Invocation } from "../command.ts";
import type { NodeOptions } from "../node.ts";
import { hintsOf } from "./hints.ts";
import type { Devnet } from "./places.ts";
import { RunningDevnet, Stopped } from "./running.ts";
import { isLive, liveScreen, plainLines, recordsOnly, type Show } from "./show.ts";
import type { DevnetState } from "./snapshot.ts";
import { cautions, settledEpochs, troubles } from "./verdict.ts";

export interface FollowOptions {
  readonly devnet: Devnet;
  readonly node: NodeOptions;
  /** Undefined: until a signal. */
  readonly epochs: number | undefined;
  /** Records alone. */
  readonly isJson: boolean;
  readonly signal: Promise<NodeJS.Signals>;
  /** Is given what ends everything at once. */
  readonly onKill: (kill: () => void) => void;
}

const lookMillis = 1_000;
/** So that an epoch's progress is seen to move. */
const tickMillis = 500;

/** The exit code. */
export async function followDevnet(invocation: Invocation, options: FollowOptions): Promise<number> {
  const { devnet, node, epochs, isJson, signal, onKill } = options;
  invocation.say(`Seed ${devnet.plan.seed}: --seed with it makes the same keys and choices again.\n`);
  const show = isJson
    ? recordsOnly(invocation)
    : isLive(invocation)
      ? liveScreen(invocation, devnet.plan.seed)
      : plainLines(invocation);
  const running = new RunningDevnet({
    ...devnet,
    node,
    isFromNow: isJson || epochs !== undefined,
    step: (words) => show.step(words),
  });
  onKill(() => {
    show.close();
    running.kill();
  });
  let found: readonly string[] = [];
  try {
    const ending = await run(running, show, { devnet, epochs, isJson, signal });
    if (ending !== undefined) found = await judge(invocation, running, ending, epochs);
  } catch (error) {
    found = [error instanceof Error ? error.message : String(error)];
  } finally {
    show.close();
    invocation.say("Stopping …\n");
    await running.stop();
  }
  for (const line of found) invocation.say(`weir: ${line}\n`);
  return found.length === 0 ? 0 : 1;
}

interface Ending {
  readonly state: DevnetState;
  /** What was asked for is settled. */
  readonly isSettled: boolean;
}

type RunOptions = Pick<FollowOptions, "devnet" | "epochs" | "isJson" | "signal">;

/** Undefined where a signal came before everything was up. */
async function run(
  running: RunningDevnet,
  show: Show,
  { devnet, epochs, isJson, signal }: RunOptions,
): Promise<Ending | undefined> {
  const over = signal.then(() => "over" as const);
  const isUp = await Promise.race([startedOrStopped(running), over]);
  if (isUp === "over" || !isUp) return undefined;
  show.started(hintsOf(devnet));
  const ticking = setInterval(() => show.tick(), tickMillis);
  try {
    return await watch(running, show, over, { epochs, isJson });
  } finally {
    clearInterval(ticking);
  }
}

async function startedOrStopped(running: RunningDevnet): Promise<boolean> {
  try {
    await running.start();
    return true;
  } catch (error) {
    if (error instanceof Stopped) return false;
    throw error;
  }
}

async function watch(
  running: RunningDevnet,
  show: Show,
  over: Promise<unknown>,
  { epochs, isJson }: Pick<FollowOptions, "epochs" | "isJson">,
): Promise<Ending> {
  let isOver = false;
  const ended = over.then(() => {
    isOver = true;
  });
  for (;;) {
    const state = await running.look();
    show.state(state);
    const isSettled = epochs !== undefined && settledEpochs(state) >= epochs;
    // Somebody who looks on may want to see how the market does without the one that fell.
    const isBroken = running.hasChainFailed || (running.hasFailed && (isJson || epochs !== undefined));
    if (isOver || isSettled || isBroken) return { state, isSettled };
    await Promise.race([ended, new Promise((next) => setTimeout(next, lookMillis))]);
  }
}

/** What of it is wrong, in words; what is only strange is said at once. Who ends it by hand does not wait for an audit. */
async function judge(
  invocation: Invocation,
  running: RunningDevnet,
  { state, isSettled }: Ending,
  epochs: number | undefined,
): Promise<string[]> {
  for (const line of cautions(state)) invocation.say(`weir: ${line}\n`);
  const found = troubles(state, isSettled ? epochs : undefined);
  return isSettled ? [...found, ...(await running.audit())] : found;
}
