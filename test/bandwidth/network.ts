/**
 * A network of relays and oracles on the real state machine, driven in process, epoch by epoch, by signed transactions: relays register, oracles
 * read and commit, readings are submitted, and the chain does what it does. Owns time, and who says what when; how anybody behaves is actors.ts.
 * A laboratory brings actors and transactions of its own, and looks at the state between blocks and epochs.
 */
import { accountAddress } from "../../chain/address.ts";
import type { GeneratedMessage } from "../../chain/codec.ts";
import type { ReadContext, Timestamp } from "../../chain/context.ts";
import type { KeyPair } from "../../chain/crypto/sign.ts";
import { decToProto } from "../../chain/dec.ts";
import type { ChainDefinition } from "../../chain/definition.ts";
import { transportPossessionInput } from "../../modules/attestation/keys.ts";
import type { Params } from "../../modules/attestation/params.ts";
import { currentEpoch } from "../../modules/beacon/index.ts";
import { weir } from "../../modules/index.ts";
import type { Params as RewardsParams } from "../../modules/rewards/params.ts";
import { TxMsgData } from "../../proto/gen/cosmos/base/abci/v1beta1/abci.ts";
import type { ExecTxResult, ResponseFinalizeBlock } from "../../proto/gen/tendermint/abci/types.ts";
import {
  AttestationKind,
  type AttestationRange,
  type ItemResult,
} from "../../proto/gen/weir/attestation/v1/readings.ts";
import { ExitKind } from "../../proto/gen/weir/attestation/v1/state.ts";
import * as tx from "../../proto/gen/weir/attestation/v1/tx.ts";
import { testValidator } from "../helpers/provingchain.ts";
import { chainId, type TestAccount, TestApplication, testAccount } from "../helpers/testapplication.ts";
import { queryContext, said } from "../simulation/world.ts";
import type { OracleSpec, RelaySpec } from "./actors.ts";
import { bondOfRelay, networkGenesis, operatorOf, relayTerms, vrfSecretOf } from "./genesis.ts";
import { type Contradiction, type Observed, type OracleReadings, readEpoch } from "./measuring.ts";
import { rangeOf, realSigning, type Signing } from "./readings.ts";

export interface NetworkOptions {
  readonly relays: readonly RelaySpec[];
  readonly oracles: readonly OracleSpec[];
  /** Of an epoch, 5 s apart; pages of sweeps need a block each. */
  readonly blocksPerEpoch?: number;
  readonly params?: Partial<Params>;
  readonly rewards?: Partial<RewardsParams>;
  readonly signing?: Signing;
  readonly areRelaysInGenesis?: boolean;
  /** Of relays in genesis, as protobuf has decimals. */
  readonly relayReputation?: string;
  /** After every block; a run of a year does without. */
  readonly checkInvariants?: boolean;
  /** Whose readings one transaction submits. */
  readonly relaysPerTx?: number;
  readonly definition?: ChainDefinition;
  /** Epochs of which notes can be asked for, to compare with. */
  readonly notesKept?: bigint;
}

export interface RelayActor {
  readonly spec: RelaySpec;
  readonly id: bigint;
  readonly account: TestAccount;
  readonly key: KeyPair;
}

export interface OracleActor {
  readonly spec: OracleSpec;
  readonly id: bigint;
  readonly account: TestAccount;
  readonly key: KeyPair;
  readonly vrfSecret: Uint8Array;
}

/** What an epoch was when it was measured, for whoever settles it again. */
export interface EpochNote {
  readonly number: bigint;
  readonly openTime: Timestamp;
  /** As far as oracles could see them. */
  readonly claims: ReadonlyMap<bigint, bigint>;
  readonly readings: ReadonlyMap<bigint, OracleReadings>;
}

interface Part {
  readonly from: number;
  readonly until: number;
  readonly epoch: bigint;
  readonly oracle: bigint;
}

/** What went over the wire and what became of it. */
export interface Traffic {
  transactions: number;
  bytes: number;
  attestations: number;
  refused: number;
}

const secondsPerBlock = 5n;
const gasLimit = 400_000_000n;
const fee = { amount: [], gasLimit };
/** Sealed after an epoch opened: its seed is known, the slots of the one before too. */
const submittingBlock = 4;

export class Network implements Observed {
  readonly chain: TestApplication;
  readonly oracles: readonly OracleActor[];
  readonly relays: readonly RelayActor[];
  readonly signing: Signing;
  readonly traffic: Traffic = { transactions: 0, bytes: 0, attestations: 0, refused: 0 };
  /** What became of attestations that were not taken, by the reason. */
  readonly refusals = new Map<string, number>();
  readonly #blocksPerEpoch: number;
  readonly #relaysPerTx: number;
  readonly #notesKept: bigint;
  readonly #accounts: ReadonlyMap<string, TestAccount>;
  /** The last ones: what was committed and is to be submitted, or to be compared with. */
  readonly notes = new Map<bigint, EpochNote>();
  #queue: Uint8Array[] = [];
  #beforeBlock: () => void = () => {};
  #onBlock: (answer: ResponseFinalizeBlock) => void = () => {};

