import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { readRecord } from "../../chain/abci/record.ts";
import { silentLog } from "../../chain/log.ts";
import { homeAt } from "../../cli/home.ts";
import { joinOptions } from "../../cli/joining.ts";
import type { ServedNode } from "../../cli/servednode.ts";
import { grammarFault } from "../helpers/abcigrammar.ts";
import { sendBytes } from "../helpers/accountsthatsend.ts";
import { cometBftBinary, whyNoCometBft } from "../helpers/cometbft.ts";
import {
  broadcastCommit,
  chainId,
  edit,
  makeTestHome,
  reached,
  removeHome,
  rpc,
  startNodeUnderComet,
} from "../helpers/cometnode.ts";

const appHashAt = async (node: ServedNode, height: bigint): Promise<string> => {
  const { signed_header } = await rpc<{ signed_header: { header: { app_hash: string } } }>(node, "commit", {
    height: String(height),
  });
  return signed_header.header.app_hash;
};

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const itRuns = it.skipIf(whyNoCometBft() !== undefined);

/** The first run builds the binary. */
vi.setConfig({ testTimeout: 600_000 });

describe("state sync under the real cometbft (needs Go)", () => {
  itRuns(
    "joins a running network from nothing but two addresses, goes on with it, and serves others after a restart",
    async () => {
      cometBftBinary();
      const { home, senders } = makeTestHome({
        app: { "state-sync": { "snapshot-interval": 10, "snapshot-keep-recent": 200 } },
      });
      closing.push(() => removeHome(home));
      const [alice, bob] = senders;
      const first = await startNodeUnderComet(home);
      closing.push(() => first.close());
      await broadcastCommit(first, sendBytes(chainId, alice!, bob!.address, 5n));
      await reached(first, 12n);
      const port = new URL(first.rpcUrl ?? "").port;
      const urls = `http://127.0.0.1:${port},http://localhost:${port}`;

      const joining = homeAt(join(mkdtempSync(join(tmpdir(), "weir-join-")), "home"));
      const log: string[] = [];
      closing.push(() => removeHome(joining));
      const abciLog = `${joining.folder}.abci`;
      const options = {
        joining: joinOptions(urls, undefined, undefined),
        rpcAddress: "tcp://127.0.0.1:0",
        abciLog,
        log: { ...silentLog, info: (message: string) => void log.push(message) },
      };
      const second = await startNodeUnderComet(joining, options);
      closing.push(() => second.close());
      expect(log.join("\n")).toMatch(/state sync trusts block \d+, hash [0-9A-F]{64}, as http:\/\/127\.0\.0\.1/);
      await reached(second, first.height + 3n);
      const { sync_info } = await rpc<{ sync_info: { earliest_block_height: string } }>(second, "status");
      const joinedAt = BigInt(sync_info.earliest_block_height);
      expect(joinedAt).toBeGreaterThan(1n);
      await reached(second, joinedAt + 3n);
      expect(await appHashAt(second, joinedAt + 1n)).toBe(await appHashAt(first, joinedAt + 1n));
      await second.close();
      expect(existsSync(join(joining.data, "state-sync-under-way"))).toBe(false);
      const calls = readRecord(abciLog).map(({ method }) => method);
      expect(calls.slice(0, 2)).toEqual(["offerSnapshot", "applySnapshotChunk"]);
      expect(grammarFault(calls)).toBeUndefined();

      edit(joining.appToml, { "state-sync": { "snapshot-interval": 5 } });
      const again = await startNodeUnderComet(joining, options);
      expect(log.at(-1)).not.toMatch(/trusts/);
      closing.push(() => again.close());
      await reached(again, again.height + 12n);
      expect(existsSync(join(joining.applicationData, "checkpoints"))).toBe(true);
    },
  );
});
