/** Plays a recorded log of ABCI calls to an application, wherever it runs, and tells where it answers otherwise. */
import type { Application } from "../../chain/abci/application.ts";
import { call } from "../../chain/abci/calls.ts";
import type { RecordedCall } from "../../chain/abci/record.ts";
import { Response } from "../../proto/gen/tendermint/abci/types.ts";

export interface Replayed {
  /** By height, in hex. */
  readonly appHashes: ReadonlyMap<bigint, string>;
  readonly differences: readonly string[];
}

/** `Info` is left out: what it tells depends on when it is asked. */
export async function replay(calls: readonly RecordedCall[], app: Application): Promise<Replayed> {
  const appHashes = new Map<bigint, string>();
  const differences: string[] = [];
  for (const [index, { method, request, response }] of calls.entries()) {
    if (method === "info") continue;
    const answer = await call(app, method, request);
    const { finalizeBlock } = answer;
    if (finalizeBlock !== undefined) {
      appHashes.set(request.finalizeBlock?.height ?? 0n, Buffer.from(finalizeBlock.appHash).toString("hex"));
    }
    if (response !== undefined && !isSame(answer, response)) differences.push(`call ${index}, ${method}`);
  }
  return { appHashes, differences };
}

const isSame = (a: Response, b: Response): boolean =>
  Buffer.compare(Response.encode(a).finish(), Response.encode(b).finish()) === 0;
