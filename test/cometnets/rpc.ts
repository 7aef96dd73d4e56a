/** What a generated network's nodes are asked. */
import { setTimeout as after } from "node:timers/promises";
import type { NetNode } from "./node.ts";

export async function call<T>(node: NetNode, method: string, params: object = {}, millisMax = 3_000): Promise<T> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const response = await fetch(`${node.url}/`, { method: "POST", body, signal: AbortSignal.timeout(millisMax) });
  const answer = (await response.json()) as { readonly result?: T; readonly error?: object };
  if (answer.result === undefined) throw new Error(`${node.name} refuses ${method}: ${JSON.stringify(answer.error)}`);
  return answer.result;
}

/** 0 where it does not answer. */
export async function heightOf(node: NetNode): Promise<number> {
  try {
    const { sync_info } = await call<{ sync_info: { latest_block_height: string } }>(node, "status", {}, 1_000);
    return Number(sync_info.latest_block_height);
  } catch {
    return 0;
  }
}

export async function highest(nodes: readonly NetNode[]): Promise<number> {
  return Math.max(0, ...(await Promise.all(nodes.map(heightOf))));
}

/** Seconds until each of the nodes is at `height`; undefined when that takes too long. */
export async function reachedBy(
  nodes: readonly NetNode[],
  height: number,
  millisMax: number,
): Promise<number | undefined> {
  for (const begun = Date.now(); Date.now() - begun < millisMax; await after(150)) {
    const heights = await Promise.all(nodes.map(heightOf));
    if (heights.every((each) => each >= height)) return (Date.now() - begun) / 1_000;
  }
  return undefined;
}
