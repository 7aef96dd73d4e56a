/**
 * Calls of a node's RPC. Owns the transport: the address, a deadline for the whole answer, a bound on its size, and errors that say
 * what to do. What the answers mean is for nodeclient.ts.
 */
import { asObject, type JsonObject } from "../../chain/consensus/json.ts";

const answerMillisMax = 15_000;
/** CometBFT bounds no answer; a genesis or a page of blocks is far below this. */
const answerBytesMax = 64 << 20;

/** The node was reached and refused: its own words. */
export class RpcRefused extends Error {}

/** Nobody answered, or not in time, or not as a node does. */
export class RpcUnreachable extends Error {}

/** "tcp://HOST:PORT", as CometBFT writes it, is http. */
export function rpcUrl(text: string): URL {
  const url = URL.parse(text.replace(/^tcp:\/\//, "http://"));
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw new Error(`--node ${JSON.stringify(text)} is no address of a node; expected http://HOST:PORT`);
  }
  return url;
}

export interface Rpc {
  readonly url: string;
  call(method: string, params?: JsonObject): Promise<JsonObject>;
}

export interface RpcOptions {
  readonly millisMax?: number;
  readonly bytesMax?: number;
  /** What whoever reads the error can do. */
  readonly advice?: string;
}

const commandAdvice = "start one with `weir start`, or pass --node";

export function rpcAt(
  text: string,
  { millisMax = answerMillisMax, bytesMax = answerBytesMax, advice = commandAdvice }: RpcOptions = {},
): Rpc {
  const url = rpcUrl(text);
  return {
    url: text,
    async call(method, params = {}) {
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
      const answer = parse(await post(url, text, body, { millisMax, bytesMax, advice }), text);
      if (answer.error !== undefined) throw new RpcRefused(faultText(answer.error));
      return asObject(answer.result, `the answer of ${text} to ${method}`);
    },
  };
}

async function post(
  url: URL,
  shown: string,
  body: string,
  { millisMax, bytesMax, advice }: Required<RpcOptions>,
): Promise<string> {
  try {
    const signal = AbortSignal.timeout(millisMax);
    const headers = { "content-type": "application/json" };
    const response = await fetch(url, { method: "POST", body, headers, signal, redirect: "error" });
    return await readBody(response, shown, bytesMax);
  } catch (error) {
    if (error instanceof RpcRefused) throw error;
    throw new RpcUnreachable(`no node answers at ${shown} (${reason(error, millisMax)}): ${advice}`);
  }
}

async function readBody(response: Response, shown: string, bytesMax: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > bytesMax) throw new RpcRefused(`${shown} answers more than ${bytesMax} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString();
}

function reason(error: unknown, millisMax: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return `nothing within ${millisMax / 1_000} s`;
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function parse(text: string, shown: string): JsonObject {
  try {
    return asObject(JSON.parse(text), `the answer of ${shown}`);
  } catch {
    throw new RpcUnreachable(`${shown} is no CometBFT RPC: it answers ${JSON.stringify(text.slice(0, 80))}`);
  }
}

function faultText(fault: unknown): string {
  const { message, data } = asObject(fault, "the error of the answer");
  if (data === undefined || data === "") return String(message);
  return message === "Internal error" ? String(data) : `${message}: ${data}`;
}
