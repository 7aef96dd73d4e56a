/** The form of an answer, apart so that every transport can refuse. */
import type { RpcFault } from "./rpc-error.ts";

export type Id = string | number;

export interface RpcAnswer {
  readonly jsonrpc: "2.0";
  readonly id?: Id;
  readonly result?: unknown;
  readonly error?: RpcFault;
}

export const fault = (id: Id | undefined, error: RpcFault): RpcAnswer =>
  id === undefined ? { jsonrpc: "2.0", error } : { jsonrpc: "2.0", id, error };
