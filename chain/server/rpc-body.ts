/** Reads a request's body within its own limit and that of all requests together. Owns no answer. */
import type { IncomingMessage } from "node:http";
import type { Fairness } from "./rpc-limits.ts";

export type BodyRead =
  | { readonly kind: "read"; readonly text: string }
  | { readonly kind: "too long" }
  | { readonly kind: "too much in all" };

/** The rest of a body that is too long is not read. */
export async function readBody(request: IncomingMessage, bytesMax: number, fairness: Fairness): Promise<BodyRead> {
  if (Number(request.headers["content-length"] ?? 0) > bytesMax) return { kind: "too long" };
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      if (!fairness.take(chunk.length)) return { kind: "too much in all" };
      length += chunk.length;
      if (length > bytesMax) return { kind: "too long" };
      chunks.push(chunk);
    }
    const [only] = chunks;
    const text =
      chunks.length === 1 && only !== undefined ? only.toString("utf8") : Buffer.concat(chunks).toString("utf8");
    return { kind: "read", text };
  } finally {
    fairness.release(length);
  }
}
