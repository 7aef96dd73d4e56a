/** A small key-value application for tests of the engine: transactions are "key=value". What it has committed outlives it on its disk. */
import { createHash } from "node:crypto";
import type { Application } from "../../chain/abci/application.ts";
import type {
  ExecTxResult,
  RequestCheckTx,
  RequestFinalizeBlock,
  RequestInitChain,
  RequestPrepareProposal,
  RequestQuery,
  ResponseFinalizeBlock,
  ValidatorUpdate,
} from "../../proto/gen/tendermint/abci/types.ts";
import type { ConsensusParams } from "../../proto/gen/tendermint/types/params.ts";

export class KvDisk {
  height = 0n;
  initialized = false;
  data = new Map<string, string>();
}

/** What a test may make the application do. */
export interface KvBehaviour {
  before?: (call: "initChain" | "finalizeBlock" | "commit", height: bigint) => void;
  validatorUpdates?: (height: bigint) => ValidatorUpdate[];
  paramUpdates?: (height: bigint) => ConsensusParams | undefined;
  reject?: (txs: readonly Uint8Array[]) => boolean;
}

export const kvHash = (data: ReadonlyMap<string, string>): Uint8Array => {
  const hash = createHash("sha256");
  for (const [key, value] of [...data].sort()) hash.update(`${key}\0${value}\0`);
  return new Uint8Array(hash.digest());
};

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const noBytes = new Uint8Array();

export class KvApplication implements Application {
  readonly disk: KvDisk;
  readonly behaviour: KvBehaviour;
  /** Every FinalizeBlock request, in order. */
  readonly finalized: RequestFinalizeBlock[] = [];
  readonly rechecked: string[] = [];
  #pending: { height: bigint; data: Map<string, string> } | undefined;

  constructor(disk: KvDisk, behaviour: KvBehaviour = {}) {
    this.disk = disk;
    this.behaviour = behaviour;
  }

  echo = ({ message }: { message: string }) => ({ message });
  flush = () => ({});
  extendVote = () => ({ voteExtension: noBytes });
  verifyVoteExtension = () => ({ status: 1 as const });
  listSnapshots = () => ({ snapshots: [] });
  offerSnapshot = () => ({ result: 3 as const });
  loadSnapshotChunk = () => ({ chunk: noBytes });
  applySnapshotChunk = () => ({ result: 2 as const, refetchChunks: [], rejectSenders: [] });

  info() {
    const lastBlockAppHash = this.disk.height === 0n ? noBytes : kvHash(this.disk.data);
    return { data: "kv", version: "1", appVersion: 0n, lastBlockHeight: this.disk.height, lastBlockAppHash };
  }

  query({ data, height }: RequestQuery) {
    const value = this.disk.data.get(text(data));
    return {
      code: value === undefined ? 1 : 0,
      log: value === undefined ? "does not exist" : "exists",
      info: "",
      index: 0n,
      key: data,
      value: Buffer.from(value ?? ""),
      proofOps: undefined,
      height: height === 0n ? this.disk.height : height,
      codespace: "",
    };
  }

  checkTx({ tx, type }: RequestCheckTx) {
    if (type === 1) this.rechecked.push(text(tx));
    const isKnown = this.disk.data.has(text(tx).split("=")[0] ?? "");
    const code = !text(tx).includes("=") ? 2 : type === 1 && isKnown ? 3 : 0;
    return { code, data: noBytes, log: "", info: "", gasWanted: 1n, gasUsed: 0n, events: [], codespace: "kv" };
  }

  initChain({ appStateBytes, initialHeight }: RequestInitChain) {
    this.behaviour.before?.("initChain", initialHeight);
    const state = text(appStateBytes);
    this.disk.data = new Map(state === "" ? [] : Object.entries(JSON.parse(state) as Record<string, string>));
    this.disk.initialized = true;
    return { consensusParams: undefined, validators: [], appHash: kvHash(this.disk.data) };
  }

  prepareProposal({ txs }: RequestPrepareProposal) {
    return { txs };
  }

  processProposal({ txs }: { txs: readonly Uint8Array[] }) {
    return { status: this.behaviour.reject?.(txs) === true ? (2 as const) : (1 as const) };
  }

  finalizeBlock(request: RequestFinalizeBlock): ResponseFinalizeBlock {
    const { height, txs } = request;
    this.behaviour.before?.("finalizeBlock", height);
    this.finalized.push(request);
    const data = new Map(this.disk.data);
    const txResults = txs.map((tx) => execute(data, text(tx)));
    this.#pending = { height, data };
    return {
      events: [{ type: "block", attributes: [{ key: "height", value: String(height), index: true }] }],
      txResults,
      validatorUpdates: this.behaviour.validatorUpdates?.(height) ?? [],
      consensusParamUpdates: this.behaviour.paramUpdates?.(height),
      appHash: kvHash(data),
    };
  }

  commit() {
    if (this.#pending === undefined) throw new Error("commit without a finalized block");
    const { height, data } = this.#pending;
    this.behaviour.before?.("commit", height);
    this.disk.height = height;
    this.disk.data = data;
    this.#pending = undefined;
    return { retainHeight: 0n };
  }
}

function execute(data: Map<string, string>, tx: string): ExecTxResult {
  const [key = "", value = ""] = tx.split("=");
  const attributes = (names: Record<string, string>) =>
    Object.entries(names).map(([name, text]) => ({ key: name, value: text, index: true }));
  const code = key.startsWith("fail") ? 1 : 0;
  if (code === 0) data.set(key, value);
  return {
    code,
    data: Buffer.from(value),
    log: `wrote ${key}`,
    info: "",
    gasWanted: 10n,
    gasUsed: 7n,
    events: [
      { type: "write", attributes: attributes({ key, size: String(value.length) }) },
      { type: "owner", attributes: attributes({ name: `${key[0] ?? ""}-owner` }) },
    ],
    codespace: code === 0 ? "" : "kv",
  };
}
