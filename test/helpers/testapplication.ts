/** A whole application over memory, with funded accounts that sign: for tests that need blocks. Invariants run after every block. */
import { ChainApplication, type ChainApplicationOptions } from "../../chain/abci/chainapplication.ts";
import { accountAddress } from "../../chain/address.ts";
import type { GeneratedMessage } from "../../chain/codec.ts";
import { messageCodec } from "../../chain/codec.ts";
import type { Timestamp } from "../../chain/context.ts";
import { secp256k1Address, sha256 } from "../../chain/crypto/hash.ts";
import { secp256k1KeyPair, sign } from "../../chain/crypto/sign.ts";
import { inlineVerifier } from "../../chain/crypto/verifier.ts";
import { type ChainDefinition, makeRegistry } from "../../chain/definition.ts";
import { silentLog } from "../../chain/log.ts";
import { MultiStore, type MultiStoreOptions } from "../../chain/store/multistore.ts";
import { type FeeToPay, signTx, type TxContents, unsignedForSimulation } from "../../chain/tx/build.ts";
import { weir } from "../../modules/index.ts";
import { MsgSend } from "../../proto/gen/cosmos/bank/v1beta1/tx.ts";
import type {
  Misbehavior,
  ResponseFinalizeBlock,
  ValidatorUpdate,
  VoteInfo,
} from "../../proto/gen/tendermint/abci/types.ts";
import type { ConsensusParams } from "../../proto/gen/tendermint/types/params.ts";

export const chainId = "test-1";
export const denom = "uweir";
export const startBalance = 1_000_000_000n;

export interface TestAccount {
  readonly address: string;
  readonly accountNumber: bigint;
  readonly keys: ReturnType<typeof secp256k1KeyPair>;
  sequence: bigint;
}

export function testAccount(index: number): TestAccount {
  const keys = secp256k1KeyPair(sha256(Buffer.from(`test account ${index}`)));
  return {
    address: accountAddress.encode(secp256k1Address(keys.publicKey)),
    accountNumber: BigInt(index),
    keys,
    sequence: 0n,
  };
}

export interface TestApplicationOptions extends Partial<ChainApplicationOptions> {
  readonly accounts?: number;
  /** How the state is kept; in memory when left out. */
  readonly store?: Partial<MultiStoreOptions>;
  /** Replaces modules' parts of genesis. */
  readonly appState?: Readonly<Record<string, unknown>>;
  readonly definition?: ChainDefinition;
  readonly consensusParams?: ConsensusParams;
  /** Of the first block, where a chain goes on from an export. */
  readonly initialHeight?: bigint;
  readonly genesisTime?: Timestamp;
  /** Of each block, the first one too. */
  readonly onSealed?: (sealed: SealedTestBlock) => void;
}

export interface SealedTestBlock {
  readonly height: bigint;
  readonly time: Timestamp;
  readonly txs: readonly Uint8Array[];
  readonly answer: ResponseFinalizeBlock;
}

const defaultGenesisTime: Timestamp = { seconds: 1_700_000_000n, nanos: 0 };

export interface SendTerms {
  readonly amount?: bigint;
  readonly sequence?: bigint;
  readonly gas?: bigint;
  readonly fee?: bigint;
  readonly memo?: string;
  readonly timeoutHeight?: bigint;
}

function appStateOf(definition: ChainDefinition, accounts: readonly TestAccount[]): Record<string, unknown> {
  const defaults = (name: string) => {
    const { genesis } = definition.modules.find((module) => module.name === name)!;
    return genesis.toJson(genesis.default()) as object;
  };
  const authAccounts = accounts.map(({ address, accountNumber }) => ({
    "@type": "/cosmos.auth.v1beta1.BaseAccount",
    address,
    pub_key: null,
    account_number: String(accountNumber),
    sequence: "0",
  }));
  const balances = accounts.map(({ address }) => ({ address, coins: [{ denom, amount: String(startBalance) }] }));
  return { auth: { ...defaults("auth"), accounts: authAccounts }, bank: { ...defaults("bank"), balances } };
}

export class TestApplication {
  readonly accounts: readonly TestAccount[];
  readonly state: MultiStore;
  readonly application: ChainApplication;
  height: bigint;
  /** What genesis, and what the last block, asked of the engine. */
  readonly genesisValidators: readonly ValidatorUpdate[];
  lastUpdates: readonly ValidatorUpdate[] = [];
  /** What the engine tells of the next blocks, until a test says otherwise. */
  lastVotes: VoteInfo[] = [];
  misbehavior: Misbehavior[] = [];
  proposerAddress: Uint8Array = new Uint8Array(20).fill(9);
  /** By how much the clock is ahead of 5 s a block. */
  secondsSkipped = 0n;

  readonly #onSealed: TestApplicationOptions["onSealed"];
  readonly #initialHeight: bigint;
  readonly #genesisTime: Timestamp;
  #lastTime: Timestamp;

  private constructor(
    accounts: readonly TestAccount[],
    state: MultiStore,
    application: ChainApplication,
    genesisValidators: readonly ValidatorUpdate[],
    { initialHeight = 1n, genesisTime = defaultGenesisTime, onSealed }: TestApplicationOptions,
  ) {
    this.#onSealed = onSealed;
    this.accounts = accounts;
    this.state = state;
    this.application = application;
    this.genesisValidators = genesisValidators;
    this.#initialHeight = initialHeight;
    this.#genesisTime = genesisTime;
    this.#lastTime = genesisTime;
    this.height = initialHeight - 1n;
  }

