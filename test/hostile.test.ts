/** What hostile people may hand to a node: blocks as a third of the validators could decide them, genesis files, settings, queries. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeRegistry } from "../chain/definition.ts";
import { readAppConfig, readClientConfig, readNodeConfig } from "../cli/config.ts";
import { devnetAccounts } from "../cli/devnet-accounts.ts";
import { main } from "../cli/main.ts";
import { weir } from "../modules/index.ts";
import { NodeClient, QueryRefused } from "../node/chain/nodeclient.ts";
import { schema } from "../proto/schema.ts";
import { makeFundedHome, startTestNode, type TestNode } from "./helpers/node.ts";
import { type Random, seededRandom } from "./helpers/random.ts";
import { startBalance, TestApplication } from "./helpers/testapplication.ts";

const defects =
  /Cannot |is not a function|is not iterable|\bundefined\b|\[object|Maximum call|at .*\.ts:\d+|Invalid array length/;

describe("a hostile proposer", () => {
  const mangled = (random: Random, tx: Uint8Array): Uint8Array => {
    const bytes = Buffer.from(tx);
    const how = random.below(6);
    if (how === 0) return bytes.subarray(0, random.below(bytes.length));
    if (how === 1) return Buffer.concat([bytes, random.bytes(1 + random.below(9))]);
    if (how === 2) return random.bytes(random.below(200));
    if (how === 3) return new Uint8Array();
    bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
    return bytes;
  };

  it("stops no node and parts no two, whatever a block holds that was decided all the same", async () => {
    const random = seededRandom(51);
    const [processing, plain] = [await TestApplication.start(), await TestApplication.start()];
    const receiver = processing.accounts[3]!.address;
    let refused = 0;
    for (let block = 0; block < 40; block++) {
      const txs: Uint8Array[] = [];
      for (let i = random.below(6); i > 0; i--) {
        const from = random.below(3);
        const sequence = processing.accounts[from]!.sequence;
        const amount = random.chance(3) ? startBalance * 2n : 5n;
        const tx = processing.send(from, receiver, { amount, sequence });
        // A block may hold one twice, out of turn, or with bytes that no wallet wrote.
        if (random.chance(2)) txs.push(random.chance(4) ? tx : mangled(random, tx));
        else txs.push(tx, ...(random.chance(4) ? [tx] : []));
      }
      if (!processing.process(txs)) refused += 1;
      const [one, other] = [processing.seal(txs), plain.seal(txs)];
      expect(one).toEqual(other);
      expect(one.txResults).toHaveLength(txs.length);
      for (const { code, log } of one.txResults) if (code !== 0) expect(log).not.toMatch(defects);
    }
    expect(refused).toBeGreaterThan(10);
  });
});

describe("a hostile file", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "weir-hostile-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  type Path = readonly (string | number)[];

  function pathsIn(value: unknown, path: Path = []): Path[] {
    if (typeof value !== "object" || value === null) return [path];
    const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
    const below = keys.flatMap((key) => pathsIn((value as Record<string | number, unknown>)[key], [...path, key]));
    return path.length === 0 ? below : [path, ...below];
  }

  const values = [
    null,
    true,
    0,
    -1,
    1.5,
    1e300,
    "",
    "0",
    "-1",
    "x",
    "9".repeat(100),
    "18446744073709551616",
    [],
    {},
    [[]],
  ];
  const more = [[null], { a: 1 }, "é\u0000", "weir1x", "2026-13-45T00:00:00Z", "1e5", "a".repeat(10_000)];

  it("as genesis is taken or refused in words that name the place", async () => {
    const home = makeFundedHome();
    const good = readFileSync(home.genesis, "utf8");
    const paths = pathsIn(JSON.parse(good));
    const random = seededRandom(52);
    const file = join(folder, "genesis.json");
    const codes = new Set<number>();
    for (let i = 0; i < 120; i++) {
      const document = JSON.parse(good);
      const path = random.pick(paths);
      const holder = path.slice(0, -1).reduce((value, key) => value[key], document);
      const last = path.at(-1)!;
      const how = random.below(5);
      if (how === 0) delete holder[last];
      else if (how === 1) holder[Array.isArray(holder) ? holder.length : `${last}x`] = holder[last];
      else holder[last] = random.pick([...values, ...more]);
      writeFileSync(file, JSON.stringify(document));
      let said = "";
      const say = (text: string) => {
        said += text;
      };
      const code = await main(["genesis", "validate", file], { environment: {}, out: say, err: say });
      codes.add(code);
      expect([0, 1], said).toContain(code);
      expect(said, path.join(".")).not.toMatch(defects);
    }
    rmSync(home.folder, { recursive: true });
    expect(codes).toEqual(new Set([0, 1]));
  });

  it.each(["", "[", "null", "5", "\u0000", `${"[".repeat(100_000)}`, '{"a":'])("as genesis: %j", async (text) => {
    const file = join(folder, "genesis.json");
    writeFileSync(file, text);
    let said = "";
    const say = (more: string) => {
      said += more;
    };
    expect(await main(["genesis", "validate", file], { environment: {}, out: say, err: say })).toBe(1);
    expect(said).toMatch(/genesis\.json/);
    expect(said.replaceAll("undefined", "")).not.toMatch(defects);
  });

  it("as settings is taken, or refused by its name and line", () => {
    const home = makeFundedHome();
    const random = seededRandom(53);
    const readers: readonly (readonly [path: string, read: () => unknown])[] = [
      [home.appToml, () => readAppConfig(home)],
      [home.configToml, () => readNodeConfig(home)],
      [home.clientToml, () => readClientConfig(readFileSync(home.clientToml, "utf8"), home.clientToml)],
    ];
    const texts = [
      "-1",
      "1e400",
      "nan",
      "inf",
      "true",
      '""',
      "[]",
      "{}",
      "1979-05-27T07:32:00Z",
      '"\\u0000"',
      '"-1s"',
      '"1uweir,,"',
    ];
    const strays = [
      "[rpc]",
      "a.b.c=1",
      "[[rpc]]",
      "__proto__ = 1",
      "[__proto__]\nx=1",
      "\u0000",
      `x = ${"[".repeat(3_000)}`,
    ];
    let refused = 0;
    for (let i = 0; i < 400; i++) {
      const [path, read] = random.pick(readers);
      const good = readFileSync(path, "utf8");
      const rows = good.split("\n");
      const settings = [...rows.keys()].filter((row) => rows[row]!.includes(" = "));
      const how = random.below(3);
      if (how === 0) rows.splice(random.below(rows.length), 0, random.pick(strays));
      else if (how === 1) rows.splice(random.below(rows.length));
      else {
        const row = random.pick(settings);
        rows[row] = rows[row]!.replace(/ = .*/, ` = ${random.pick(texts)}`);
      }
      writeFileSync(path, rows.join("\n"));
      try {
        read();
      } catch (error) {
        refused += 1;
        const { message } = error as Error;
        expect(message.startsWith(path), message).toBe(true);
        expect(message).not.toMatch(defects);
      }
      writeFileSync(path, good);
    }
    rmSync(home.folder, { recursive: true });
    expect(refused).toBeGreaterThan(100);
  });
});

