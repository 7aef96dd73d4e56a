import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { KvApplication, KvDisk } from "../../test/helpers/kv-application.ts";
import { type LocalHome, makeHome, openChain, type RunningChain } from "../../test/helpers/local-chain.ts";
import { hexUpper } from "../consensus/json.ts";
import { txHash } from "../crypto/txhash.ts";
import type { LogFields } from "../log.ts";
import { RpcServer, type RpcServerOptions } from "./rpc.ts";
import { RpcError } from "./rpc-error.ts";
import { method, type RpcBackend, type RpcMethod } from "./rpc-method.ts";

interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly status: number;
  readonly contentType: string;
  readonly cache?: string;
  readonly answer: string;
}

const vectors = JSON.parse(
  readFileSync(new URL("../../test/vectors/jsonrpc.json", import.meta.url), "utf8"),
) as readonly Exchange[];

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** As docs/vectors/jsonrpc has them. */
const echoMethods: Readonly<Record<string, RpcMethod>> = {
  echo: method(
    { text: "text", bytes: "bytes", hex: "hex", number: "int64", optional: "optionalInt64", flag: "boolean" },
    (_, args) => ({
      text: args.text,
      bytes: hex(args.bytes),
      hex: hex(args.hex),
      number: String(args.number),
      optional: args.optional === undefined ? null : String(args.optional),
      flag: args.flag,
    }),
    "optional",
  ),
  refuse: method({}, () => {
    throw new RpcError("refused in words");
  }),
  break: method({}, () => {
    throw new Error("a secret of the node");
  }),
};

/** Where Go's answer is an accident of its libraries, ours is only as good: what differs, and why. */
function accident({ body = "", answer }: Exchange): string | undefined {
  if (answer.includes("reflect: Call with too few input arguments"))
    return "Go panics without params; here they default";
  if (answer.includes("Go value of type struct {")) return "Go prints the type of its own decoder";
  if (body.includes('"id":{}')) return "Go prints its type for a map";
  if (body === "nonsense") return "Go's scanner tells the letter in a literal";
  return undefined;
}

