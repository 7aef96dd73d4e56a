/**
 * Blocks, commits, results, validator sets and parameters by height, and the engine's state, in one LevelDB.
 * Owns the records and which write is durable; the transaction index beside them is tx-index.ts.
 */
import { ResponseFinalizeBlock } from "../../proto/gen/tendermint/abci/types.ts";
import { ConsensusParams } from "../../proto/gen/tendermint/types/params.ts";
import { type BlockID, BlockMeta, Commit } from "../../proto/gen/tendermint/types/types.ts";
import { ValidatorSet } from "../../proto/gen/tendermint/types/validator.ts";
import { type CompleteBlock, decodeBlock, type MadeBlock } from "./block.ts";
import { bytesKey, type Database, numberKey, put, remove, type Write } from "./database.ts";
import type { CompleteParams } from "./params.ts";
import { encodeResults, encodeTxResults } from "./resultbytes.ts";
import { decodeState, type EngineState, encodeState } from "./state.ts";
import { incrementPriority } from "./validators.ts";

/** Kinds of records: a letter each, permanent. `h`, `t` and `x` belong to tx-index.ts, `y` to block-index.ts; `b` and `e` are spent. */
const kinds = {
  block: "B",
  meta: "M",
  commit: "C",
  heightOfHash: "H",
  results: "R",
  validators: "V",
  params: "P",
} as const;
const stateKey = Buffer.from("S");
const rangeKey = Buffer.from("K");

/** Between two stored sets the rotation is computed, this many steps at most. */
const validatorStepsMax = 500n;
/** Heights removed in one write. */
const pruneStep = 100n;

export interface CompleteMeta extends BlockMeta {
  blockId: BlockID;
  header: CompleteBlock["header"];
}

export class BlockStore {
  readonly database: Database;
  /** The oldest and the newest stored block; 0 when there is none. */
  #base = 0n;
  #height = 0n;

  constructor(database: Database) {
    this.database = database;
  }

  static async load(database: Database): Promise<BlockStore> {
    const store = new BlockStore(database);
    const range = await database.get(rangeKey);
    if (range !== undefined) {
      const view = Buffer.from(range);
      store.#base = view.readBigUInt64BE(0);
      store.#height = view.readBigUInt64BE(8);
    }
    return store;
  }

  get base(): bigint {
    return this.#base;
  }

  get height(): bigint {
    return this.#height;
  }

  /** Durable when it returns: from here on the height is decided. */
  async saveBlock({ block, bytes, id }: MadeBlock, seenCommit: Commit): Promise<void> {
    const { height } = block.header;
    const meta: BlockMeta = {
      blockId: id,
      blockSize: BigInt(bytes.length),
      header: block.header,
      numTxs: BigInt(block.data.txs.length),
    };
    const base = this.#base === 0n ? height : this.#base;
    await this.database.batch(
      [
        put(numberKey(kinds.block, height), bytes),
        put(numberKey(kinds.meta, height), BlockMeta.encode(meta).finish()),
        put(numberKey(kinds.commit, height), Commit.encode(seenCommit).finish()),
        put(bytesKey(kinds.heightOfHash, id.hash), heightBytes(height)),
        put(rangeKey, Buffer.concat([heightBytes(base), heightBytes(height)])),
      ],
      { sync: true },
    );
    this.#base = base;
    this.#height = height;
  }

  async blockBytes(height: bigint): Promise<Uint8Array | undefined> {
    return this.#ofKept(kinds.block, height);
  }

