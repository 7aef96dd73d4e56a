import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { sendBytes } from "../helpers/accountsthatsend.ts";
import { whyNoCometBft } from "../helpers/cometbft.ts";
import {
  broadcastCommit,
  chainId,
  makeTestHome,
  reached,
  removeHome,
  rpc,
  startNodeUnderComet,
} from "../helpers/cometnode.ts";

/** The first run builds the binary. */
const buildMillisMax = 600_000;

const itRuns = it.skipIf(whyNoCometBft() !== undefined);

describe("a node under the real cometbft (needs Go)", () => {
  itRuns(
    "seals blocks with transactions in them, stops, and goes on where it stopped",
    async () => {
      const { home, senders } = makeTestHome();
      const [alice, bob] = senders;
      const first = await startNodeUnderComet(home);
      const sent = await broadcastCommit(first, sendBytes(chainId, alice!, bob!.address, 5n));
      expect([sent.check_tx.code, sent.tx_result.code], sent.check_tx.log + sent.tx_result.log).toEqual([0, 0]);
      await first.close();
      const stoppedAt = first.height;
      expect(stoppedAt).toBeGreaterThanOrEqual(BigInt(sent.height));
      expect(readFileSync(home.appToml, "utf8")).toContain('engine = "comet"');

      const second = await startNodeUnderComet(home);
      // It may have sealed a block by now; a state begun anew would be at the first ones.
      expect(second.height).toBeGreaterThanOrEqual(stoppedAt);
      await reached(second, stoppedAt + 2n);
      const again = await broadcastCommit(second, sendBytes(chainId, alice!, bob!.address, 6n));
      expect(again.tx_result.code).toBe(0);
      const status = await rpc<{ sync_info: { latest_app_hash: string } }>(second, "status");
      expect(status.sync_info.latest_app_hash).toMatch(/^[0-9A-F]{64}$/);
      await second.close();
      removeHome(home);
    },
    buildMillisMax,
  );
});
