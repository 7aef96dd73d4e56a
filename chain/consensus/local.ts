/**
 * The embedded engine: one process, one Application, the validator keys it is given. Owns when a block is made, who signs it and what is
 * published; a defect in InitChain, FinalizeBlock or Commit halts it for good. For development, tests and demos: it has no peers.
 */

import type { Timestamp } from "../../proto/gen/google/protobuf/timestamp.ts";
import type { ExecTxResult } from "../../proto/gen/tendermint/abci/types.ts";
import { ResponseProcessProposal_ProposalStatus as ProposalStatus } from "../../proto/gen/tendermint/abci/types.ts";
import type { Evidence } from "../../proto/gen/tendermint/types/evidence.ts";
import { type Commit, type CommitSig, SignedMsgType } from "../../proto/gen/tendermint/types/types.ts";
import { BlockIDFlag } from "../../proto/gen/tendermint/types/validator.ts";
import type { Application } from "../abci/application.ts";
import type { Log } from "../log.ts";
import { compareBytes } from "../store/types.ts";
import {
  blockTime,
  dataBytesMax,
  emptyCommit,
  extendedCommitInfo,
  lastCommitInfo,
  type MadeBlock,
  makeBlock,
  txBytesInBlock,
} from "./block.ts";
import { BlockIndex } from "./block-index.ts";
import { BlockStore } from "./block-store.ts";
import { type Database, openDatabase } from "./database.ts";
import { type AnyEvidence, EvidencePool, misbehaviorOf } from "./evidence.ts";
import { type AppliedBlock, applyBlock, type SealedBlock, type Stores } from "./executor.ts";
import type { GenesisDocument } from "./genesis.ts";
import { handshake } from "./handshake.ts";
import { validatorSetHash } from "./hashes.ts";
import type { Signer } from "./keys.ts";
import { defaultMempoolOptions, Mempool, type MempoolOptions } from "./mempool.ts";
import { type EngineState, nextHeight } from "./state.ts";
import { addMillis, laterOf, now, zeroTime } from "./time.ts";
import { TxIndex } from "./tx-index.ts";
import { incrementPriority, proposerOf, totalPower } from "./validators.ts";

export interface LocalEngineOptions {
  readonly app: Application;
  readonly genesis: GenesisDocument;
  readonly signers: readonly Signer[];
  /** Folder of the LevelDB. */
  readonly path: string;
  /** Milliseconds between blocks; 0 seals at once when there is a transaction. */
  readonly blockMillis: number;
  readonly createEmptyBlocks: boolean;
  readonly mempool?: Partial<MempoolOptions>;
  readonly log: Log;
  /** The engine has stopped for good; the host ends the process. */
  readonly onHalt: (error: Error) => void;
  readonly clock?: () => Timestamp;
}

/** After so many refused proposals of one height the block goes without transactions, and is then refused for good. */
const proposalsWithTxsMax = 3;
/** Rounds looked at for a proposer whose key is here. */
const roundsMax = 10_000;

export class LocalEngine {
  readonly options: LocalEngineOptions;
  readonly stores: Stores;
  readonly mempool: Mempool;
  readonly #database: Database;
  readonly #clock: () => Timestamp;
  readonly #listeners = new Set<(sealed: SealedBlock) => void>();
  #state: EngineState;
  #lastCommit: Commit;
  /** The app hash that the newest header shows; the state may be one ahead of it. */
  #provenAppHash: Uint8Array;
  #stopping = false;
  #isSealing = false;
  #wake: () => void = () => {};
  #running: Promise<void> | undefined;

