/**
 * The chain as an ABCI application: joins definition, committed state and signature verifier. Owns the state that lives between calls
 * (pending genesis, check state, an optimistically executed block); the engine owns when each call comes.
 */
import type * as abci from "../../proto/gen/tendermint/abci/types.ts";
import {
  type BlockResult,
  type BlockRun,
  type BlockTx,
  blockGasMeter,
  brokenInvariant,
  closeBlock,
  executeBlock,
  initGenesis,
} from "../block.ts";
import { type BlockInfo, type Context, nothingReported, type ReadContext, type Timestamp } from "../context.ts";
import { sha256 } from "../crypto/hash.ts";
import type { SignatureVerifier } from "../crypto/types.ts";
import type { DecCoins } from "../deccoins.ts";
import { type ChainDefinition, makeRegistry, type Registry } from "../definition.ts";
import { ChainError, internalError } from "../errors.ts";
import { executionContext, readContext, type Verify } from "../execution.ts";
import { unlimitedGasMeter } from "../gas.ts";
import type { Log } from "../log.ts";
import { Journal } from "../store/journal.ts";
import type { CommittedState } from "../store/types.ts";
import { isSystemTx, notFirst, proposedSystemTx, type SystemSigner } from "../systemtx.ts";
import { type Ante, refusedOutcome, runTransaction, type TxOutcome } from "../transaction.ts";
import { runAnte } from "../tx/ante.ts";
import { decodeTx } from "../tx/decode.ts";
import { furtherChecks, signatureChecks } from "../tx/prefetch.ts";
import type { DecodedTx } from "../tx/types.ts";
import { storesChangedBy } from "../upgrades.ts";
import { warmed, warmReads } from "../warmreads.ts";
import type { Application } from "./application.ts";
import { parseAppState } from "./appstate.ts";
import { BlockUpgrades } from "./blockupgrades.ts";
import { DecodedTxs } from "./decodedtxs.ts";
import { answeredHere, type LongQueries } from "./longqueries.ts";
import { type FilledProposal, fillProposal, fitsBlock, isProposalOf, trackTxs } from "./proposals.ts";
import { answerQuery, LongQuery } from "./queries.ts";
import { type BlockRequest, engineReport, type Votes } from "./requests.ts";
import {
  type BlockIdentity,
  checkTxResponse,
  execTxResult,
  requireSameValidators,
  sameBlock,
  toEvents,
  toValidatorUpdates,
} from "./responses.ts";
import { Retention } from "./retention.ts";
import { simulate } from "./simulation.ts";
import { type SnapshotStore, StateSync } from "./snapshots.ts";

export interface ChainApplicationOptions {
  readonly definition: ChainDefinition;
  readonly state: CommittedState & SnapshotStore;
  readonly verifier: SignatureVerifier;
  /** This node's own; asked for by CheckTx only. */
  readonly minGasPrices: DecCoins;
  readonly chainId: string;
  readonly version: string;
  readonly appVersion: bigint;
  readonly log: Log;
  readonly queryGasLimit: bigint;
  /** Answers what would keep a block waiting; left out, everything is answered here. */
  readonly longQueries?: LongQueries;
  /** Blocks that the engine keeps at least, the newest included; left out, it keeps all. */
  readonly minRetainBlocks?: bigint;
  /** Run every invariant after every block and halt on a broken one: for tests, simulations and devnets. */
  readonly checkInvariants: boolean;
  /** What this node proves by where it proposes; left out, its blocks have no proof. */
  readonly systemSigners?: readonly SystemSigner[];
  /** Heights at which a planned upgrade is dropped: the operator's word against the chain's, where a plan is found to be wrong. */
  readonly skipUpgradeHeights?: ReadonlySet<bigint> | undefined;
  /** Reuse what ProcessProposal executed when FinalizeBlock gets the very same block. */
  readonly optimisticExecution: boolean;
}