describe("a hostile question", () => {
  let node: TestNode;
  beforeAll(async () => {
    node = await startTestNode();
  });
  afterAll(() => node.remove());

  const max = (1n << 64n) - 1n;
  const numbers = [0n, 1n, 5n, 1_000_000n, 1n << 62n, 1n << 63n, max];
  const words = [
    devnetAccounts[0]!.address,
    "",
    "weir1",
    "uweir",
    "a".repeat(100_000),
    "\u0000",
    "é",
    "-1",
    "9".repeat(400),
  ];

  function page(random: Random): Uint8Array {
    const writer = new BinaryWriter();
    if (random.chance(2)) writer.uint32(10).bytes(random.bytes(random.pick([1, 8, 20, 64, 60_000])));
    if (random.chance(2)) writer.uint32(16).uint64(random.pick(numbers));
    if (random.chance(2)) writer.uint32(24).uint64(random.pick(numbers));
    for (const tag of [32, 40]) if (random.chance(2)) writer.uint32(tag).bool(true);
    return writer.finish();
  }

  function request(random: Random, typeName: string): Uint8Array {
    const writer = new BinaryWriter();
    for (const { number, type, of } of schema().messages[typeName]?.fields ?? []) {
      if (random.chance(6)) continue;
      const isBytes = type === "message" || type === "bytes";
      if (of === "cosmos.base.query.v1beta1.PageRequest") writer.uint32((number << 3) | 2).bytes(page(random));
      else if (type === "string") writer.uint32((number << 3) | 2).string(random.pick(words));
      else if (isBytes) writer.uint32((number << 3) | 2).bytes(random.bytes(random.pick([0, 1, 20, 32, 5_000])));
      else writer.uint32(number << 3).uint64(random.pick(numbers));
    }
    return writer.finish();
  }

  it("to any query is answered or refused with a code, and blocks go on", async () => {
    const random = seededRandom(54);
    const registry = makeRegistry(weir.modules);
    const client = new NodeClient(node.rpcUrl);
    const before = node.engine.height;
    let refused = 0;
    for (const path of weir.modules.flatMap(({ queries }) => Object.keys(queries))) {
      for (let i = 0; i < 6; i++) {
        const data = request(random, registry.query(path)!.request.typeName);
        const height = random.pick([0n, 0n, 1n, 999_999n, -1n]);
        try {
          await client.abciQuery({ path, data, height });
        } catch (error) {
          refused += 1;
          expect(error, path).toBeInstanceOf(QueryRefused);
          expect(String(error)).not.toMatch(defects);
        }
      }
    }
    expect(refused).toBeGreaterThan(50);
    expect(node.engine.height).toBeGreaterThan(before);
  });
});
