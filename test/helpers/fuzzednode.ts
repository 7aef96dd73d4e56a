/** A node that is fuzzed and watched: what it logs as a defect fails the run, and it has to go on sealing blocks. */
import { silentLog } from "../../chain/log.ts";
import { startTestNode } from "./node.ts";
import { fuzzRpc, type RpcFuzzCounts } from "./rpcfuzz.ts";

export interface FuzzedNode {
  run(seed: number, cases: number): Promise<RpcFuzzCounts>;
  remove(): Promise<void>;
}

export async function startFuzzedNode(): Promise<FuzzedNode> {
  const defects: string[] = [];
  const log = { ...silentLog, error: (message: string) => void defects.push(message) };
  const node = await startTestNode({ log, blockMillis: 20, checkInvariants: false });
  const { port } = new URL(node.rpcUrl);
  const run = async (seed: number, cases: number) => {
    const before = node.engine.height;
    const counts = await fuzzRpc({ port: Number(port), seed, cases });
    if (defects.length > 0) throw new Error(`seed ${seed}: the node logged a defect: ${defects[0]}`);
    const sealed = new Promise<void>((resolve) => {
      const stop = node.engine.onBlock(() => {
        stop();
        resolve();
      });
    });
    await sealed;
    if (node.engine.height <= before) throw new Error(`seed ${seed}: no block was sealed meanwhile`);
    return counts;
  };
  return { run, remove: () => node.remove() };
}