interface ExecutedBlock {
  readonly identity: BlockIdentity;
  readonly run: BlockRun;
  readonly result: BlockResult;
}

/** Between FinalizeBlock and Commit. */
interface FinalizedBlock {
  readonly identity: BlockIdentity;
  readonly block: BlockInfo;
  readonly response: abci.ResponseFinalizeBlock;
}

/** Transactions that hit a defect are refused from then on; so many are remembered. */
const defectiveTxsMax = 10_000;
/** Enough to keep workers busy, and few enough that most are forgotten before the garbage collector moves them. */
const txsAhead = 256;
/** Heights travel as int64; the store counts them in a number. */
const asHeight = (height: bigint): number => Number(height);
const isDecoded = (tx: BlockTx): tx is DecodedTx => !(tx instanceof Error);
/** The SDK's hash of a state that nothing was committed to. */
const genesisAppHash = sha256(new Uint8Array(0));
const epochStart: Timestamp = { seconds: 0n, nanos: 0 };
const accepted: abci.ResponseProcessProposal = { status: 1 };
const rejected: abci.ResponseProcessProposal = { status: 2 };

export class ChainApplication implements Application {
  readonly #options: ChainApplicationOptions;
  readonly #registry: Registry;
  readonly #defective = new Set<string>();
  /** Genesis writes, waiting to be committed with the first block. */
  #genesis: Journal | undefined;
  #check!: Journal;
  #lastBlock!: BlockInfo;
  readonly #ante: Ante;
  readonly #verify: Verify;
  readonly #stateSync: StateSync;
  readonly #decodedTxs: DecodedTxs;
  /** What this node last prepared, executed but for its closing hooks. */
  #prepared: FilledProposal | undefined;
  #executed: ExecutedBlock | undefined;
  #finalized: FinalizedBlock | undefined;
  readonly #retention: Retention;
  readonly #upgrades: BlockUpgrades;