  private constructor(chain: TestApplication, options: NetworkOptions, accounts: ReadonlyMap<string, TestAccount>) {
    this.chain = chain;
    this.signing = options.signing ?? realSigning;
    this.#accounts = accounts;
    this.#blocksPerEpoch = options.blocksPerEpoch ?? 12;
    this.#notesKept = options.notesKept ?? 2n;
    this.#relaysPerTx = options.relaysPerTx ?? 40;
    const actorOf = <S extends { readonly name: string; readonly operator?: string }>(spec: S, index: number) => ({
      spec,
      id: BigInt(index + 1),
      account: accounts.get(operatorOf(spec))!,
      key: this.signing.keyOf(spec.name),
    });
    this.relays = options.relays.map(actorOf);
    this.oracles = options.oracles.map((spec, index) => ({
      ...actorOf(spec, index),
      vrfSecret: vrfSecretOf(spec.name),
    }));
  }

  static async start(options: NetworkOptions): Promise<Network> {
    const { relays, oracles, signing = realSigning, blocksPerEpoch = 12 } = options;
    const operators = [...new Set([...oracles, ...relays].map(operatorOf))];
    const accounts = new Map(operators.map((name, index) => [name, testAccount(index)] as const));
    const genesis = networkGenesis(
      {
        relays,
        oracles,
        epochSeconds: BigInt(blocksPerEpoch) * secondsPerBlock,
        areRelaysInGenesis: options.areRelaysInGenesis ?? false,
        relayReputation: options.relayReputation,
        params: options.params ?? {},
        rewards: options.rewards ?? {},
        accountOf: (name) => accounts.get(name)!,
        keyOf: signing.keyOf,
      },
      [...accounts.values()],
    );
    const chain = await TestApplication.start({
      accounts: 0,
      appState: genesis,
      verifier: signing.verifier(),
      systemSigners: [testValidator(0).signer],
      checkInvariants: options.checkInvariants ?? true,
      ...(options.definition === undefined ? {} : { definition: options.definition }),
    });
    chain.proposerAddress = testValidator(0).address;
    return new Network(chain, options, accounts);
  }

  /** Of the newest committed state. */
  get context(): ReadContext {
    return queryContext(this.chain);
  }

  /** What a query answers, of the newest committed state; through the wire and back, as a client sees it. */
  ask<R>(path: string, request: object): R {
    const handler = weir.modules.find(({ queries }) => queries[path] !== undefined)?.queries[path];
    if (handler === undefined) throw new Error(`no module answers ${path}`);
    const answer = handler.run(this.context, handler.request.fromPartial(request));
    return handler.response.decode(handler.response.encode(answer));
  }

  get epoch(): bigint {
    return currentEpoch(this.context)?.number ?? 0n;
  }

  relayOf(id: bigint): RelayActor | undefined {
    return this.relays[Number(id) - 1];
  }

  accountOf(operator: string): TestAccount {
    const account = this.#accounts.get(operator);
    if (account === undefined) throw new Error(`nobody is called ${operator}`);
    return account;
  }

  /** Called with what each block came to. */
  onBlock(listener: (answer: ResponseFinalizeBlock) => void): void {
    this.#onBlock = listener;
  }

  /** Called when the transactions of a block are there and it is about to be made. */
  beforeBlock(listener: () => void): void {
    this.#beforeBlock = listener;
  }

  // ------------------------------------------------------------------------------------------------------------- saying

  /** Signs a message; it stands in the next block. */
  say<M>(account: TestAccount, message: GeneratedMessage<M>, value: M): void {
    const bytes = this.chain.sign(account, { messages: [said(message, value)] }, fee);
    this.traffic.transactions++;
    this.traffic.bytes += bytes.length;
    this.#queue.push(bytes);
  }

  /** Of what is refused the test must know: it throws otherwise. */
  block(mayFail = false): ResponseFinalizeBlock {
    const txs = this.#queue;
    this.#queue = [];
    this.#beforeBlock();
    const proofs = this.chain.prepare([]);
    const answer = this.chain.seal([...proofs, ...txs]);
    for (const { code, log } of mayFail ? [] : answer.txResults) {
      if (code !== 0) throw new Error(`block ${this.chain.height}: ${log}`);
    }
    for (const result of answer.txResults) this.#countItems(result);
    this.#onBlock(answer);
    return answer;
  }

