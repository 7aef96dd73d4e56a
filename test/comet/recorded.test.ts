import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type RecordedCall, readRecord } from "../../chain/abci/record.ts";
import { AbciServer } from "../../chain/abci/server.ts";
import { silentLog } from "../../chain/log.ts";
import { readAppConfig } from "../../cli/config.ts";
import { type Home, homeAt } from "../../cli/home.ts";
import { openApplication } from "../../cli/nodeapplication.ts";
import { readGenesis } from "../../cli/stopped.ts";
import { AbciClient } from "../helpers/abciclient.ts";
import { grammarFault } from "../helpers/abcigrammar.ts";
import { sendBytes } from "../helpers/accountsthatsend.ts";
import { whyNoCometBft } from "../helpers/cometbft.ts";
import { broadcastCommit, chainId, makeTestHome, removeHome, startNodeUnderComet } from "../helpers/cometnode.ts";
import { startTestNode } from "../helpers/node.ts";
import { replay } from "../helpers/replay.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

/** A home with funded accounts, and sends of theirs for three blocks and more. */
function chain() {
  const { home, senders } = makeTestHome();
  closing.push(() => removeHome(home));
  const [alice, bob] = senders;
  const sends = Array.from({ length: 3 }, (_, i) => sendBytes(chainId, alice!, bob!.address, BigInt(i + 1)));
  return { home, sends, abciLog: join(home.folder, "abci.log") };
}

/** The application of that genesis, on a state of its own. */
async function freshApplication(home: Home) {
  const data = homeAt(join(home.folder, "replayed"));
  const opened = await openApplication(
    { home: { ...home, applicationData: data.applicationData }, log: silentLog, checkInvariants: true },
    readGenesis(home),
    readAppConfig(home),
  );
  closing.push(() => opened.close());
  return opened.application;
}

async function farApplication(home: Home) {
  const server = await AbciServer.listen({
    app: await freshApplication(home),
    address: `unix://${join(home.folder, "replay.sock")}`,
    log: silentLog,
    onHalt: () => {},
  });
  closing.push(() => server.close());
  const client = await AbciClient.connect(server.address);
  closing.push(() => client.close());
  return client.application;
}

const appHashes = (calls: readonly RecordedCall[]) =>
  new Map(
    calls.flatMap(({ request, response }) =>
      request.finalizeBlock === undefined || response?.finalizeBlock === undefined
        ? []
        : [[request.finalizeBlock.height, Buffer.from(response.finalizeBlock.appHash).toString("hex")] as const],
    ),
  );

/** The first run builds the binary. */
vi.setConfig({ testTimeout: 600_000 });

describe("a recorded log of ABCI calls", () => {
  it.skipIf(whyNoCometBft() !== undefined)(
    "made under the real cometbft keeps to the grammar, and gives the same app hashes in this process (needs Go)",
    async () => {
      const { home, sends, abciLog } = chain();
      for (let start = 0; start < 2; start++) {
        const node = await startNodeUnderComet(home, { abciLog });
        for (const tx of sends.splice(0, 2)) expect((await broadcastCommit(node, tx)).tx_result.code).toBe(0);
        await node.close();
      }
      const calls = readRecord(abciLog);
      expect(grammarFault(calls.map(({ method }) => method))).toBeUndefined();
      const replayed = await replay(calls, await freshApplication(home));
      expect(replayed.differences).toEqual([]);
      expect(replayed.appHashes).toEqual(appHashes(calls));
      expect(new Set(replayed.appHashes.values()).size).toBeGreaterThan(2);
    },
  );

  it("made under the embedded engine keeps to the grammar, and gives the same app hashes over a socket", async () => {
    const { home, sends, abciLog } = chain();
    const node = await startTestNode({ home, abciLog, blockMillis: 5 });
    for (const tx of sends) {
      const body = JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "broadcast_tx_commit",
        params: { tx: Buffer.from(tx).toString("base64") },
      });
      await fetch(node.rpcUrl, { method: "POST", body });
    }
    await node.close();
    const calls = readRecord(abciLog);
    expect(grammarFault(calls.map(({ method }) => method))).toBeUndefined();
    const replayed = await replay(calls, await farApplication(home));
    expect(replayed.differences).toEqual([]);
    expect(replayed.appHashes).toEqual(appHashes(calls));
    expect(new Set(replayed.appHashes.values()).size).toBeGreaterThan(2);
  });

  it.each([
    [["info", "initChain", "finalizeBlock", "finalizeBlock"], /call 3, finalizeBlock, cannot follow/],
    [["info", "initChain", "commit"], /call 2, commit/],
    [["initChain"], /call 0, initChain, cannot follow the start/],
    [["info", "prepareProposal", "prepareProposal", "commit"], /call 3, commit/],
    [["offerSnapshot", "info", "finalizeBlock", "initChain"], /call 3, initChain/],
  ] as const)("leaves the grammar at %j", (calls, fault) => {
    expect(grammarFault(calls)).toMatch(fault);
  });
});