  constructor(options: ChainApplicationOptions) {
    this.#options = options;
    this.#registry = makeRegistry(options.definition.modules);
    this.#decodedTxs = new DecodedTxs((bytes) => decodeTx(bytes, this.#registry));
    const { verifier, minGasPrices } = options;
    this.#verify = (check) => verifier.verify(check);
    const keepers = options.definition.ante;
    this.#ante = (ctx, tx, maxGasPerBlock) => {
      if (isSystemTx(options.definition, tx)) throw notFirst();
      for (const { typeUrl, value } of tx.messages) options.definition.refuseAtCheck?.(ctx, typeUrl, value);
      runAnte(ctx, tx, { keepers, verifier, minGasPrices, maxGasPerBlock });
    };
    this.#stateSync = new StateSync(options.state, options.log);
    this.#retention = new Retention({ minRetainBlocks: options.minRetainBlocks ?? 0n });
    this.#upgrades = new BlockUpgrades(options.definition, options.skipUpgradeHeights);
    this.#startFromState();
  }

  /** After a restart the host may know the last block's time, which the state does not hold. */
  resume(block: { readonly height: bigint; readonly time: Timestamp }): void {
    if (block.height !== this.#lastBlock.height) return;
    this.#lastBlock = { ...this.#lastBlock, time: block.time };
  }

  echo(request: abci.RequestEcho): abci.ResponseEcho {
    return { message: request.message };
  }

  flush(): abci.ResponseFlush {
    return {};
  }

  info(): abci.ResponseInfo {
    const { definition, version, appVersion, state } = this.#options;
    const lastBlockAppHash = state.height === 0 ? new Uint8Array(0) : state.appHash;
    return { data: definition.name, version, appVersion, lastBlockHeight: BigInt(state.height), lastBlockAppHash };
  }

  async query(request: abci.RequestQuery): Promise<abci.ResponseQuery> {
    const { state, version, queryGasLimit, longQueries } = this.#options;
    const host = {
      state,
      registry: this.#registry,
      version,
      queryGasLimit,
      lastBlock: () => this.#lastBlock,
      simulate: (txBytes: Uint8Array, gasMax: bigint) => this.#simulate(txBytes, gasMax),
    };
    if (longQueries === undefined) return answerQuery(host, request);
    try {
      return await answerQuery({ ...host, here: answeredHere }, request);
    } catch (error) {
      if (!(error instanceof LongQuery)) throw error;
      return longQueries.run(request, host);
    }
  }

  initChain(request: abci.RequestInitChain): abci.ResponseInitChain {
    const { chainId, state, definition } = this.#options;
    if (request.chainId !== chainId)
      throw new Error(`InitChain for chain ${request.chainId}, but this node runs ${chainId}`);
    if (state.height !== 0)
      throw new Error(`InitChain although height ${state.height} is committed; the engine's data is not this node's`);
    const journal = new Journal(state.latest);
    // As the SDK has it: what goes on from an export is told of heights that lie behind it.
    const height = request.initialHeight > 1n ? request.initialHeight : 0n;
    const block = this.#blockInfo({ height, time: request.time ?? epochStart, proposerAddress: new Uint8Array(0) });
    const run: BlockRun = {
      definition,
      ante: this.#ante,
      journal,
      block,
      report: nothingReported,
      mode: "genesis",
    };
    const validators = initGenesis(run, parseAppState(request.appStateBytes), request.consensusParams);
    const answer = toValidatorUpdates(validators);
    requireSameValidators(request.validators, answer);
    this.#haltOnBrokenInvariant(run);
    this.#genesis = journal;
    // Transactions may come before the first block: they are of the accounts of genesis.
    this.#check = new Journal(state.latest, journal);
    return {
      consensusParams: undefined,
      validators: answer,
      appHash: genesisAppHash,
    };
  }

  checkTx(request: abci.RequestCheckTx): abci.ResponseCheckTx {
    const mode = request.type === 1 ? "recheck" : "check";
    if (this.#isDefective(request.tx)) return checkTxResponse(refusedOutcome(internalError()));
    try {
      const tx = this.#decodedTxs.remember(request.tx);
      const surroundings = {
        journal: this.#check,
        block: this.#lastBlock,
        mode,
        maxGasPerBlock: this.#maxGasPerBlock(),
        blockGas: undefined,
      } as const;
      const outcome = runTransaction(tx, this.#ante, surroundings);
      this.#check.settle();
      if (outcome.code === 0 && mode === "check") this.#verifyFurther(tx);
      return checkTxResponse(outcome);
    } catch (error) {
      if (error instanceof ChainError) return checkTxResponse(refusedOutcome(error));
      this.#rememberDefect(request.tx, error, "CheckTx");
      return checkTxResponse(refusedOutcome(internalError()));
    }
  }

  /** Signature work of transactions that are about to be checked. */
  expect(txs: readonly Uint8Array[]): void {
    if (this.#options.verifier.prefetch === undefined) return;
    const decoded = txs.map((bytes) => this.#decode(bytes, true));
    warmReads(this.#options.state.latest, decoded);
    this.#prefetch(decoded.filter(isDecoded), true);
  }

  prepareProposal(request: abci.RequestPrepareProposal): abci.ResponsePrepareProposal {
    if (this.#upgrades.isDue(this.#committed(), request.height)) return { txs: [] };
    const run = this.#newRun(request, request.localLastCommit);
    const candidates = request.txs
      .filter((bytes) => !this.#isDefective(bytes))
      .map((bytes) => this.#decode(bytes))
      .filter((tx): tx is DecodedTx => !(tx instanceof Error) && !isSystemTx(this.#options.definition, tx));
    const onDefect = (tx: DecodedTx, error: unknown) => this.#rememberDefect(tx.bytes, error, "PrepareProposal");
    const { definition, systemSigners = [] } = this.#options;
    const ownTx = (ctx: ReadContext) => proposedSystemTx(definition, this.#registry, ctx, systemSigners);
    const filled = fillProposal(run, candidates, request.maxTxBytes, onDefect, ownTx);
    this.#prepared = this.#options.optimisticExecution ? filled : undefined;
    return { txs: filled.txs.map(({ bytes }) => bytes) };
  }

  /** Executes the whole block on scratch state: what would halt or be refused in FinalizeBlock is rejected here. */
  processProposal(request: abci.RequestProcessProposal): abci.ResponseProcessProposal {
    this.#executed = undefined;
    const prepared = this.#prepared;
    this.#prepared = undefined;
    let current: Uint8Array | undefined;
    if (this.#upgrades.isDue(this.#committed(), request.height)) return request.txs.length === 0 ? accepted : rejected;
    try {
      const fresh = this.#newRun(request, request.proposedLastCommit);
      const isOwn = prepared !== undefined && isProposalOf(prepared, fresh, request.txs);
      const decoded = isOwn ? prepared.txs : this.#decodedAll(request.txs);
      if (decoded === undefined || !fitsBlock(fresh, decoded)) return rejected;
      const run = isOwn ? prepared.run : fresh;
      const result = isOwn
        ? closeBlock(run, prepared.open)
        : executeBlock(
            run,
            trackTxs(warmed(run.journal, decoded), (bytes) => (current = bytes)),
          );
      if (result.outcomes.some((outcome) => outcome.refusedByAnte)) return rejected;
      if (this.#options.checkInvariants && brokenInvariant(run.definition, run) !== undefined) return rejected;
      if (this.#options.optimisticExecution) this.#executed = { identity: request, run, result };
      return accepted;
    } catch (error) {
      this.#rememberDefect(current, error, "ProcessProposal");
      return rejected;
    }
  }

  extendVote(): abci.ResponseExtendVote {
    return { voteExtension: new Uint8Array(0) };
  }

  verifyVoteExtension(request: abci.RequestVerifyVoteExtension): abci.ResponseVerifyVoteExtension {
    return { status: request.voteExtension.length === 0 ? 1 : 2 };
  }

  finalizeBlock(request: abci.RequestFinalizeBlock): abci.ResponseFinalizeBlock {
    const finalized = this.#finalized;
    // An engine that was started again asks once more for the block that it saw no Commit of.
    if (finalized !== undefined && sameBlock(finalized.identity, request)) return finalized.response;
    const { run, result } = this.#reuseOrExecute(request);
    this.#haltOnBrokenInvariant(run);
    const stores = storesChangedBy(run.upgrade);
    const appHash = this.#options.state.apply(asHeight(request.height), run.journal.changes(), stores);
    this.#genesis = undefined;
    this.#executed = undefined;
    this.#prepared = undefined;
    const response = {
      events: toEvents(result.events),
      txResults: result.outcomes.map(execTxResult),
      validatorUpdates: toValidatorUpdates(result.validatorUpdates),
      consensusParamUpdates: result.consensusParams,
      appHash,
    };
    this.#finalized = { identity: request, block: run.block, response };
    return response;
  }

  commit(): abci.ResponseCommit {
    if (this.#finalized === undefined) throw new Error("Commit without a finalized block");
    this.#options.state.commit();
    this.#lastBlock = this.#finalized.block;
    this.#finalized = undefined;
    this.#check = new Journal(this.#options.state.latest);
    const { height, time } = this.#lastBlock;
    const { evidence } = this.#options.definition.consensusParams.get(this.#checkContext()) ?? {};
    const { oldestCheckpoint } = this.#options.state;
    return { retainHeight: this.#retention.retainHeight(height, time, evidence, oldestCheckpoint) };
  }

  listSnapshots(): abci.ResponseListSnapshots {
    return this.#stateSync.list();
  }

  offerSnapshot(request: abci.RequestOfferSnapshot): abci.ResponseOfferSnapshot {
    return this.#stateSync.offer(request);
  }

  loadSnapshotChunk(request: abci.RequestLoadSnapshotChunk): abci.ResponseLoadSnapshotChunk {
    return this.#stateSync.load(request);
  }

  async applySnapshotChunk(request: abci.RequestApplySnapshotChunk): Promise<abci.ResponseApplySnapshotChunk> {
    const answer = await this.#stateSync.apply(request);
    if (BigInt(this.#options.state.height) !== this.#lastBlock.height) this.#startFromState();
    return answer;
  }

  /** What is known between calls, from the committed state alone: at start and after a restore. */
  #startFromState(): void {
    const { state } = this.#options;
    this.#genesis = undefined;
    this.#executed = undefined;
    this.#prepared = undefined;
    this.#check = new Journal(state.latest);
    this.#lastBlock = this.#blockInfo({
      height: BigInt(state.height),
      time: epochStart,
      proposerAddress: new Uint8Array(0),
    });
    this.#upgrades.check(this.#committed(), state.storeNames);
  }

  /** What nothing is written to: the newest committed state, genesis before the first block. */
  #committed(): ReadContext {
    return readContext(new Journal(this.#options.state.latest, this.#genesis), this.#lastBlock, unlimitedGasMeter());
  }

  #blockInfo({ height, time, proposerAddress }: Omit<BlockInfo, "chainId">): BlockInfo {
    return { chainId: this.#options.chainId, height, time, proposerAddress };
  }

  #newRun(request: BlockRequest, lastCommit: Votes | undefined, isDecided = false): BlockRun {
    const block = this.#blockInfo({
      height: request.height,
      time: request.time ?? epochStart,
      proposerAddress: request.proposerAddress,
    });
    const { nextValidatorsHash, misbehavior } = request;
    const { state, definition } = this.#options;
    const { step, base } = isDecided
      ? this.#upgrades.begin(this.#committed(), state.latest, request.height)
      : { step: undefined, base: state.latest };
    // A first block may be executed many times before one is final, so genesis is layered under it, not shared.
    const journal = new Journal(base, this.#genesis);
    const appHash = state.height === 0 ? genesisAppHash : state.appHash;
    const report = engineReport(lastCommit, misbehavior, { nextValidatorsHash, appHash });
    const info: BlockInfo = step === undefined ? block : { ...block, isUpgrade: true };
    const common = { definition, ante: this.#ante, journal, block: info, report, verify: this.#verify };
    return { ...common, mode: "finalize", upgrade: step };
  }

  #reuseOrExecute(request: abci.RequestFinalizeBlock): ExecutedBlock {
    const executed = this.#executed;
    if (executed !== undefined && sameBlock(executed.identity, request)) return executed;
    const run = this.#newRun(request, request.decidedLastCommit, true);
    return { identity: request, run, result: executeBlock(run, this.#decoded(run, request.txs)) };
  }

  /** Of the newest committed state: what CheckTx and simulation go by. */
  #maxGasPerBlock(): bigint | undefined {
    return blockGasMeter(this.#options.definition.consensusParams.get(this.#checkContext()))?.limit;
  }

  #checkContext(): Context {
    return executionContext(this.#check, this.#lastBlock, "query", unlimitedGasMeter());
  }

  /** Starts the signature work of a batch before its transactions run one by one, be it with others between them. */
  #prefetch(txs: readonly DecodedTx[], isBeside = false): void {
    const { definition, verifier, chainId } = this.#options;
    if (verifier.prefetch === undefined) return;
    const ctx = this.#committed();
    const account = (address: Uint8Array) => definition.ante.accounts.account(ctx, address);
    const checks = signatureChecks(txs, { chainId, isGenesis: false, account, ctx });
    (isBeside ? verifier.prefetchBeside : verifier.prefetch)?.call(verifier, checks);
  }

  /** A bad one is no reason to refuse: its message says what becomes of it. Good ones are known when the block comes. */
  #verifyFurther(tx: DecodedTx): void {
    const ctx = readContext(this.#check, this.#lastBlock, unlimitedGasMeter());
    for (const check of furtherChecks(tx, ctx)) this.#options.verifier.verify(check);
  }

  /** One by one, so that each can be forgotten after it ran. */
  #decoded(run: BlockRun, txs: readonly Uint8Array[]): Iterable<BlockTx> {
    const { verifier } = this.#options;
    const decoded = txs.values().map((bytes) => this.#decode(bytes));
    if (verifier.prefetchMore === undefined) return warmed(run.journal, decoded);
    verifier.prefetch?.([]);
    return warmed(run.journal, this.#decodedAhead(run, txs, verifier.prefetchMore.bind(verifier)));
  }

  /** Some way ahead of execution, where workers may begin on the signatures. What is read for it execution need not read again. */
  *#decodedAhead(
    run: BlockRun,
    txs: readonly Uint8Array[],
    prefetchMore: NonNullable<SignatureVerifier["prefetchMore"]>,
  ): Iterable<BlockTx> {
    const { definition, chainId } = this.#options;
    const ctx = readContext(run.journal, run.block, unlimitedGasMeter());
    const account = (address: Uint8Array) => definition.ante.accounts.account(ctx, address);
    let ahead: readonly BlockTx[] = [];
    for (let start = 0; start < txs.length; start += txsAhead) {
      const next = txs.slice(start, start + txsAhead).map((bytes) => this.#decode(bytes));
      const good = next.filter(isDecoded);
      warmReads(run.journal, good);
      prefetchMore(signatureChecks(good, { chainId, isGenesis: false, account, ctx }));
      yield* ahead;
      ahead = next;
    }
    yield* ahead;
  }

  /** Of a proposal; undefined when one of them cannot be decoded. */
  #decodedAll(txs: readonly Uint8Array[]): readonly DecodedTx[] | undefined {
    const decoded = txs.map((bytes) => this.#decode(bytes));
    if (decoded.some((tx) => tx instanceof Error)) return undefined;
    this.#prefetch(decoded as DecodedTx[]);
    return decoded as DecodedTx[];
  }

  #decode(bytes: Uint8Array, isAskedAgain = false): BlockTx {
    try {
      return isAskedAgain ? this.#decodedTxs.remember(bytes) : this.#decodedTxs.take(bytes);
    } catch (error) {
      if (error instanceof ChainError) return error;
      throw error;
    }
  }

  #simulate(txBytes: Uint8Array, gasMax: bigint): TxOutcome {
    return simulate(txBytes, {
      journal: this.#check,
      block: this.#lastBlock,
      registry: this.#registry,
      ante: this.#ante,
      gasMax,
      maxGasPerBlock: this.#maxGasPerBlock(),
    });
  }

  #haltOnBrokenInvariant(run: BlockRun): void {
    if (!this.#options.checkInvariants) return;
    const broken = brokenInvariant(run.definition, run);
    if (broken !== undefined) throw new Error(`invariant broken at height ${run.block.height}: ${broken}`);
  }

  #isDefective(txBytes: Uint8Array): boolean {
    return this.#defective.size > 0 && this.#defective.has(Buffer.from(sha256(txBytes)).toString("hex"));
  }

  #rememberDefect(txBytes: Uint8Array | undefined, error: unknown, where: string): void {
    const hash = txBytes === undefined ? undefined : Buffer.from(sha256(txBytes)).toString("hex");
    if (hash !== undefined && this.#defective.size < defectiveTxsMax) this.#defective.add(hash);
    const stack = error instanceof Error ? error.stack : String(error);
    this.#options.log.error(`${where} hit a defect; please report it`, { tx: hash, stack });
  }
}
