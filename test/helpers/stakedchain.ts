/** A test chain with validators that vote, miss and misbehave as a test says: for what follows from it, block by block. */
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import { type Misbehavior, nothingReported } from "../../chain/context.ts";
import { sha256 } from "../../chain/crypto/hash.ts";
import { publicKeyAddress, publicKeyToAny } from "../../chain/crypto/publickey.ts";
import { ed25519KeyPair } from "../../chain/crypto/sign.ts";
import { decOne } from "../../chain/dec.ts";
import type { ChainEvent } from "../../chain/events.ts";
import { distribution } from "../../modules/distribution/index.ts";
import { evidence } from "../../modules/evidence/index.ts";
import { weir } from "../../modules/index.ts";
import { mint } from "../../modules/mint/index.ts";
import { slashing } from "../../modules/slashing/index.ts";
import {
  consensusAddressOf,
  lastValidators,
  requireValidator,
  staking,
  type Validator,
} from "../../modules/staking/index.ts";
import { denom } from "./testapplication.ts";
import { type Outcome, type TestChain, testChain } from "./testchain.ts";

export interface StakedChain extends TestChain {
  /** Accounts with coins; the first of them operate validators. */
  readonly accounts: readonly Uint8Array[];
  operator(index: number): string;
  /** Its consensus address. */
  consensus(index: number): Uint8Array;
  validator(index: number): Validator;
  create(index: number, terms?: CreateTerms): Outcome;
  delegate(account: number, validator: number, amount: bigint): Outcome;
  undelegate(account: number, validator: number, amount: bigint): Outcome;
  redelegate(account: number, from: number, to: number, amount: bigint): Outcome;
  unjail(index: number): Outcome;
  /** A block in which everybody votes but the absent; returns what its beginning emitted. */
  live(block?: LivedBlock): readonly ChainEvent[];
  /** What the engine says of a validator that signed twice at the last block. */
  doubleSign(index: number, changes?: Partial<Misbehavior>): Misbehavior;
}

export interface LivedBlock {
  readonly absent?: readonly number[];
  readonly misbehavior?: readonly Misbehavior[];
  readonly seconds?: bigint;
  /** So many blocks at once. */
  readonly times?: number;
}

export interface CreateTerms {
  readonly stake?: bigint;
  readonly minimum?: bigint;
  /** Which of an operator's keys. */
  readonly key?: string;
  /** In parts of one, as a decimal's count. */
  readonly commission?: bigint;
}

export interface StakedChainOptions {
  readonly validators?: number;
  readonly slashing?: Readonly<Record<string, unknown>>;
  readonly staking?: Readonly<Record<string, unknown>>;
  /** Other modules' parts of genesis. */
  readonly appState?: Readonly<Record<string, unknown>>;
  /** Of every validator that is there at first. */
  readonly commission?: bigint;
}

const gov = weir.modules.find(({ name }) => name === "gov")!;

export const stake = 100_000_000n;
const balance = 1_000_000_000n;
const accountCount = 8;

const addressOf = (index: number): Uint8Array => sha256(Buffer.from(`account ${index}`)).slice(0, 20);

const keyOf = (name: string) =>
  ({ scheme: "ed25519", key: ed25519KeyPair(sha256(Buffer.from(name))).publicKey }) as const;

function genesisOf(name: string, changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const { genesis } = weir.modules.find((module) => module.name === name)!;
  const state = genesis.toJson(genesis.default()) as { readonly params: object };
  return { ...state, params: { ...state.params, ...changes } };
}

/** The window is 10 blocks, of which half must be signed; the first validators have voted once. */
export function stakedChain(options: StakedChainOptions = {}): StakedChain {
  const accounts = Array.from({ length: accountCount }, (_, index) => addressOf(index));
  const balances = accounts.map((address) => ({
    address: accountAddress.encode(address),
    coins: [{ denom, amount: `${balance}` }],
  }));
  const chain = testChain({
    bank: { params: { send_enabled: [], default_send_enabled: true }, balances },
    staking: genesisOf("staking", { unbonding_time: "100s", ...options.staking }),
    slashing: genesisOf("slashing", { signed_blocks_window: "10", downtime_jail_duration: "60s", ...options.slashing }),
    ...options.appState,
  });
  const staked = withStakes(chain, accounts);
  staked.live();
  for (let index = 0; index < (options.validators ?? 3); index++) {
    const { refusal } = staked.create(index, {
      stake: stake - BigInt(index) * 1_000_000n,
      commission: options.commission ?? 0n,
    });
    if (refusal !== undefined) throw refusal;
  }
  staked.live();
  return staked;
}

