/** Blocks of sends, delegations and withdrawals on a staked chain: 70, 20 and 10 %, with what each message and the hooks of a block cost. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChainApplication } from "../chain/abci/chainapplication.ts";
import { inlineVerifier } from "../chain/crypto/verifier.ts";
import { type ChainDefinition, makeRegistry } from "../chain/definition.ts";
import { silentLog } from "../chain/log.ts";
import type { Module } from "../chain/module.ts";
import { MultiStore } from "../chain/store/multistore.ts";
import { weir } from "../modules/index.ts";
import { MsgWithdrawDelegatorReward } from "../proto/gen/cosmos/distribution/v1beta1/tx.ts";
import { MsgBeginRedelegate, MsgDelegate, MsgUndelegate } from "../proto/gen/cosmos/staking/v1beta1/tx.ts";
import type { BenchOptions, Figure } from "./figure.ts";
import { chainId, denom, makeSigners, type Signer, signedMessage, signedSend } from "./load.ts";
import { type BenchValidator, blockAt, buildStakes, makeValidators, type StakedChain, validatorOf } from "./stakes.ts";

interface Sizes extends StakedChain {
  readonly signers: number;
  readonly txsPerBlock: number;
  readonly blocks: number;
}

const full: Sizes = {
  signers: 100_000,
  validators: 200,
  delegationsEach: 10,
  unbondings: 100_000,
  txsPerBlock: 2_000,
  blocks: 30,
};
const quick: Sizes = {
  signers: 4_000,
  validators: 200,
  delegationsEach: 5,
  unbondings: 4_000,
  txsPerBlock: 1_000,
  blocks: 6,
};
const warmUpBlocks = 4;
const gasLimit = 1_500_000n;

// ---------------------------------------------------------------------------------------------------------------------- load

interface World {
  readonly signers: readonly Signer[];
  readonly validators: readonly BenchValidator[];
  readonly delegationsEach: number;
}

const coin = (amount: string) => ({ denom, amount });

/** Of ten transactions seven are sends, one a withdrawal, and two are about stakes: two in three of those buy or sell, the third moves. */
function transaction({ signers, validators, delegationsEach }: World, number: number): Uint8Array {
  const index = number % signers.length;
  const signer = signers[index]!;
  const delegatorAddress = signer.address;
  const round = Math.floor(number / 10);
  const { text: validatorAddress } = validatorOf(validators, index, round % (delegationsEach - 1));
  const stake = (typeUrl: string, value: Uint8Array) => signedMessage(signer, { typeUrl, value }, gasLimit);
  const kind = number % 10;
  if (kind < 7) return signedSend(signer, signers[(index * 7919 + 13) % signers.length]!.address);
  if (kind === 7) {
    const value = MsgWithdrawDelegatorReward.encode({ delegatorAddress, validatorAddress }).finish();
    return stake("/cosmos.distribution.v1beta1.MsgWithdrawDelegatorReward", value);
  }
  const amount = coin(`${1_000 + (number % 997)}`);
  const which = (round * 2 + kind) % 3;
  if (which === 0) {
    const value = MsgDelegate.encode({ delegatorAddress, validatorAddress, amount }).finish();
    return stake("/cosmos.staking.v1beta1.MsgDelegate", value);
  }
  if (which === 1) {
    const value = MsgUndelegate.encode({ delegatorAddress, validatorAddress, amount }).finish();
    return stake("/cosmos.staking.v1beta1.MsgUndelegate", value);
  }
  // Always to the last of the signer's validators, from which nothing is moved on.
  const validatorDstAddress = validatorOf(validators, index, delegationsEach - 1).text;
  const value = MsgBeginRedelegate.encode({
    delegatorAddress,
    validatorSrcAddress: validatorAddress,
    validatorDstAddress,
    amount,
  }).finish();
  return stake("/cosmos.staking.v1beta1.MsgBeginRedelegate", value);
}

// -------------------------------------------------------------------------------------------------------------------- clocks

type Samples = Map<string, number[]>;

/** Of this thread, in microseconds: what others do on the machine is none of it. Too coarse for a single message. */
function cpuMicros(): number {
  const { user, system } = process.threadCpuUsage();
  return user + system;
}

function timed<T>(samples: Samples, name: string, body: () => T): T {
  const start = process.hrtime.bigint();
  const result = body();
  const list = samples.get(name) ?? [];
  list.push(Number(process.hrtime.bigint() - start) / 1000);
  samples.set(name, list);
  return result;
}

