/** The walk-through of docs/buyer.md, word for word, on a chain of its own. */
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { devnetAccounts } from "../../cli/devnet-accounts.ts";
import { derivePrivateKey, hdPath } from "../../cli/keyring/derive.ts";
import { openKeyring } from "../../cli/keyring/keyring.ts";
import { buyingScene, type Scene } from "../helpers/buyingscene.ts";

const root = join(import.meta.dirname, "../..");
const text = readFileSync(join(root, "docs/buyer.md"), "utf8");
const timeout = 240_000;

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
}, timeout);

describe("docs/buyer.md", () => {
  it(
    "is typed as it is written: a shop, a newcomer, a session, an auction that burns, an audit, and books that add up",
    async () => {
      const scene = await market();
      const place = await bench(scene);
      const output = await typed(
        place,
        [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = ""]) => block).join("\n"),
      );
      expect(output).toContain("$0.999999 is yours now, in wallet 0.");
      expect(output).toContain('"endsEpoch":"0"');
      expect(output).toContain("taken over");
      expect(output.match(/ unused/g)).toHaveLength(2);
      expect(output).toMatch(/burned/);
      const books = readFileSync(join(place.folder, "wallet.csv"), "utf8");
      expect(books).toContain("session");
      expect(readFileSync(join(place.folder, "shop.csv"), "utf8").split("\n").length).toBeGreaterThan(3);
    },
    timeout,
  );
});

const weir = 1_000_000n;
const seller = devnetAccounts[0]!;
const offered = 100_000n * weir;

/** As a devnet's: a reserve, an offer of alice's, and her riches. */
async function market(): Promise<Scene> {
  const coins = (...amounts: readonly (readonly [string, bigint])[]) =>
    amounts.map(([denom, amount]) => ({ denom, amount }));
  const module = (name: string, denom: string, amount: bigint) => ({
    address: accountAddress.encode(moduleAddress(name)),
    coins: coins([denom, amount]),
    moduleName: name,
  });
  const scene = await buyingScene({
    relays: 2,
    epochSeconds: 6,
    accounts: [
      { address: seller.address, coins: coins(["uusdc", 1_000_000n * weir], ["uweir", 1_000_000n * weir]) },
      module("reserve", "uusdc", 100_000n * weir),
      module("reserve_book", "uweir", offered),
    ],
    amend(state) {
      const reserve = state.reserve as Record<string, unknown>;
      const offer = {
        id: "1",
        seller: seller.address,
        quantity: `${offered}`,
        ask: decText("0.012"),
        placed_epoch: "0",
      };
      Object.assign(reserve, { next_offer: "1", offers: [offer] });
    },
  });
  ends.push(() => scene.end());
  return scene;
}

const decText = (value: string): string => `${value}${"0".repeat(18 - value.split(".")[1]!.length)}`;

interface Place {
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** A folder where `npx weir` is this program, a devnet's home holds alice's key, and a page is served. */
async function bench(scene: Scene): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), "weir-docs-"));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  const programs = join(folder, "bin");
  mkdirSync(programs);
  const npx = join(programs, "npx");
  writeFileSync(npx, `#!/bin/sh\nshift\nexec "${process.execPath}" "${join(root, "cli/weir.js")}" "$@"\n`);
  chmodSync(npx, 0o755);
  const keyring = openKeyring({ home: join(folder, "devnet"), backend: "test", passphrase: async () => "" });
  await keyring.addLocal("alice", await derivePrivateKey(seller.mnemonic, "", hdPath(118, 0, 0)));
  const page = Buffer.alloc(3_000_000, "a page");
  const web = createServer((_, response) => response.end(page));
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  ends.push(() => void web.close());
  const { port } = web.address() as AddressInfo;
  const environment = {
    ...process.env,
    PATH: `${programs}:${process.env.PATH}`,
    PORT: `${port}`,
    WEIR_NODE: scene.node.rpcUrl,
    WEIR_KEYRING_BACKEND: "test",
    WEIR_ALLOW_PRIVATE_ADDRESSES: "true",
  };
  return { folder, environment };
}

/** Everything that is written, by a shell that stops at the first thing that fails. */
function typed({ folder, environment }: Place, script: string): Promise<string> {
  const child = spawn("bash", ["-eu", "-o", "pipefail", "-c", script], {
    cwd: folder,
    env: environment,
    detached: true,
  });
  ends.push(() => {
    try {
      process.kill(-child.pid!, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  });
  let output = "";
  const add = (part: Buffer) => {
    output += part.toString();
  };
  child.stdout.on("data", add);
  child.stderr.on("data", add);
  return new Promise((resolve, reject) => {
    child.once("close", (code) => (code === 0 ? resolve(output) : reject(new Error(`ended with ${code}: ${output}`))));
  });
}
