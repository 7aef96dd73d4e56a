/** Counting a large vote: blocks of 100,000 votes with a million delegations, while stakes move; and what reading a parameter costs. */
import { accountAddress } from "../chain/address.ts";
import { messageCodec } from "../chain/codec.ts";
import type { Context } from "../chain/context.ts";
import { sha256 } from "../chain/crypto/hash.ts";
import { makeRegistry } from "../chain/definition.ts";
import { type ExecutionContext, executionContext } from "../chain/execution.ts";
import { unlimitedGasMeter } from "../chain/gas.ts";
import { Journal } from "../chain/store/journal.ts";
import { MultiStore } from "../chain/store/multistore.ts";
import { weir } from "../modules/index.ts";
import { delegate, getParams, requireValidator } from "../modules/staking/index.ts";
import { Params } from "../proto/gen/cosmos/staking/v1beta1/staking.ts";
import type { BenchOptions, Figure } from "./figure.ts";
import { denom } from "./load.ts";
import { type BenchValidator, blockAt, build, buildStakes, makeValidators, type Staker } from "./stakes.ts";

const validatorCount = 100;
const delegationsEach = 10;
const full = { voters: 100_000, reads: 2_000_000 };
const quick = { voters: 5_000, reads: 200_000 };
/** In each block of the count, so many accounts that voted delegate more. */
const movingPerBlock = 20;
/** Longer than any build of the state. */
const laterSeconds = 1_000_000n;

const gov = weir.modules.find(({ name }) => name === "gov")!;

const proposerOf = (ctx: Context): void => {
  const submit = gov.messages["/cosmos.gov.v1.MsgSubmitProposal"]!;
  const message = submit.request.fromPartial({
    messages: [],
    initialDeposit: [{ denom, amount: "1000000000" }],
    proposer: accountAddress.encode(voterOf(0)),
    metadata: "text",
    title: "A large vote",
    summary: "Everybody votes",
  });
  submit.execute(ctx, message);
};

const voterOf = (index: number): Uint8Array => sha256(Buffer.from(`voter ${index}`)).slice(0, 20);

async function prepared(voters: number, validators: readonly BenchValidator[]): Promise<MultiStore> {
  const state = await MultiStore.open({ storeNames: makeRegistry(weir.modules).storeNames });
  const stakers: Staker[] = Array.from({ length: voters }, (_, index) => ({
    address: accountAddress.encode(voterOf(index)),
  }));
  buildStakes(state, stakers, validators, { validators: validators.length, delegationsEach, unbondings: 0 });
  // What an account has here is less than a real minimum.
  build(state, 1, (ctx) => {
    const params = gov.state.params as unknown as { set(ctx: Context, value: object): void };
    const defaults = gov.genesis.default() as { standard: { params: object } };
    params.set(ctx, { ...defaults.standard.params, minDeposit: [{ denom, amount: "1000000000" }] });
    proposerOf(ctx);
  });
  const vote = gov.messages["/cosmos.gov.v1.MsgVote"]!;
  build(state, voters, (ctx, index) => {
    const voter = accountAddress.encode(voterOf(index));
    vote.execute(ctx, vote.request.fromPartial({ proposalId: 1n, voter, option: 1 + (index % 4) }));
  });
  return state;
}

function contextAt(state: MultiStore, journal: Journal): ExecutionContext {
  const block = blockAt(BigInt(state.height + 1), new Uint8Array(0));
  const time = { ...block.time, seconds: block.time.seconds + laterSeconds };
  return executionContext(journal, { ...block, time }, "finalize", unlimitedGasMeter());
}

const isOpen = (ctx: Context): boolean => {
  const query = gov.queries["/cosmos.gov.v1.Query/Proposal"]!;
  const answer = query.run(ctx, { proposalId: 1n }) as { proposal: { status: number } };
  return answer.proposal.status === 2;
};

/** Milliseconds of each block: stakes that move, the count, the trees and the commit. */
function countBlocks(state: MultiStore, voters: number, validators: readonly BenchValidator[]): number[] {
  const samples: number[] = [];
  for (let isCounting = true; isCounting; ) {
    const journal = new Journal(state.latest);
    const ctx = contextAt(state, journal);
    const start = threadMilliseconds();
    for (let index = 0; index < movingPerBlock; index++) {
      const mover = (samples.length * 997 + index * 31) % voters;
      const { address } = validators[(mover * 3 + index) % validators.length]!;
      delegate(ctx, voterOf(mover), 1_000n, requireValidator(ctx, address));
    }
    for (const module of weir.order.endBlock) if (module.name === "gov") module.endBlock!(ctx);
    state.apply(state.height + 1, journal.changes());
    state.commit();
    samples.push(threadMilliseconds() - start);
    isCounting = isOpen(contextAt(state, new Journal(state.latest)));
  }
  return samples;
}

/** Nanoseconds of a read: of what is kept decoded, and of decoding it each time. */
function* reads(state: MultiStore, count: number): Iterable<Figure> {
  const ctx = contextAt(state, new Journal(state.latest));
  const bytes = messageCodec(Params).encode(getParams(ctx));
  const bodies: readonly (readonly [string, () => unknown])[] = [
    ["kept", () => getParams(ctx)],
    ["decoded", () => Params.decode(bytes)],
  ];
  for (const [how, body] of bodies) {
    const samples = Array.from({ length: 5 }, () => {
      const start = threadMilliseconds();
      for (let i = 0; i < count / 5; i++) body();
      return ((threadMilliseconds() - start) * 1_000_000) / (count / 5);
    });
    yield { bench: "gov.parameterRead", unit: "ns", params: { how }, samples };
  }
}

/** Of this thread alone, so that other programs on the machine do not count. */
function threadMilliseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

const percentile = (samples: readonly number[], share: number): number =>
  [...samples].sort((a, b) => a - b)[Math.min(samples.length - 1, Math.floor(samples.length * share))]!;

export default async function* govBench({ quick: isQuick }: BenchOptions): AsyncIterable<Figure> {
  const { voters, reads: readCount } = isQuick ? quick : full;
  const validators = makeValidators(validatorCount);
  const state = await prepared(voters, validators);
  const samples = countBlocks(state, voters, validators);
  const params = {
    votes: voters,
    delegations: voters * delegationsEach,
    validators: validatorCount,
    blocks: samples.length,
  };
  yield { bench: "gov.tallyP99", unit: "ms", params, samples: [percentile(samples, 0.99)] };
  yield { bench: "gov.tallyBlock", unit: "ms", params, samples };
  yield* reads(state, readCount);
  await state.close();
}
