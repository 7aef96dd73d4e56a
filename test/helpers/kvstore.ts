/** CometBFT's built-in kvstore, told again for our engine: the same answers to the same calls, so that two nodes can be compared. */
import type { Application } from "../../chain/abci/application.ts";
import { consensusAddress } from "../../chain/consensus/validators.ts";
import type {
  RequestFinalizeBlock,
  RequestInitChain,
  RequestQuery,
  ResponseQuery,
  ValidatorUpdate,
} from "../../proto/gen/tendermint/abci/types.ts";
import type { PublicKey } from "../../proto/gen/tendermint/crypto/keys.ts";

const invalidFormat = 2;
const noBytes = new Uint8Array();
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();

/** Zigzag varint of the number of transactions, in eight bytes. */
function hashOf(size: number): Uint8Array {
  const hash = new Uint8Array(8);
  let rest = BigInt(size) * 2n;
  let at = 0;
  for (; rest >= 0x80n; rest >>= 7n) hash[at++] = Number(rest & 0x7fn) | 0x80;
  hash[at] = Number(rest);
  return hash;
}

function isValid(tx: string): boolean {
  const count = (character: string) => tx.split(character).length - 1;
  const separator = count(":") === 1 && count("=") === 0 ? ":" : count("=") === 1 && count(":") === 0 ? "=" : undefined;
  return separator !== undefined && !tx.startsWith(separator) && !tx.endsWith(separator);
}

export class KvStore implements Application {
  readonly #data = new Map<string, Uint8Array>();
  readonly #keys = new Map<string, PublicKey>();
  #size = 0;
  #height = 0n;
  #staged: string[] = [];

  echo = ({ message }: { message: string }) => ({ message });
  flush = () => ({});
  extendVote = () => ({ voteExtension: noBytes });
  verifyVoteExtension = () => ({ status: 1 as const });
  listSnapshots = () => ({ snapshots: [] });
  offerSnapshot = () => ({ result: 3 as const });
  loadSnapshotChunk = () => ({ chunk: noBytes });
  applySnapshotChunk = () => ({ result: 2 as const, refetchChunks: [], rejectSenders: [] });

  info() {
    const data = `{"size":${this.#size}}`;
    const lastBlockAppHash = hashOf(this.#size);
    return { data, version: "2.0.0", appVersion: 1n, lastBlockHeight: this.#height, lastBlockAppHash };
  }

  initChain({ validators }: RequestInitChain) {
    for (const { pubKey } of validators) this.#addKey(pubKey);
    return { consensusParams: undefined, validators: [], appHash: hashOf(0) };
  }

  #addKey(key: PublicKey | undefined): void {
    if (key !== undefined) this.#keys.set(Buffer.from(consensusAddress(key)).toString("hex"), key);
  }

  checkTx({ tx }: { tx: Uint8Array }) {
    const code = isValid(text(tx)) ? 0 : invalidFormat;
    const empty = { data: noBytes, log: "", info: "", gasUsed: 0n, events: [], codespace: "" };
    return { code, gasWanted: code === 0 ? 1n : 0n, ...empty };
  }

  prepareProposal({ txs }: { txs: readonly Uint8Array[] }) {
    const valid = txs.filter((tx) => this.checkTx({ tx }).code === 0);
    return { txs: valid.map((tx) => new Uint8Array(Buffer.from(text(tx).replace(":", "=")))) };
  }

  processProposal({ txs }: { txs: readonly Uint8Array[] }) {
    return { status: txs.every((tx) => this.checkTx({ tx }).code === 0) ? (1 as const) : (2 as const) };
  }

  finalizeBlock({ txs, misbehavior, height }: RequestFinalizeBlock) {
    const validatorUpdates: ValidatorUpdate[] = misbehavior.map(({ validator }) => ({
      pubKey: this.#keys.get(Buffer.from(validator?.address ?? noBytes).toString("hex")),
      power: (validator?.power ?? 0n) - 1n,
    }));
    this.#staged = txs.map(text);
    this.#size += txs.length;
    this.#height = height;
    const appHash = hashOf(this.#size);
    const txResults = this.#staged.map(resultOf);
    return { events: [], txResults, validatorUpdates, consensusParamUpdates: undefined, appHash };
  }

  commit() {
    for (const tx of this.#staged) {
      const [key = "", value = ""] = tx.split("=");
      this.#data.set(key, Buffer.from(value));
    }
    return { retainHeight: 0n };
  }

  query({ path, data, prove }: RequestQuery): ResponseQuery {
    const answer = { code: 0, info: "", proofOps: undefined, codespace: "", key: data };
    if (path === "/val") return { ...answer, log: "", index: 0n, value: noBytes, height: 0n };
    const value = this.#data.get(text(data));
    const log = value === undefined ? "does not exist" : "exists";
    return { ...answer, log, index: prove ? -1n : 0n, value: value ?? noBytes, height: this.#height };
  }
}

function resultOf(tx: string) {
  const [key = tx, value = tx] = tx.split("=");
  const event = (creator: string, keyValue: string) => ({
    type: "app",
    attributes: [
      { key: "creator", value: creator, index: true },
      { key: "key", value: keyValue, index: true },
      { key: "index_key", value: "index is working", index: true },
      { key: "noindex_key", value: "index is working", index: false },
    ],
  });
  return {
    code: 0,
    data: noBytes,
    log: "",
    info: "",
    gasWanted: 0n,
    gasUsed: 0n,
    events: [event("Cosmoshi Netowoko", key), event("Cosmoshi", value)],
    codespace: "",
  };
}