  #countItems({ code, data }: ExecTxResult): void {
    if (code !== 0) return;
    for (const { typeUrl, value } of TxMsgData.decode(data).msgResponses) {
      if (typeUrl !== "/weir.attestation.v1.MsgSubmitAttestationsResponse") continue;
      for (const item of tx.MsgSubmitAttestationsResponse.decode(value).results) this.#countItem(item);
    }
  }

  #countItem({ code, text }: ItemResult): void {
    this.traffic.attestations++;
    if (code === 0) return;
    this.traffic.refused++;
    this.refusals.set(text, (this.refusals.get(text) ?? 0) + 1);
  }

  // -------------------------------------------------------------------------------------------------------- registering

  register({ spec, id, account, key }: RelayActor): void {
    const terms = relayTerms(spec, id, key.publicKey);
    const possession = this.signing.sign(
      key,
      transportPossessionInput(chainId, accountAddress.decode(account.address)),
    );
    const commission = spec.commission ?? decToProto(0n);
    this.say(
      account,
      tx.MsgRegisterRelay,
      tx.MsgRegisterRelay.fromPartial({
        operator: account.address,
        moniker: spec.name,
        endpoints: terms.endpoints,
        transportKey: { publicKey: key.publicKey, possession },
        claimedBps: spec.claimBps,
        rttMicros: terms.rttMicros,
        cell: terms.cell,
        exitPolicy: { kind: ExitKind.EXIT_KIND_WEB, ports: [] },
        payout: tx.Payout.PAYOUT_STABLE,
        notice: spec.givesNotice ? tx.Notice.NOTICE_LONG : tx.Notice.NOTICE_NONE,
        commissionRate: commission,
        commissionRateMax: commission,
        commissionChangeMax: decToProto(0n),
        bond: `${bondOfRelay(spec)}`,
      }),
    );
  }

  registerAll(): void {
    for (const relay of this.relays) this.register(relay);
  }

  // ----------------------------------------------------------------------------------------------------------- measuring

  /** Oracles read what they are assigned in the epoch that is open, and commit to it. To be done in its last blocks. */
  commit(): void {
    const { epoch } = this;
    const note = readEpoch(this);
    const { readings } = note;
    this.notes.set(epoch, note);
    for (const { id, account } of this.oracles) {
      const found = readings.get(id);
      if (found === undefined) continue;
      const { root, count } = found.tree;
      const value = { operator: account.address, oracle: id, epoch, root, count };
      this.say(account, tx.MsgCommitReadings, tx.MsgCommitReadings.fromPartial(value));
      const [lie] = found.contradictions;
      if (lie !== undefined) this.#report(id, epoch, lie);
    }
  }

  /** Whoever is handed two readings shows them; here it is the first relay's operator. */
  #report(oracle: bigint, epoch: bigint, { first, second }: Contradiction): void {
    const { account } = this.relays[0]!;
    const value = { reporter: account.address, oracle, epoch, first, second };
    this.say(account, tx.MsgReportEquivocation, tx.MsgReportEquivocation.fromPartial(value));
  }

  readingsOf(epoch: bigint, oracle: bigint): OracleReadings | undefined {
    return this.notes.get(epoch)?.readings.get(oracle);
  }

  /** Operators of relays submit what was read of them and their neighbours in the epoch before: each oracle's readings of these are one range. */
  submit(): void {
    const epoch = this.epoch - 1n;
    const { readings } = this.notes.get(epoch) ?? { readings: new Map<bigint, OracleReadings>() };
    const next = new Map<bigint, number>([...readings.keys()].map((oracle) => [oracle, 0]));
    for (let first = 0; first < this.relays.length; first += this.#relaysPerTx) {
      const last = this.relays[Math.min(first + this.#relaysPerTx, this.relays.length) - 1]!;
      const ranges = [...readings].flatMap(([oracle, found]) => {
        const from = next.get(oracle)!;
        const rest = found.attestations.findIndex(({ relay }, index) => index >= from && relay > last.id);
        const until = rest === -1 ? found.attestations.length : rest;
        next.set(oracle, until);
        return until === from ? [] : [this.#range(found, { from, until, epoch, oracle })];
      });
      if (ranges.length > 0) this.submitRanges(last.account, ranges);
    }
    this.notes.delete(epoch - this.#notesKept);
  }

  #range(found: OracleReadings, { from, until, epoch, oracle }: Part): AttestationRange {
    const isCovert = found.attestations
      .slice(from, until)
      .some(({ kind }) => kind === AttestationKind.ATTESTATION_KIND_COVERT);
    const vrfProof = isCovert ? found.vrfProof : undefined;
    return rangeOf(found, { first: from, length: until - from }, { epoch, oracle, vrfProof });
  }

  submitRanges(account: TestAccount, ranges: readonly AttestationRange[]): void {
    const value = { submitter: account.address, ranges: [...ranges] };
    this.say(account, tx.MsgSubmitAttestations, tx.MsgSubmitAttestations.fromPartial(value));
  }

  // ------------------------------------------------------------------------------------------------------------------ time

  /** From the block after an epoch's first to the first of the next: submits what the last epoch read, commits to what this one reads. */
  runEpoch(): void {
    const { epoch } = this;
    const opened = Number(this.chain.height);
    const last = opened + this.#blocksPerEpoch - 1;
    for (let height = opened + 1; height <= last; height++) {
      if (height === opened + submittingBlock && epoch > 0n) this.submit();
      if (height === last) this.commit();
      this.block();
    }
    this.block();
    if (this.epoch !== epoch + 1n) throw new Error(`epoch ${epoch} is open still at height ${this.chain.height}`);
  }

  runEpochs(count: number): void {
    for (let i = 0; i < count; i++) this.runEpoch();
  }
}