  /** Of a height that is kept it must be there: a flipped bit in a key makes LevelDB lose a record. */
  async #ofKept(kind: string, height: bigint): Promise<Uint8Array | undefined> {
    const bytes = await this.database.get(numberKey(kind, height));
    if (bytes === undefined && height >= this.#base && height <= this.#height && height > 0n) {
      throw damaged("block", height);
    }
    return bytes;
  }

  async block(height: bigint): Promise<CompleteBlock | undefined> {
    const bytes = await this.blockBytes(height);
    return bytes === undefined ? undefined : decodeBlock(bytes);
  }

  async meta(height: bigint): Promise<CompleteMeta | undefined> {
    const bytes = await this.#ofKept(kinds.meta, height);
    if (bytes === undefined) return undefined;
    const meta = BlockMeta.decode(bytes);
    if (meta.blockId === undefined || meta.header?.time === undefined) throw damaged("meta", height);
    return { ...meta, blockId: meta.blockId, header: { ...meta.header, time: meta.header.time } };
  }

  /** The commit that decided `height`: what the next block carries. */
  async commit(height: bigint): Promise<Commit | undefined> {
    const bytes = await this.database.get(numberKey(kinds.commit, height));
    return bytes === undefined ? undefined : Commit.decode(bytes);
  }

  async heightOfHash(hash: Uint8Array): Promise<bigint | undefined> {
    const bytes = await this.database.get(bytesKey(kinds.heightOfHash, hash));
    return bytes === undefined ? undefined : Buffer.from(bytes).readBigUInt64BE(0);
  }

  /** Durable when it returns, because the application's Commit follows and cannot be asked again. */
  async saveResults(
    height: bigint,
    results: ResponseFinalizeBlock,
    txResults: readonly Uint8Array[] = encodeTxResults(results.txResults),
  ): Promise<void> {
    const value = encodeResults(results, txResults);
    await this.database.batch([put(numberKey(kinds.results, height), value)], { sync: true });
  }

  async results(height: bigint): Promise<ResponseFinalizeBlock | undefined> {
    const bytes = await this.database.get(numberKey(kinds.results, height));
    return bytes === undefined ? undefined : ResponseFinalizeBlock.decode(bytes);
  }

  /** State and index in one write; not synced, since the stored block and results make it again. */
  async saveState(state: EngineState, index: readonly Write[]): Promise<void> {
    const next = state.lastBlockHeight === 0n ? state.initialHeight : state.lastBlockHeight + 1n;
    const writes: Write[] = [put(stateKey, encodeState(state)), ...index];
    if (state.lastBlockHeight === 0n) writes.push(validatorsWrite(next, state.validators));
    const known = next + 1n;
    const isFirst = state.lastBlockHeight === 0n;
    if (isFirst || state.validatorsChangedAt === known || known % validatorStepsMax === 0n) {
      writes.push(validatorsWrite(known, state.nextValidators));
    }
    writes.push(put(numberKey(kinds.params, next), ConsensusParams.encode(state.params).finish()));
    await this.database.batch(writes);
  }

  async state(): Promise<EngineState | undefined> {
    const bytes = await this.database.get(stateKey);
    return bytes === undefined ? undefined : decodeState(bytes);
  }

  async validators(height: bigint): Promise<ValidatorSet | undefined> {
    const range = {
      gte: numberKey(kinds.validators, 0n),
      lte: numberKey(kinds.validators, height),
      reverse: true,
      limit: 1,
    };
    for await (const [key, value] of this.database.entries(range)) {
      const set = ValidatorSet.decode(value);
      const steps = Number(height - Buffer.from(key).readBigUInt64BE(1));
      return steps === 0 ? set : incrementPriority(set, steps);
    }
    return undefined;
  }

  async params(height: bigint): Promise<CompleteParams | undefined> {
    const bytes = await this.database.get(numberKey(kinds.params, height));
    if (bytes === undefined) return undefined;
    const { block, evidence, validator, version, abci } = ConsensusParams.decode(bytes);
    if (!block || !evidence || !validator || !version || !abci) throw damaged("consensus parameters", height);
    return { block, evidence, validator, version, abci };
  }

  /** Forgets the blocks below `retainHeight`, in steps; the range is moved before anything goes. */
  async prune(retainHeight: bigint): Promise<void> {
    const target = retainHeight > this.#height ? this.#height : retainHeight;
    while (this.#base !== 0n && this.#base < target) {
      const end = this.#base + pruneStep < target ? this.#base + pruneStep : target;
      const writes: Write[] = [put(rangeKey, Buffer.concat([heightBytes(end), heightBytes(this.#height)]))];
      for (let height = this.#base; height < end; height++) {
        const meta = await this.meta(height);
        if (meta !== undefined) writes.push(remove(bytesKey(kinds.heightOfHash, meta.blockId.hash)));
        for (const kind of [kinds.block, kinds.meta, kinds.commit, kinds.results, kinds.params]) {
          writes.push(remove(numberKey(kind, height)));
        }
      }
      const validators = await this.validators(end);
      if (validators !== undefined) writes.push(validatorsWrite(end, validators));
      await this.database.batch(writes);
      await this.database.clear({ gte: numberKey(kinds.validators, 0n), lt: numberKey(kinds.validators, end) });
      this.#base = end;
    }
  }
}

const validatorsWrite = (height: bigint, set: ValidatorSet): Write =>
  put(numberKey(kinds.validators, height), ValidatorSet.encode(set).finish());

function heightBytes(height: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(height);
  return bytes;
}

const damaged = (what: string, height: bigint) =>
  new Error(`the stored ${what} of height ${height} is incomplete: restore data/ from a backup`);
