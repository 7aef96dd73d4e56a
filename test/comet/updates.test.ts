import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ChainApplication } from "../../chain/abci/chainapplication.ts";
import { observed } from "../../chain/abci/observed.ts";
import { readRecord, recordTo } from "../../chain/abci/record.ts";
import { AbciServer } from "../../chain/abci/server.ts";
import { CometEngine } from "../../chain/consensus/comet.ts";
import { parseKey } from "../../chain/consensus/keys.ts";
import { inlineVerifier } from "../../chain/crypto/verifier.ts";
import type { ChainDefinition } from "../../chain/definition.ts";
import { makeRegistry } from "../../chain/definition.ts";
import { silentLog } from "../../chain/log.ts";
import type { Module } from "../../chain/module.ts";
import { MultiStore } from "../../chain/store/multistore.ts";
import { writeCometConfig } from "../../cli/cometconfig.ts";
import type { Home } from "../../cli/home.ts";
import { weir } from "../../modules/index.ts";
import { grammarFault } from "../helpers/abcigrammar.ts";
import { cometBftBinary, freePort, whyNoCometBft } from "../helpers/cometbft.ts";
import { chainId, makeTestHome, removeHome } from "../helpers/cometnode.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const changedAt = 4n;
const newPower = 7n;
const newBytesMax = 2_000_000n;
const extensionsFrom = 7n;

/** The chain with one module more: at one height it gives the validator another power and the chain other parameters. */
function changing(publicKey: Uint8Array): ChainDefinition {
  const bank = weir.modules.find(({ name }) => name === "bank")!;
  const changer: Module = {
    ...bank,
    endBlock(ctx) {
      if (ctx.block.height !== changedAt) return [];
      const params = weir.consensusParams.get(ctx)!;
      const abci = { voteExtensionsEnableHeight: extensionsFrom };
      weir.consensusParams.set(ctx, { ...params, block: { ...params.block!, maxBytes: newBytesMax }, abci });
      return [{ publicKeyType: "ed25519", publicKey, power: newPower }];
    },
  };
  // Staking would take its own view of who validates.
  return { ...weir, order: { ...weir.order, endBlock: [changer] } };
}

/** CometBFT over an application of that definition, with the home's keys. */
async function run(home: Home, definition: ChainDefinition, untilHeight: bigint) {
  const state = await MultiStore.open({
    directory: home.applicationData,
    storeNames: makeRegistry(weir.modules).storeNames,
  });
  closing.push(() => state.close());
  const application = new ChainApplication({
    definition,
    state,
    verifier: inlineVerifier(),
    minGasPrices: [],
    chainId,
    version: "test",
    appVersion: 0n,
    log: silentLog,
    queryGasLimit: 0n,
    checkInvariants: false,
    optimisticExecution: true,
  });
  const abciLog = join(home.folder, "abci.log");
  const reached = Promise.withResolvers<void>();
  const watch = {
    after: (method: string) => void (method === "commit" && state.height >= untilHeight && reached.resolve()),
  };
  const server = await AbciServer.listen({
    app: observed(application, watch, recordTo(abciLog)),
    address: `unix://${join(home.data, "abci.sock")}`,
    log: silentLog,
    onHalt: reached.reject,
  });
  closing.push(() => server.close());
  writeCometConfig(home, { abciAddress: server.address, stateSync: undefined });
  const port = await freePort();
  const flags = ["--rpc.laddr", `tcp://127.0.0.1:${port}`, "--p2p.laddr", "tcp://127.0.0.1:0"];
  const engine = new CometEngine({ program: cometBftBinary(), home: home.folder, flags, log: silentLog });
  void engine.ended.then(reached.reject);
  engine.start();
  closing.push(() => engine.stop());
  await reached.promise;
  return { url: `http://127.0.0.1:${port}`, calls: readRecord(abciLog) };
}

async function ask<T>(url: string, path: string): Promise<T> {
  return ((await (await fetch(`${url}/${path}`)).json()) as { result: T }).result;
}

const itRuns = it.skipIf(whyNoCometBft() !== undefined);

/** The first run builds the binary. */
vi.setConfig({ testTimeout: 600_000 });

describe("what a block changes, under the real cometbft (needs Go)", () => {
  itRuns(
    "validates two heights later, binds the next block, and vote extensions begin where the parameters say",
    async () => {
      const { home } = makeTestHome();
      closing.push(() => removeHome(home));
      const { publicKey } = parseKey(readFileSync(home.validatorKey, "utf8"), home.validatorKey);
      const { url, calls } = await run(home, changing(publicKey), extensionsFrom + 4n);
      const powerAt = async (height: bigint) =>
        (await ask<{ validators: { voting_power: string }[] }>(url, `validators?height=${height}`)).validators[0]
          ?.voting_power;
      expect(await powerAt(changedAt + 1n)).not.toBe(String(newPower));
      expect(await powerAt(changedAt + 2n)).toBe(String(newPower));
      const bytesAt = async (height: bigint) =>
        (await ask<{ consensus_params: { block: { max_bytes: string } } }>(url, `consensus_params?height=${height}`))
          .consensus_params.block.max_bytes;
      expect(await bytesAt(changedAt)).not.toBe(String(newBytesMax));
      expect(await bytesAt(changedAt + 1n)).toBe(String(newBytesMax));
      const extended = calls.flatMap(({ request }) => request.extendVote?.height ?? []);
      expect(extended[0]).toBe(extensionsFrom);
      expect(extended.length).toBeGreaterThan(2);
      expect(grammarFault(calls.map(({ method }) => method))).toBeUndefined();
      const proposals = calls.flatMap(({ request }) => request.prepareProposal ?? []);
      expect(proposals.find(({ height }) => height === changedAt + 1n)!.maxTxBytes).toBeLessThan(newBytesMax);
    },
  );
});