  private constructor(options: LocalEngineOptions, database: Database, stores: Stores, start: Start) {
    this.options = options;
    this.stores = stores;
    this.mempool = new Mempool(options.app, { ...defaultMempoolOptions, ...options.mempool });
    this.mempool.onAvailable(() => this.#wake());
    this.#database = database;
    this.#clock = options.clock ?? now;
    this.#state = start.state;
    this.#lastCommit = start.lastCommit;
    this.#provenAppHash = start.provenAppHash;
    this.#fitMempool(start.state);
  }

  /** Opens the stores and brings the application up to date; no block is made before `run`. */
  static async open(options: LocalEngineOptions): Promise<LocalEngine> {
    refuseVoteExtensions(options.genesis);
    const database = await openDatabase(options.path);
    try {
      const stores = {
        blocks: await BlockStore.load(database),
        index: new TxIndex(database),
        blockIndex: new BlockIndex(database),
        evidence: await EvidencePool.load(database),
      };
      const { state, replayedBlocks } = await handshake(options.app, stores, options.genesis);
      if (replayedBlocks > 0)
        options.log.info(`replayed ${replayedBlocks} blocks up to height ${state.lastBlockHeight}`);
      return new LocalEngine(options, database, stores, await startAt(state, stores));
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  /** The newest block whose results, state and index are stored; 0 before the first. */
  get height(): bigint {
    return this.#state.lastBlockHeight;
  }

  get state(): EngineState {
    return this.#state;
  }

  /** A block is on its way: what can wait should. */
  get isSealing(): boolean {
    return this.#isSealing;
  }

  /** The commit that decided the newest block. */
  get lastCommit(): Commit {
    return this.#lastCommit;
  }

  /** Takes it for the next block; throws EvidenceError with the reason why not. */
  async addEvidence(evidence: AnyEvidence): Promise<Uint8Array> {
    const hash = await this.stores.evidence.add(evidence, this.#state, this.stores.blocks);
    this.#wake();
    return hash;
  }

  /** Called after each block, in order; returns how to stop listening. */
  onBlock(listener: (sealed: SealedBlock) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Makes blocks until `stop`; a failure is told once, by onHalt. */
  run(): void {
    this.#running = this.#produce().catch((error: unknown) => {
      this.#stopping = true;
      this.options.onHalt(error instanceof Error ? error : new Error(String(error)));
    });
  }

  /** The block under way is finished first. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    await this.#running;
    await this.#database.close();
  }

  async #produce(): Promise<void> {
    let due = Date.now();
    while (!this.#stopping) {
      if (!(await this.#waitUntilDue(due))) continue;
      // The next block is due one interval after this one was, so that the time a block takes does not slow the chain.
      due = Math.max(due + this.options.blockMillis, Date.now());
      this.#isSealing = true;
      await this.#sealBlock();
      this.#isSealing = false;
    }
  }

  /** False after a wait: then everything is looked at again. */
  async #waitUntilDue(due: number): Promise<boolean> {
    const wait = due - Date.now();
    if (wait > 0) await this.#sleep(wait);
    else if (this.mempool.size > 0 || !this.stores.evidence.isEmpty || this.#mustSealEmpty()) return true;
    else await this.#sleep(undefined);
    return false;
  }

  /** The first block; every block when empty ones are wanted; and one that proves a changed app hash. */
  #mustSealEmpty(): boolean {
    if (this.#state.lastBlockHeight === 0n) return true;
    if (this.options.createEmptyBlocks && this.options.blockMillis > 0) return true;
    return compareBytes(this.#state.appHash, this.#provenAppHash) !== 0;
  }

  /** For so long, or, without a time, until a transaction comes; a stop ends either. */
  async #sleep(millis: number | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = millis === undefined ? undefined : setTimeout(resolve, millis);
    this.#wake = () => {
      if (millis === undefined || this.#stopping) resolve();
    };
    if (this.#stopping) resolve();
    await promise;
    clearTimeout(timer);
    this.#wake = () => {};
  }

  async #sealBlock(): Promise<void> {
    const state = this.#state;
    this.#refuseWithoutPower(state);
    const { made, round } = await this.#propose(state);
    const commit = this.#sign(state, made, round);
    await this.stores.blocks.saveBlock(made, commit);
    const applied = await this.#apply(state, made);
    this.#lastCommit = commit;
    this.#provenAppHash = made.block.header.appHash;
    this.#report({ ...applied, commit });
  }

  /** New transactions wait from Commit on until the waiting ones are checked against the new state. */
  async #apply(state: EngineState, made: MadeBlock): Promise<AppliedBlock> {
    try {
      const applied = await applyBlock(this.options.app, this.stores, state, made, () => this.mempool.lock());
      this.#state = applied.state;
      this.#fitMempool(applied.state);
      await this.#updateMempool(applied.state.lastBlockHeight, made.block.data.txs, applied.results.txResults);
      await this.#prune(applied);
      return applied;
    } finally {
      this.mempool.unlock();
    }
  }

  /** What the application lets go of. */
  async #prune({ retainHeight }: AppliedBlock): Promise<void> {
    if (retainHeight > 0n) await this.stores.blocks.prune(retainHeight);
  }

  #fitMempool({ params, validators }: EngineState): void {
    this.mempool.fitInto(dataBytesMax(params, validators.validators.length));
  }