describe("JSON-RPC and URIs", () => {
  let home: LocalHome;
  let chain: RunningChain;
  let server: RpcServer;
  let rpc: RpcServer;
  const logged: string[] = [];
  const log = (message: string, _fields?: LogFields) => void logged.push(message);

  beforeAll(async () => {
    home = makeHome();
    const app = new KvApplication(new KvDisk());
    chain = await openChain(home, app);
    const first = chain.reach(1n);
    chain.engine.run();
    await first;
    const [signer] = home.signers;
    const backend: RpcBackend = {
      engine: chain.engine,
      app,
      genesis: home.genesis,
      identity: { nodeId: "id", moniker: "m", listenAddress: "tcp://x:1", rpcAddress: "tcp://y:2" },
      validatorKey: signer!.publicKey,
      validatorAddress: signer!.address,
      log: { debug: log, info: log, warn: log, error: log },
    };
    const listen = (options: Partial<RpcServerOptions>) =>
      RpcServer.listen(backend, { host: "127.0.0.1", port: 0, ...options });
    const limits = { bodyBytesMax: 2_000, batchMax: 3, connectionsMax: 5, idleMillisMax: 300, requestMillisMax: 300 };
    server = await listen({ methods: echoMethods, limits, corsOrigins: ["https://wallet.example"] });
    rpc = await listen({});
  });
  afterAll(async () => {
    await server.close(0);
    await rpc.close(0);
    await chain.stop();
    home.remove();
  });

  const url = (path: string, port = server.port) => `http://127.0.0.1:${port}${path}`;
  const withoutPath = ({ path, body }: Exchange) => `${path}${body ?? ""}`.slice(0, 100);

  it.each(vectors.map((vector) => ({ vector, what: withoutPath(vector) })))(
    "answer $what as CometBFT does",
    async ({ vector }) => {
      const init = vector.method === "POST" ? { method: "POST", body: vector.body ?? "" } : {};
      const response = await fetch(url(vector.path), init);
      const answer = await response.text();
      if (accident(vector) !== undefined) {
        expect(response.status).toBeLessThanOrEqual(500);
        expect(() => JSON.parse(answer)).not.toThrow();
        return;
      }
      expect([response.status, response.headers.get("content-type") ?? ""]).toEqual([
        vector.status,
        vector.contentType,
      ]);
      // An error is never worth keeping for a day, whatever CometBFT allows.
      const isError = vector.answer.includes('"error"');
      expect(response.headers.get("cache-control") ?? undefined).toBe(isError ? undefined : vector.cache);
      if (vector.contentType.startsWith("application/json"))
        expect(JSON.parse(answer)).toEqual(JSON.parse(vector.answer));
      else expect(answer).toBe(vector.answer);
    },
  );

  it("tell nothing of a defect but log it", async () => {
    const response = await fetch(url("/break"));
    expect(await response.json()).toEqual({
      jsonrpc: "2.0",
      id: -1,
      error: { code: -32603, message: "Internal error", data: "internal" },
    });
    expect(logged.some((line) => line.includes("a secret of the node"))).toBe(true);
  });

  it("list the methods for a browser, and allow the pages they are told to", async () => {
    expect(await (await fetch(url("/"))).text()).toContain("/echo?text=_&bytes=_");
    const allowed = await fetch(url("/echo"), { headers: { Origin: "https://wallet.example" } });
    expect(allowed.headers.get("access-control-allow-origin")).toBe("https://wallet.example");
    const other = await fetch(url("/echo"), { headers: { Origin: "https://elsewhere.example" } });
    expect(other.headers.get("access-control-allow-origin")).toBeNull();
  });

  it("cut a body that is longer than it said it would be", async () => {
    const answer = await new Promise<number>((resolve, reject) => {
      const sending = httpRequest(url("/"), { method: "POST" }, (response) => resolve(response.statusCode ?? 0));
      sending.on("error", reject);
      for (let i = 0; i < 5; i++) sending.write("x".repeat(1_000));
      sending.end();
    });
    expect(answer).toBe(400);
  });

  it("drop a connection that says nothing, and those beyond their number", async () => {
    const sockets = Array.from({ length: 8 }, () => connect(server.port, "127.0.0.1"));
    await Promise.all(
      sockets.map(async (socket) => {
        socket.on("error", () => {});
        socket.resume();
        await once(socket, "close");
      }),
    );
    expect((await fetch(url("/echo"))).status).toBe(200);
  });

  const call = async (name: string, params: object = {}) => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: name, params });
    const response = await fetch(url("/", rpc.port), { method: "POST", body });
    const { result, error } = (await response.json()) as { result?: never; error?: { data: string } };
    return error === undefined ? result : error.data;
  };

  it("refuse heights that are not there, in CometBFT's words", async () => {
    expect(await call("block", { height: "0" })).toBe("height must be greater than 0, but got 0");
    const text = "height 900 must be less than or equal to the current blockchain height 1";
    for (const name of ["block", "commit", "header", "block_results"])
      expect(await call(name, { height: "900" })).toBe(text);
    expect(await call("blockchain", { minHeight: "5", maxHeight: "3" })).toMatch(
      /^min height 5 can't be greater than max height/,
    );
    expect(await call("validators", { page: "2" })).toBe("page should be within [1, 1] range, given 2");
    expect(await call("tx", { hash: Buffer.alloc(32).toString("base64") })).toBe(`tx (${"00".repeat(32)}) not found`);
    expect(await call("tx_search", { query: "tx.height" })).toBe("offset 9: EOF");
    expect(await call("tx_search", { query: "x".repeat(513) })).toBe("maximum query length exceeded");
    const order = "expected order_by to be either `asc` or `desc` or empty";
    expect(await call("tx_search", { query: "tx.height=1", order_by: "up" })).toBe(order);
  });

  it("take a transaction, refuse it the second time, and find it by hash, block and page", async () => {
    const bytes = Buffer.from("k=v");
    const hash = hexUpper(txHash(bytes));
    const included = chain.reach(chain.engine.height + 1n);
    const tx = bytes.toString("base64");
    expect(await call("broadcast_tx_sync", { tx })).toEqual({ code: 0, data: "", log: "", codespace: "kv", hash });
    expect(await call("broadcast_tx_sync", { tx })).toBe("tx already exists in cache");
    const { block, id } = await included;
    const found = await (await fetch(url(`/tx?hash=0x${hash}&prove=true`, rpc.port))).json();
    const proof = { root_hash: hexUpper(block.header.dataHash) };
    expect(found).toMatchObject({ result: { hash, height: String(block.header.height), index: 0, tx, proof } });
    const byHash = await call("block_by_hash", { hash: Buffer.from(id.hash).toString("base64") });
    expect(byHash).toMatchObject({ block: { data: { txs: [tx] } } });
    expect(await call("header_by_hash", { hash: hexUpper(id.hash) })).toMatchObject({ header: { chain_id: "kv-1" } });
    expect(await call("block_by_hash", { hash: "AAAA" })).toMatchObject({ block: null });
    const search = await call("tx_search", { query: "write.key='k'", per_page: "1", page: "1", order_by: "desc" });
    expect(search).toMatchObject({ total_count: "1", txs: [{ hash }] });
    expect(await call("unconfirmed_txs", { limit: "5" })).toEqual({
      n_txs: "0",
      total: "0",
      total_bytes: "0",
      txs: [],
    });
  });
});
