/** What an RPC method is, and what all of them are given. Owns no method. */
import type { Application } from "../abci/application.ts";
import type { GenesisDocument } from "../consensus/genesis.ts";
import type { LocalEngine } from "../consensus/local.ts";
import type { Log } from "../log.ts";
import type { ParamSpec, ParamsOf } from "./rpc-params.ts";

export interface NodeIdentity {
  readonly nodeId: string;
  readonly moniker: string;
  readonly listenAddress: string;
  readonly rpcAddress: string;
}

export interface RpcBackend {
  readonly engine: LocalEngine;
  readonly app: Application;
  readonly genesis: GenesisDocument;
  readonly identity: NodeIdentity;
  /** The key that `status` shows. */
  readonly validatorKey: Uint8Array;
  readonly validatorAddress: Uint8Array;
  readonly log: Log;
  /** Told of transactions that are about to be checked; absent where that helps nobody. */
  readonly expect?: (txs: readonly Uint8Array[]) => void;
}

export interface RpcMethod {
  readonly params: ParamSpec;
  /** Whether an answer to these arguments never changes. */
  readonly cacheable: (args: Readonly<Record<string, unknown>>) => boolean;
  readonly run: (backend: RpcBackend, args: Readonly<Record<string, unknown>>) => unknown;
}

export function method<S extends ParamSpec>(
  params: S,
  run: (backend: RpcBackend, args: ParamsOf<S>) => unknown,
  cacheable: boolean | (keyof S & string) = false,
): RpcMethod {
  return {
    params,
    cacheable: (args) => (typeof cacheable === "string" ? args[cacheable] !== undefined : cacheable),
    run: (backend, args) => run(backend, args as ParamsOf<S>),
  };
}
