/** What a daemon may believe of the chain's state: only what a header shows that the operator's trusted one leads to, whatever nodes say. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { accountAddress } from "../../chain/address.ts";
import { asArray, asObject, asString, type JsonObject } from "../../chain/consensus/json.ts";
import { devnetAccounts } from "../../cli/devnet-accounts.ts";
import type { ChainClient, ChainClientOptions } from "../../node/chain/chainclient.ts";
import type { Trust } from "../../node/chain/lightclient.ts";
import { NodeClient } from "../../node/chain/nodeclient.ts";
import { memoryStore } from "../../node/daemon/store.ts";
import { clientOf, fundedSigner, sendMessage } from "../helpers/daemonchain.ts";
import { faultyRpc } from "../helpers/faultyrpc.ts";
import { startTestNode, type TestNode } from "../helpers/node.ts";

let node: TestNode;
/** The same node by another address. */
let second: string;
let trusted: Pick<Trust, "height" | "hash">;
const open: ChainClient[] = [];

beforeAll(async () => {
  node = await startTestNode();
  second = node.rpcUrl.replace("127.0.0.1", "localhost");
  const client = new NodeClient(node.rpcUrl);
  while ((await client.height()) < 4n) await new Promise((resolve) => setImmediate(resolve));
  const { block_id } = await client.rpc.call("block", { height: "3" });
  trusted = { height: 3n, hash: asString(asObject(block_id, "block_id").hash, "hash") };
});
afterEach(async () => {
  for (const chain of open.splice(0)) await chain.close();
});
afterAll(() => node.remove());

function client(options: Partial<ChainClientOptions> = {}, rpc: readonly string[] = [node.rpcUrl]): ChainClient {
  const chain = clientOf(rpc, { trusted, ...options });
  open.push(chain);
  return chain;
}

const keyOf = (address: string, denom: string): Uint8Array =>
  Uint8Array.of(2, 20, ...accountAddress.decode(address), ...Buffer.from(denom));
const key = keyOf(devnetAccounts[3]!.address, "uusdc");
const amount = Buffer.from("1000000000000");

const changed = (answer: JsonObject, path: readonly string[], change: (value: unknown) => unknown): JsonObject => {
  const [name, ...rest] = path;
  const inner = answer[name!];
  const value = rest.length === 0 ? change(inner) : changed(asObject(inner, name!), rest, change);
  return { ...answer, [name!]: value };
};

describe("a proven entry", () => {
  it("is there or absent, by a header that the trusted one leads to", async () => {
    const chain = client();
    expect(Buffer.from((await chain.proven("bank", key))!)).toEqual(amount);
    expect(await chain.proven("bank", keyOf(devnetAccounts[3]!.address, "unothing"))).toBeUndefined();
  });

  it("has in it what a block changed that the daemon already knows of", async () => {
    const chain = client({ signer: await fundedSigner(0) });
    const { address } = devnetAccounts[4]!;
    await chain.proven("bank", key);
    const { height } = await chain.submit([sendMessage(chain.address, address, 11n)]);
    expect(Buffer.from((await chain.proven("bank", keyOf(address, "uweir"), height))!).toString()).toBe(
      "1000000000011",
    );
  });

  const lies: readonly [string, string, (answer: JsonObject) => JsonObject][] = [
    ["a value", "abci_query", (answer) => changed(answer, ["response", "value"], () => "OQ==")],
    [
      "an app hash",
      "commit",
      (answer) => changed(answer, ["signed_header", "header", "app_hash"], () => "AB".repeat(32)),
    ],
    [
      "a signature",
      "commit",
      (answer) =>
        changed(answer, ["signed_header", "commit", "signatures"], (list) =>
          asArray(list, "signatures").map((one) => ({
            ...asObject(one, "one"),
            signature: Buffer.alloc(64).toString("base64"),
          })),
        ),
    ],
    [
      "validators",
      "validators",
      (answer) => changed(answer, ["validators"], (list) => [...asArray(list, "v"), ...asArray(list, "v")]),
    ],
  ];
  it.each(lies)(
    "is not taken from a node that lies about %s, and is from one that does not",
    async (_, method, lie) => {
      const faulty = faultyRpc();
      faulty.lies.set(method, (answer, url) => (url === node.rpcUrl ? lie(answer) : answer));
      const alone = client({ open: faulty.open });
      await expect(alone.proven("bank", key)).rejects.toMatchObject({ kind: "retry" });
      const both = client({ open: faulty.open }, [node.rpcUrl, second]);
      expect(Buffer.from((await both.proven("bank", key))!)).toEqual(amount);
    },
  );

  it("asks for a header that is trusted: another hash leads nowhere, and too old a one says what to do", async () => {
    const other = client({ trusted: { height: 3n, hash: "AB".repeat(32) } });
    await expect(other.proven("bank", key)).rejects.toThrow("it is of another chain, or it lies");
    const old = client({ trustMillisMax: 1 });
    await expect(old.proven("bank", key)).rejects.toMatchObject({ kind: "fatal" });
    await expect(old.proven("bank", key)).rejects.toThrow("set trust_height and trust_hash");
  });
});

describe("trust", () => {
  it("goes on with what was checked, and is kept over a restart", async () => {
    const store = memoryStore();
    await client({ store }).proven("bank", key);
    const faulty = faultyRpc();
    const asked: string[] = [];
    faulty.lies.set("commit", (answer) => {
      asked.push(String(asObject(asObject(answer.signed_header, "h").header, "h").height));
      return answer;
    });
    await client({ store, open: faulty.open }).proven("bank", key);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked).not.toContain("3");
  });

  it("begins with what all nodes tell where the settings name no header, and not where they differ", async () => {
    const chain = client({ trusted: undefined }, [node.rpcUrl, second]);
    expect(Buffer.from((await chain.proven("bank", key))!)).toEqual(amount);
    const faulty = faultyRpc();
    const other = (answer: JsonObject) => changed(answer, ["header", "data_hash"], () => "CD".repeat(32));
    faulty.lies.set("header", (answer, url) => (url === second ? other(answer) : answer));
    const split = client({ trusted: undefined, open: faulty.open }, [node.rpcUrl, second]);
    await expect(split.proven("bank", key)).rejects.toThrow("do not agree on block");
  });
});
