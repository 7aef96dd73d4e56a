/** What happens to a node of a generated network. Owns each perturbation from its beginning to the moment from which recovery is counted. */
import { setTimeout as after } from "node:timers/promises";
import type { NetNode } from "./node.ts";
import type { Step } from "./plan.ts";
import { highest, reachedBy } from "./rpc.ts";
import { slowDiskFor } from "./slowdisk.ts";

/** What supervisors wait before they start again what fell. */
const restartMillis = 500;
/** The goal for heights to advance, whatever happens to one node. */
const advanceMillisMax = 20_000;

/** In words, what should not have been; undefined when all was as it should be. */
export async function perturb(
  { kind }: Step,
  node: NetNode,
  nodes: readonly NetNode[],
  spellMillis: number,
): Promise<string | undefined> {
  switch (kind) {
    case "kill app":
      node.signalApp("SIGKILL");
      return startAgain(node);
    case "kill engine":
      node.signalEngine("SIGKILL");
      return undefined;
    case "kill both":
      node.signalApp("SIGKILL");
      node.signalEngine("SIGKILL");
      return startAgain(node);
    case "pause":
      node.signalApp("SIGSTOP");
      node.signalEngine("SIGSTOP");
      await after(spellMillis);
      node.signalEngine("SIGCONT");
      node.signalApp("SIGCONT");
      return undefined;
    case "cut":
      node.place.setLinked(false);
      await after(spellMillis);
      node.place.setLinked(true);
      return undefined;
    case "restart":
      return stopAndStart(node);
    case "quarter down":
      return absent(node, nodes, spellMillis);
    case "slow disk":
      return slowed(node, spellMillis);
  }
}

async function startAgain(node: NetNode): Promise<string | undefined> {
  const isGone = await node.untilGone();
  await after(restartMillis);
  node.start();
  return isGone ? undefined : `${node.name}: the engine outlived its application`;
}

async function stopAndStart(node: NetNode): Promise<string | undefined> {
  const code = await node.stop();
  node.start();
  return code === 0 ? undefined : `${node.name} ended with ${code ?? "SIGKILL"} at a restart`;
}

/** A quarter of the power is gone: the others go on. */
async function absent(node: NetNode, nodes: readonly NetNode[], spellMillis: number): Promise<string | undefined> {
  const code = await node.stop();
  const others = nodes.filter((other) => other !== node);
  const before = await highest(others);
  const [seconds] = await Promise.all([reachedBy(others, before + 1, advanceMillisMax), after(spellMillis)]);
  node.start();
  if (code !== 0) return `${node.name} ended with ${code ?? "SIGKILL"}`;
  return seconds !== undefined ? undefined : `no block in ${advanceMillisMax / 1_000} s without ${node.name}`;
}

async function slowed(node: NetNode, spellMillis: number): Promise<undefined> {
  const restore = slowDiskFor(node.pids());
  try {
    await after(spellMillis);
  } finally {
    restore();
  }
}