function withStakes(chain: TestChain, accounts: readonly Uint8Array[]): StakedChain {
  const account = (index: number) => accountAddress.encode(accounts[index]!);
  const operator = (index: number) => validatorAddress.encode(accounts[index]!);
  const coin = (amount: bigint) => ({ denom, amount: `${amount}` });
  const consensus = (index: number) => publicKeyAddress(keyOf(`key of ${index}`));
  const stakingMessage = (name: string, value: object) => chain.message(`/cosmos.staking.v1beta1.${name}`, value);
  return {
    ...chain,
    accounts,
    operator,
    consensus,
    validator: (index) => requireValidator(chain.context(), accounts[index]!),
    create: (index, { stake: amount = stake, minimum = 1n, key = `key of ${index}`, commission = 0n } = {}) =>
      stakingMessage("MsgCreateValidator", {
        description: { moniker: "v", identity: "", website: "", securityContact: "", details: "" },
        commission: { rate: `${commission}`, maxRate: `${decOne}`, maxChangeRate: `${decOne}` },
        minSelfDelegation: `${minimum}`,
        delegatorAddress: "",
        validatorAddress: operator(index),
        pubkey: publicKeyToAny(keyOf(key)),
        value: coin(amount),
      }),
    delegate: (from, to, amount) =>
      stakingMessage("MsgDelegate", delegation(account(from), operator(to), coin(amount))),
    undelegate: (from, to, amount) =>
      stakingMessage("MsgUndelegate", delegation(account(from), operator(to), coin(amount))),
    redelegate: (who, from, to, amount) =>
      stakingMessage("MsgBeginRedelegate", {
        delegatorAddress: account(who),
        validatorSrcAddress: operator(from),
        validatorDstAddress: operator(to),
        amount: coin(amount),
      }),
    unjail: (index) => chain.message("/cosmos.slashing.v1beta1.MsgUnjail", { validatorAddr: operator(index) }),
    live: ({ times = 1, ...block } = {}) => {
      let events: readonly ChainEvent[] = [];
      for (let i = 0; i < times; i++) events = liveBlock(chain, block, (block.absent ?? []).map(consensus));
      return events;
    },
    doubleSign(index, changes = {}) {
      const { height, time } = chain.context().block;
      const power = 100n - BigInt(index);
      const caught = { address: consensus(index), power, totalPower: 300n, height, time };
      return { kind: "duplicateVote", ...caught, ...changes };
    },
  };
}

const delegation = (delegatorAddress: string, operator: string, amount: object) => ({
  delegatorAddress,
  validatorAddress: operator,
  amount,
});

/** Votes are of the validators that staking gave to the engine last. */
function liveBlock(
  chain: TestChain,
  { misbehavior = [], seconds = 5n }: LivedBlock,
  absent: readonly Uint8Array[],
): readonly ChainEvent[] {
  const before = chain.context();
  const { height, time } = before.block;
  const lastVotes = [...lastValidators(before)].map(([operator, power]) => {
    const address = consensusAddressOf(requireValidator(before, operator));
    return { address, power, isAbsent: absent.some((other) => Buffer.compare(other, address) === 0) };
  });
  chain.setBlock({ height: height + 1n, time: { ...time, seconds: time.seconds + seconds } });
  const ctx = chain.context();
  const report = { ...nothingReported, lastVotes, misbehavior };
  for (const module of [mint, distribution, slashing, evidence, staking]) module.beginBlock?.(ctx, report);
  for (const module of [gov, staking]) module.endBlock?.(chain.context());
  const broken = chain.broken();
  if (broken !== undefined) throw new Error(broken);
  return ctx.events;
}
