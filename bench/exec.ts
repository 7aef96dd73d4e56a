/** Tier A: FinalizeBlock and Commit in this process, fsync on, blocks of sends from unique senders; beside the naive build. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChainApplication } from "../chain/abci/chainapplication.ts";
import type { SignatureVerifier } from "../chain/crypto/types.ts";
import { inlineVerifier } from "../chain/crypto/verifier.ts";
import { workerVerifier } from "../chain/crypto/workerverifier.ts";
import { makeRegistry } from "../chain/definition.ts";
import { silentLog } from "../chain/log.ts";
import { MultiStore } from "../chain/store/multistore.ts";
import { weir } from "../modules/index.ts";
import type { BenchOptions, Figure } from "./figure.ts";
import { balanceAtStart, chainId, denom, makeBlocks, makeHolders, makeSigners, type Signer } from "./load.ts";
import mix from "./mix.ts";
import { NaiveChain } from "./naive/chain.ts";

interface Sizes {
  readonly signers: number;
  /** Accounts in all; the state has four keys for each. */
  readonly accounts: number;
  readonly sendsPerBlock: number;
  readonly blocksPerSample: number;
  readonly samples: number;
  readonly naiveSends: number;
}

const full: Sizes = {
  signers: 100_000,
  accounts: 250_000,
  sendsPerBlock: 2000,
  blocksPerSample: 6,
  samples: 6,
  naiveSends: 500,
};
const quick: Sizes = {
  signers: 8000,
  accounts: 20_000,
  sendsPerBlock: 2000,
  blocksPerSample: 1,
  samples: 5,
  naiveSends: 100,
};

interface World {
  readonly signers: readonly Signer[];
  readonly everyone: readonly string[];
}

const time = { seconds: 1_700_000_000n, nanos: 0 };
const proposerAddress = new Uint8Array(20);

function defaults(name: string): object {
  const { genesis } = weir.modules.find((module) => module.name === name)!;
  return genesis.toJson(genesis.default()) as object;
}

function appState({ everyone }: World): Uint8Array {
  const accounts = everyone.map((address, index) => ({
    "@type": "/cosmos.auth.v1beta1.BaseAccount",
    address,
    pub_key: null,
    account_number: String(index),
    sequence: "0",
  }));
  const balances = everyone.map((address) => ({ address, coins: [{ denom, amount: String(balanceAtStart) }] }));
  return Buffer.from(
    JSON.stringify({ auth: { ...defaults("auth"), accounts }, bank: { ...defaults("bank"), balances } }),
  );
}

/** One chain in a fresh folder, its genesis committed. */
async function startChain(directory: string, verifier: SignatureVerifier, world: World) {
  const state = await MultiStore.open({ directory, storeNames: makeRegistry(weir.modules).storeNames });
  const application = new ChainApplication({
    definition: weir,
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
  application.initChain({
    time,
    chainId,
    consensusParams: undefined,
    validators: [],
    appStateBytes: appState(world),
    initialHeight: 1n,
  });
  let height = 0n;
  const seal = (txs: Uint8Array[]) => {
    height++;
    const answer = application.finalizeBlock({
      txs,
      height,
      time,
      proposerAddress,
      hash: new Uint8Array(32),
      nextValidatorsHash: new Uint8Array(32),
      misbehavior: [],
      decidedLastCommit: { round: 0, votes: [] },
    });
    application.commit();
    const failed = answer.txResults.find(({ code }) => code !== 0);
    if (failed !== undefined) throw new Error(`a send of the load failed: ${failed.log}`);
  };
  seal([]);
  return { application, state, seal };
}

const secondsOf = (body: () => void): number => {
  const start = performance.now();
  body();
  return (performance.now() - start) / 1000;
};

/** tx/s of each sample. Blocks are made before the clock starts; one sample more than asked for warms up and is dropped. */
async function measure(
  sizes: Sizes,
  world: World,
  makeVerifier: () => SignatureVerifier,
  isChecked: boolean,
): Promise<number[]> {
  const directory = mkdtempSync(join(tmpdir(), "weir-bench-"));
  const verifier = makeVerifier();
  const { application, state, seal } = await startChain(directory, verifier, world);
  const samples: number[] = [];
  for (const signer of world.signers) signer.sequence = 0n;
  let offset = 0;
  for (let sample = 0; sample <= sizes.samples; sample++) {
    const senders = [...world.signers.slice(offset), ...world.signers.slice(0, offset)];
    offset = (offset + sizes.blocksPerSample * sizes.sendsPerBlock) % world.signers.length;
    const blocks = makeBlocks(senders, world.everyone, sizes.blocksPerSample, sizes.sendsPerBlock);
    if (isChecked) for (const tx of blocks.flat()) application.checkTx({ tx, type: 0 });
    const seconds = secondsOf(() => blocks.forEach((txs) => void seal(txs)));
    if (sample > 0) samples.push((sizes.blocksPerSample * sizes.sendsPerBlock) / seconds);
  }
  await state.close();
  await verifier.close();
  rmSync(directory, { recursive: true });
  return samples;
}

async function measureNaive(sizes: Sizes, world: World): Promise<number[]> {
  const directory = mkdtempSync(join(tmpdir(), "weir-bench-naive-"));
  const chain = new NaiveChain(directory, chainId);
  world.everyone.forEach((address, index) => void chain.setAccount(address, BigInt(index), denom, balanceAtStart));
  for (const signer of world.signers) signer.sequence = 0n;
  await chain.finalizeBlock([]);
  await chain.commit();
  const samples: number[] = [];
  for (const txs of makeBlocks(world.signers, world.everyone, sizes.samples + 1, sizes.naiveSends)) {
    const start = performance.now();
    const { results } = await chain.finalizeBlock(txs);
    await chain.commit();
    if (results.some(({ code }) => code !== 0))
      throw new Error(`a naive send failed: ${results.find(({ code }) => code !== 0)!.log}`);
    samples.push((txs.length * 1000) / (performance.now() - start));
  }
  await chain.close();
  rmSync(directory, { recursive: true });
  return samples.slice(1);
}

export default async function* exec(options: BenchOptions): AsyncGenerator<Figure> {
  const { quick: isQuick, args } = options;
  if (args.includes("--mix")) {
    yield* mix(options);
    return;
  }
  const sizes = isQuick ? quick : full;
  const signers = makeSigners(sizes.signers);
  const world: World = {
    signers,
    everyone: [...signers.map(({ address }) => address), ...makeHolders(sizes.accounts - sizes.signers)],
  };
  const params = { keys: sizes.accounts * 4, signers: sizes.signers, sendsPerBlock: sizes.sendsPerBlock };
  const asked = (name: string) => args.length === 0 || args.includes(name);
  const figure = (name: string, samples: number[]): Figure => ({
    bench: `exec.${name}`,
    unit: "tx/s",
    params,
    samples,
  });
  if (asked("inline")) yield figure("inline", await measure(sizes, world, inlineVerifier, false));
  if (asked("workers"))
    yield figure("workers", await measure(sizes, world, () => workerVerifier({ workers: 1 }), false));
  if (asked("checked")) yield figure("checked", await measure(sizes, world, inlineVerifier, true));
  if (asked("naive")) yield figure("naive", await measureNaive(sizes, world));
}