  /** A defect that shows while rechecking fails the recheck, loudly, and not the chain: the block is committed. */
  async #updateMempool(height: bigint, txs: readonly Uint8Array[], results: readonly ExecTxResult[]): Promise<void> {
    try {
      await this.mempool.update(height, txs, results);
    } catch (error) {
      this.options.log.error(`checking the waiting transactions again failed at height ${height}: ${reason(error)}`);
    }
  }

  #report(sealed: SealedBlock): void {
    for (const listener of this.#listeners) {
      try {
        listener(sealed);
      } catch (error) {
        this.options.log.error(`a listener failed at height ${sealed.state.lastBlockHeight}: ${reason(error)}`);
      }
    }
  }

  #signerOf(address: Uint8Array): Signer | undefined {
    return this.options.signers.find((signer) => compareBytes(signer.address, address) === 0);
  }

  #refuseWithoutPower(state: EngineState): void {
    const total = totalPower(state.validators);
    const held = state.validators.validators
      .filter(({ address }) => this.#signerOf(address) !== undefined)
      .reduce((sum, { votingPower }) => sum + votingPower, 0n);
    if (held * 3n > total * 2n) return;
    throw new Error(
      `the keys here hold ${held} of ${total} voting power at height ${nextHeight(state)}, and a block needs more than two ` +
        "thirds: this engine cannot go on alone",
    );
  }

  async #propose(state: EngineState): Promise<{ made: MadeBlock; round: number }> {
    let round = this.#firstRound(state);
    for (let attempt = 0; attempt <= proposalsWithTxsMax; attempt++) {
      round = this.#roundWithProposer(state, round);
      const made = await this.#prepare(state, round, attempt < proposalsWithTxsMax);
      if (await this.#isAccepted(state, made)) return { made, round };
      this.options.log.error(
        `the application rejected its own proposal for height ${nextHeight(state)}, round ${round}`,
      );
      round++;
    }
    throw new Error(`the application rejects even an empty block at height ${nextHeight(state)}`);
  }

  /** A block that was signed and then lost before it was stored is decided anew in a later round: nothing is signed twice. */
  #firstRound(state: EngineState): number {
    const height = nextHeight(state);
    const signed = this.options.signers.filter(({ last }) => last.height === height).map(({ last }) => last.round);
    return signed.length === 0 ? 0 : Math.max(...signed) + 1;
  }

  #roundWithProposer(state: EngineState, from: number): number {
    for (let round = from; round < from + roundsMax; round++) {
      if (this.#signerOf(proposerAt(state, round)) !== undefined) return round;
    }
    throw new Error(`no key here proposes in the next ${roundsMax} rounds of height ${nextHeight(state)}`);
  }

  async #prepare(state: EngineState, round: number, withTxs: boolean): Promise<MadeBlock> {
    const height = nextHeight(state);
    const proposer = proposerAt(state, round);
    const { params } = state;
    const evidence = this.stores.evidence.take(state);
    const bytesMax = dataBytesMax(params, state.validators.validators.length, evidence);
    const enabledAt = params.abci.voteExtensionsEnableHeight;
    if (enabledAt > 0n && enabledAt <= height) {
      throw new Error(
        `the consensus parameters were changed to ask for vote extensions from height ${enabledAt}, and the local engine has none: ` +
          "go on under CometBFT with what `weir export` writes",
      );
    }
    const waiting = withTxs ? this.mempool.reap(bytesMax, params.block.maxGas) : [];
    const txs = withTxs ? await this.#prepareTxs(state, waiting, evidence, proposer, bytesMax) : [];
    return makeBlock(state, height, txs, this.#lastCommit, proposer, evidence);
  }

  /** A defect in PrepareProposal costs the transactions their place in this block, and nobody the chain. */
  async #prepareTxs(
    state: EngineState,
    waiting: Uint8Array[],
    evidence: readonly Evidence[],
    proposerAddress: Uint8Array,
    maxTxBytes: bigint,
  ): Promise<Uint8Array[]> {
    const height = nextHeight(state);
    try {
      const { txs } = await this.options.app.prepareProposal({
        maxTxBytes,
        txs: waiting,
        localLastCommit: extendedCommitInfo(this.#lastCommit, state.lastValidators),
        misbehavior: misbehaviorOf(evidence),
        height,
        time: blockTime(state, this.#lastCommit),
        nextValidatorsHash: validatorSetHash(state.nextValidators),
        proposerAddress,
      });
      const bytes = txs.reduce((sum, tx) => sum + txBytesInBlock(tx), 0);
      if (BigInt(bytes) > maxTxBytes) throw new Error(`transaction data size exceeds maximum ${maxTxBytes}`);
      return txs;
    } catch (error) {
      this.options.log.error(`preparing block ${height} failed, it goes without transactions: ${reason(error)}`);
      return [];
    }
  }

  async #isAccepted(state: EngineState, { block, id }: MadeBlock): Promise<boolean> {
    try {
      const { status } = await this.options.app.processProposal({
        txs: block.data.txs,
        proposedLastCommit: lastCommitInfo(block, state.lastValidators),
        misbehavior: misbehaviorOf(block.evidence.evidence),
        hash: id.hash,
        height: block.header.height,
        time: block.header.time,
        nextValidatorsHash: block.header.nextValidatorsHash,
        proposerAddress: block.header.proposerAddress,
      });
      return status === ProposalStatus.ACCEPT;
    } catch (error) {
      this.options.log.error(`processing the proposal for height ${block.header.height} failed: ${reason(error)}`);
      return false;
    }
  }

  /** Every key that is here signs; the other validators are absent. A vote lies after the block it is for, by 1 ms at least. */
  #sign(state: EngineState, { block, id }: MadeBlock, round: number): Commit {
    const { chainId } = state;
    const { height } = block.header;
    const signatures = state.validators.validators.map(({ address }): CommitSig => {
      const signer = this.#signerOf(address);
      if (signer === undefined) return absent;
      const vote = {
        type: SignedMsgType.SIGNED_MSG_TYPE_PRECOMMIT,
        height,
        round,
        blockId: id,
        timestamp: laterOf(this.#clock(), addMillis(block.header.time, 1)),
      };
      const { signature, timestamp } = signer.signVote(chainId, vote);
      return { blockIdFlag: BlockIDFlag.BLOCK_ID_FLAG_COMMIT, validatorAddress: address, timestamp, signature };
    });
    return { height, round, blockId: id, signatures };
  }
}

