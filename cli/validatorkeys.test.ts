import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseGenesis } from "../chain/consensus/genesis.ts";
import { loadSigner, newConsensusKey, validatorKeyJson } from "../chain/consensus/keys.ts";
import { silentLog } from "../chain/log.ts";
import { makeFundedHome, startTestNode } from "../test/helpers/node.ts";
import { genesisText } from "./genesis.ts";
import { withOwnValidator } from "./genesisvalidator.ts";
import type { Home } from "./home.ts";
import { startNode } from "./node.ts";
import { otherSigners } from "./validatorkeys.ts";

/** The home's genesis names another validator with as much power as its own. */
function addValidator(home: Home, publicKey: Uint8Array): void {
  const genesis = parseGenesis(readFileSync(home.genesis, "utf8"));
  writeFileSync(home.genesis, genesisText(withOwnValidator(genesis, publicKey, "other")));
}

describe("the keys of a folder", () => {
  let folder: string;
  const key = newConsensusKey();
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "weir-keys-"));
    writeFileSync(join(folder, "other_key.json"), validatorKeyJson(key));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("sign beside the home's own, also after a restart", async () => {
    const home = makeFundedHome();
    addValidator(home, key.publicKey);
    for (let run = 0; run < 2; run++) {
      const node = await startNode({
        home,
        log: silentLog,
        blockMillis: 20,
        rpcAddress: "tcp://127.0.0.1:0",
        validatorKeys: folder,
      });
      expect(node.engine.lastCommit.signatures.map(({ blockIdFlag }) => blockIdFlag)).toEqual([2, 2]);
      await node.close();
    }
    expect(loadSigner(join(folder, "other_key.json"), join(folder, "other_state.json")).last.height).toBeGreaterThan(
      1n,
    );
    rmSync(home.folder, { recursive: true });
  });

  it("are missed when they hold a third of the power: the node says so and ends", async () => {
    const home = makeFundedHome();
    addValidator(home, newConsensusKey().publicKey);
    const starting = startNode({ home, log: silentLog, rpcAddress: "tcp://127.0.0.1:0" });
    await expect(starting).rejects.toThrow("a block needs more than two thirds");
    rmSync(home.folder, { recursive: true });
  });

  it("are refused twice, without a memory of what they signed, and where there is none", () => {
    const home = makeFundedHome();
    const own = loadSigner(home.validatorKey, home.validatorState);
    const other = mkdtempSync(join(tmpdir(), "weir-keys-"));
    expect(() => otherSigners(join(other, "none"), own, true)).toThrow("there is no folder");
    expect(() => otherSigners(other, own, true)).toThrow("ends with _key.json");
    writeFileSync(join(other, "a_key.json"), validatorKeyJson(newConsensusKey()));
    expect(() => otherSigners(other, own, false)).toThrow("a_state.json is missing");
    expect(otherSigners(other, own, true)).toHaveLength(1);
    writeFileSync(join(other, "b_key.json"), readFileSync(home.validatorKey));
    expect(() => otherSigners(other, own, true)).toThrow("is also the home's own");
    for (const path of [home.folder, other]) rmSync(path, { recursive: true });
  });
});

it("a port that is taken stops a fresh home before its first block", async () => {
  const taken = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address() as AddressInfo;
  const home = makeFundedHome();
  await expect(startNode({ home, log: silentLog, rpcAddress: `tcp://127.0.0.1:${port}` })).rejects.toThrow("is in use");
  expect(loadSigner(home.validatorKey, home.validatorState).last.height).toBe(0n);
  taken.close();
  const node = await startTestNode({ home });
  expect(node.engine.height).toBeGreaterThan(0n);
  await node.remove();
});
