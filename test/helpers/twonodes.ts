/**
 * Two nodes that hold the same blocks: one sealed them, the other was fed them, with every setting of its own that may differ. Both serve
 * and neither seals. Owns how they are made; what they are asked is the test's business.
 */
import { join } from "node:path";
import { appStateOf } from "../../bench/appstate.ts";
import { chainId, makeSigners, type Signer, signedSend } from "../../bench/load.ts";
import type { Application } from "../../chain/abci/application.ts";
import { ChainApplication, type ChainApplicationOptions } from "../../chain/abci/chainapplication.ts";
import { applyBlock } from "../../chain/consensus/executor.ts";
import { LocalEngine } from "../../chain/consensus/local.ts";
import { inlineVerifier, workerVerifier } from "../../chain/crypto/verifier.ts";
import { makeRegistry } from "../../chain/definition.ts";
import { silentLog } from "../../chain/log.ts";
import { RpcServer } from "../../chain/server/rpc.ts";
import { MultiStore } from "../../chain/store/multistore.ts";
import { weir } from "../../modules/index.ts";
import { type LocalHome, makeHome, openChain } from "./local-chain.ts";

const blocks = 12;
const sendsPerBlock = 5;

export interface TwoNodes {
  readonly urls: readonly [sealed: string, fed: string];
  readonly height: bigint;
  readonly signers: readonly Signer[];
  /** Of every transaction in the chain. */
  readonly txs: readonly Uint8Array[];
  remove(): Promise<void>;
}

type Differences = Partial<Pick<ChainApplicationOptions, "verifier" | "optimisticExecution" | "checkInvariants">>;

async function openApplication(differences: Differences) {
  const state = await MultiStore.open({ storeNames: makeRegistry(weir.modules).storeNames });
  const application = new ChainApplication({
    definition: weir,
    state,
    verifier: inlineVerifier(),
    minGasPrices: [],
    chainId,
    version: "two",
    appVersion: 0n,
    log: silentLog,
    queryGasLimit: 0n,
    checkInvariants: false,
    optimisticExecution: true,
    ...differences,
  });
  return { state, application };
}

const openEngine = (home: LocalHome, app: Application, name: string) =>
  LocalEngine.open({
    app,
    genesis: home.genesis,
    signers: home.signers,
    path: join(home.folder, name),
    blockMillis: 0,
    createEmptyBlocks: false,
    log: silentLog,
    onHalt: (error) => {
      throw error;
    },
  });

/** Blocks of sends, some of which fail: too much money, too little gas. */
async function seal(home: LocalHome, app: Application, signers: readonly Signer[]): Promise<Uint8Array[]> {
  const chain = await openChain(home, app, { blockMillis: 1, createEmptyBlocks: false });
  const txs: Uint8Array[] = [];
  const first = chain.reach(1n);
  chain.engine.run();
  await first;
  while (chain.engine.height < blocks) {
    const next = chain.reach(chain.engine.height + 1n);
    for (let i = 0; i < sendsPerBlock; i++) {
      const [from, to] = [signers[txs.length % signers.length]!, signers[(txs.length * 7 + 1) % signers.length]!];
      const tx = signedSend(from, to.address, txs.length % 4 === 3 ? { amount: "999999999999" } : {});
      if ((await chain.engine.mempool.check(tx)).code !== 0) throw new Error("a send of the test was refused");
      txs.push(tx);
    }
    await next;
  }
  await chain.stop();
  return txs;
}

/** Executes what the other node decided, and stores it, as a node does that joins later. */
async function feed(home: LocalHome, app: Application): Promise<void> {
  const source = await openEngine(home, await emptyApplication(), "engine.db");
  const target = await openEngine(home, app, "fed.db");
  let { state } = target;
  for (let height = 1n; height <= source.stores.blocks.height; height++) {
    const [block, bytes, meta, commit] = await Promise.all([
      source.stores.blocks.block(height),
      source.stores.blocks.blockBytes(height),
      source.stores.blocks.meta(height),
      source.stores.blocks.commit(height),
    ]);
    if (!block || !bytes || !meta || !commit) throw new Error(`block ${height} is not stored`);
    const made = { block, bytes, id: meta.blockId };
    await target.stores.blocks.saveBlock(made, commit);
    ({ state } = await applyBlock(app, target.stores, state, made));
  }
  await source.stop();
  await target.stop();
}

/** For an engine that is only read from: it replays every block into this first. */
const emptyApplication = async (): Promise<Application> => (await openApplication({})).application;

async function serve(home: LocalHome, app: ChainApplication, name: string) {
  const engine = await openEngine(home, app, name);
  app.resume({ height: engine.height, time: engine.state.lastBlockTime });
  const [signer] = home.signers;
  const backend = {
    engine,
    app,
    genesis: home.genesis,
    identity: { nodeId: "id", moniker: "m", listenAddress: "tcp://x:1", rpcAddress: "tcp://y:2" },
    validatorKey: signer!.publicKey,
    validatorAddress: signer!.address,
    log: silentLog,
  };
  const server = await RpcServer.listen(backend, { host: "127.0.0.1", port: 0 });
  return { engine, server, url: `http://127.0.0.1:${server.port}` };
}

export async function twoNodes(): Promise<TwoNodes> {
  const signers = makeSigners(20);
  const home = makeHome([10], 1, { chain_id: chainId, app_state: appStateOf(signers.map(({ address }) => address)) });
  const sealed = await openApplication({});
  const verifier = workerVerifier({ workers: 1 });
  const fed = await openApplication({ verifier, optimisticExecution: false, checkInvariants: true });
  const txs = await seal(home, sealed.application, signers);
  await feed(home, fed.application);
  const nodes = [
    await serve(home, sealed.application, "engine.db"),
    await serve(home, fed.application, "fed.db"),
  ] as const;
  return {
    urls: [nodes[0].url, nodes[1].url],
    height: nodes[0].engine.height,
    signers,
    txs,
    async remove() {
      for (const { server, engine } of nodes) {
        await server.close(0);
        await engine.stop();
      }
      for (const { state } of [sealed, fed]) await state.close();
      await verifier.close();
      home.remove();
    },
  };
}