/** At once, and not at the height where they begin: nothing is lost yet. */
function refuseVoteExtensions({ consensusParams }: GenesisDocument): void {
  const height = consensusParams.abci.voteExtensionsEnableHeight;
  if (height === 0n) return;
  throw new Error(
    `the genesis asks for vote extensions from height ${height}, and the local engine has none: set ` +
      "consensus_params.abci.vote_extensions_enable_height to 0, or run the chain under CometBFT",
  );
}

interface Start {
  readonly state: EngineState;
  readonly lastCommit: Commit;
  readonly provenAppHash: Uint8Array;
}

async function startAt(state: EngineState, { blocks }: Stores): Promise<Start> {
  const height = state.lastBlockHeight;
  if (height === 0n) return { state, lastCommit: emptyCommit, provenAppHash: new Uint8Array() };
  const lastCommit = await blocks.commit(height);
  const meta = await blocks.meta(height);
  if (lastCommit === undefined || meta === undefined) {
    throw new Error(`block ${height} or its commit is missing from data/engine.db; restore data/ from a backup`);
  }
  return { state, lastCommit, provenAppHash: meta.header.appHash };
}

const absent: CommitSig = {
  blockIdFlag: BlockIDFlag.BLOCK_ID_FLAG_ABSENT,
  validatorAddress: new Uint8Array(),
  timestamp: zeroTime,
  signature: new Uint8Array(),
};

function proposerAt({ validators }: EngineState, round: number): Uint8Array {
  return proposerOf(round === 0 ? validators : incrementPriority(validators, round)).address;
}

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));