  static async start(options: TestApplicationOptions = {}): Promise<TestApplication> {
    const definition = options.definition ?? weir;
    const accounts = Array.from({ length: options.accounts ?? 4 }, (_, index) => testAccount(index));
    const state = await MultiStore.open({
      ...options.store,
      storeNames: makeRegistry(definition.modules).storeNames,
    });
    const application = new ChainApplication({
      state,
      definition,
      verifier: inlineVerifier(),
      minGasPrices: [],
      chainId,
      version: "test",
      appVersion: 1n,
      log: silentLog,
      queryGasLimit: 0n,
      checkInvariants: true,
      optimisticExecution: true,
      ...options,
    });
    const { validators } = application.initChain({
      time: options.genesisTime ?? defaultGenesisTime,
      chainId,
      consensusParams: options.consensusParams,
      validators: [],
      appStateBytes: Buffer.from(JSON.stringify({ ...appStateOf(definition, accounts), ...options.appState })),
      initialHeight: options.initialHeight ?? 1n,
    });
    const test = new TestApplication(accounts, state, application, validators, options);
    test.seal([]);
    return test;
  }

  /** The parts of a request that name the next block. */
  nextBlock() {
    const height = this.height + 1n;
    const time = this.#timeOf(height);
    const hash = sha256(Buffer.from(`block ${height}`));
    const { misbehavior, proposerAddress } = this;
    return { height, time, hash, proposerAddress, misbehavior, nextValidatorsHash: new Uint8Array(32) };
  }

  /** The one that was sealed last. */
  lastBlock() {
    return { height: this.height, time: this.#lastTime };
  }

  #timeOf(height: bigint): Timestamp {
    const { seconds, nanos } = this.#genesisTime;
    return { seconds: seconds + 5n * (height - this.#initialHeight + 1n) + this.secondsSkipped, nanos };
  }

  finalize(txs: Uint8Array[]): ResponseFinalizeBlock {
    const decidedLastCommit = { round: 0, votes: this.lastVotes };
    return this.application.finalizeBlock({ ...this.nextBlock(), txs, decidedLastCommit });
  }

  seal(txs: Uint8Array[]): ResponseFinalizeBlock {
    const { time } = this.nextBlock();
    const answer = this.finalize(txs);
    this.application.commit();
    this.#lastTime = time;
    this.height++;
    this.lastUpdates = answer.validatorUpdates;
    this.#onSealed?.({ height: this.height, time, txs, answer });
    return answer;
  }

  process(txs: Uint8Array[], hash = this.nextBlock().hash) {
    const proposedLastCommit = { round: 0, votes: this.lastVotes };
    return this.application.processProposal({ ...this.nextBlock(), txs, hash, proposedLastCommit }).status === 1;
  }

  prepare(txs: Uint8Array[], maxTxBytes = 1_000_000n) {
    const unextended = { voteExtension: new Uint8Array(0), extensionSignature: new Uint8Array(0) };
    const votes = this.lastVotes.map((vote) => ({ ...vote, ...unextended }));
    const localLastCommit = { round: 0, votes };
    return this.application.prepareProposal({ ...this.nextBlock(), txs, maxTxBytes, localLastCommit }).txs;
  }

  check(tx: Uint8Array, isRecheck = false) {
    return this.application.checkTx({ tx, type: isRecheck ? 1 : 0 });
  }

  /** Signs with the sequence that the account counts, and counts on. */
  sign(signer: TestAccount, contents: TxContents, fee: FeeToPay, sequence = signer.sequence++): Uint8Array {
    const { keys, accountNumber } = signer;
    const publicKey = { scheme: "secp256k1", key: keys.publicKey } as const;
    return signTx(contents, fee, [
      { chainId, accountNumber, sequence, publicKey, sign: (message) => sign(keys, message) },
    ]);
  }

  send(from: number, to: string, terms: SendTerms = {}): Uint8Array {
    const signer = this.accounts[from]!;
    const contents = {
      ...sendOf(signer.address, to, terms.amount ?? 1n),
      ...(terms.memo === undefined ? {} : { memo: terms.memo }),
      ...(terms.timeoutHeight === undefined ? {} : { timeoutHeight: terms.timeoutHeight }),
    };
    const fee = {
      amount: terms.fee === 0n ? [] : [{ denom, amount: terms.fee ?? 2000n }],
      gasLimit: terms.gas ?? 200_000n,
    };
    return this.sign(signer, contents, fee, terms.sequence ?? signer.sequence++);
  }

  simulateBytes(from: number, contents: TxContents): Uint8Array {
    const { keys, sequence } = this.accounts[from]!;
    const publicKey = { scheme: "secp256k1", key: keys.publicKey } as const;
    return unsignedForSimulation(contents, { amount: [], gasLimit: 0n }, [{ publicKey, sequence }]);
  }

  async query<Q, R>(
    path: string,
    request: GeneratedMessage<Q>,
    response: GeneratedMessage<R>,
    query: Partial<Q>,
    height = 0n,
  ): Promise<R> {
    const codec = messageCodec(request);
    const answer = await this.application.query({
      path,
      data: codec.encode(codec.fromPartial(query)),
      height,
      prove: false,
    });
    if (answer.code !== 0) throw new Error(answer.log);
    return response.decode(answer.value);
  }
}

export function sendOf(from: string, to: string, amount: bigint): TxContents {
  const value = { fromAddress: from, toAddress: to, amount: [{ denom, amount: String(amount) }] };
  return { messages: [{ codec: messageCodec(MsgSend), value }] };
}