/** The same chain with a clock around each handler and each hook. */
function clocked(definition: ChainDefinition, samples: Samples, hooks: { micros: number }): ChainDefinition {
  const withClocks = (module: Module): Module => ({
    ...module,
    messages: Object.fromEntries(
      Object.entries(module.messages).map(([url, handler]) => [
        url,
        {
          ...handler,
          execute: (ctx, message) => timed(samples, url.split(".").at(-1)!, () => handler.execute(ctx, message)),
        },
      ]),
    ),
  });
  const counted = <T>(body: () => T): T => {
    const start = cpuMicros();
    const result = body();
    hooks.micros += cpuMicros() - start;
    return result;
  };
  return {
    ...definition,
    modules: definition.modules.map(withClocks),
    order: {
      ...definition.order,
      beginBlock: definition.order.beginBlock.map((module) => ({
        ...module,
        beginBlock: (ctx, report) =>
          counted(() => timed(samples, `begin ${module.name}`, () => module.beginBlock!(ctx, report))),
      })),
      endBlock: definition.order.endBlock.map((module) => ({
        ...module,
        endBlock: (ctx) => counted(() => timed(samples, `end ${module.name}`, () => module.endBlock!(ctx))),
      })),
    },
  };
}

// --------------------------------------------------------------------------------------------------------------------- chain

interface Outcome {
  readonly perSecond: number[];
  readonly perCpuSecond: number[];
  readonly hookMicros: number[];
  readonly messages: Samples;
}

async function measure(sizes: Sizes): Promise<Outcome> {
  const directory = mkdtempSync(join(tmpdir(), "weir-bench-mix-"));
  const signers = makeSigners(sizes.signers);
  const validators = makeValidators(sizes.validators);
  const world: World = { signers, validators, delegationsEach: sizes.delegationsEach };
  const state = await MultiStore.open({ directory, storeNames: makeRegistry(weir.modules).storeNames });
  buildStakes(state, signers, validators, sizes);

  const outcome: Outcome = { perSecond: [], perCpuSecond: [], hookMicros: [], messages: new Map() };
  const hooks = { micros: 0 };
  const verifier = inlineVerifier();
  const application = new ChainApplication({
    definition: clocked(weir, outcome.messages, hooks),
    state,
    verifier,
    minGasPrices: [],
    chainId,
    version: "bench",
    appVersion: 1n,
    log: silentLog,
    queryGasLimit: 0n,
    checkInvariants: false,
    optimisticExecution: false,
  });
  const votes = validators.map(({ consensusAddress, tokens }) => ({
    validator: { address: consensusAddress, power: tokens / 1_000_000n },
    blockIdFlag: 2 as const,
  }));
  let number = 0;
  for (let block = 0; block < warmUpBlocks + sizes.blocks; block++) {
    if (block === warmUpBlocks) outcome.messages.clear();
    const txs = Array.from({ length: sizes.txsPerBlock }, () => transaction(world, number++));
    const { time, height, proposerAddress } = blockAt(
      BigInt(state.height) + 1n,
      validators[block % validators.length]!.consensusAddress,
    );
    hooks.micros = 0;
    const start = performance.now();
    const startMicros = cpuMicros();
    const { txResults } = application.finalizeBlock({
      txs,
      height,
      time,
      proposerAddress,
      hash: new Uint8Array(32),
      nextValidatorsHash: new Uint8Array(32),
      misbehavior: [],
      decidedLastCommit: { round: 0, votes },
    });
    application.commit();
    const seconds = (performance.now() - start) / 1000;
    const micros = cpuMicros() - startMicros;
    const failed = txResults.find(({ code }) => code !== 0);
    if (failed !== undefined) throw new Error(`a transaction of the load failed: ${failed.log}`);
    if (block < warmUpBlocks) continue;
    outcome.perSecond.push(sizes.txsPerBlock / seconds);
    outcome.perCpuSecond.push((sizes.txsPerBlock * 1_000_000) / micros);
    outcome.hookMicros.push(hooks.micros);
  }
  await state.close();
  await verifier.close();
  rmSync(directory, { recursive: true });
  return outcome;
}

export default async function* mix({ quick: isQuick }: BenchOptions): AsyncGenerator<Figure> {
  const sizes = isQuick ? quick : full;
  const { perSecond, perCpuSecond, hookMicros, messages } = await measure(sizes);
  const params = {
    validators: sizes.validators,
    delegations: sizes.signers * sizes.delegationsEach,
    unbondings: sizes.unbondings,
    txsPerBlock: sizes.txsPerBlock,
  };
  yield { bench: "mix.blocks", unit: "tx/s", params, samples: perSecond };
  yield { bench: "mix.blocks, by the CPU's clock", unit: "tx/s", params: {}, samples: perCpuSecond };
  yield { bench: "mix.hooks", unit: "ms", params, samples: hookMicros.map((micros) => micros / 1000) };
  for (const [name, samples] of messages) yield { bench: `mix.${name}`, unit: "µs", params: {}, samples };
}
