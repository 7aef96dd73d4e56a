import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { KvApplication, KvDisk } from "../../test/helpers/kv-application.ts";
import { type LocalHome, makeHome, openChain, type RunningChain } from "../../test/helpers/local-chain.ts";
import { hexUpper } from "../consensus/json.ts";
import { txHash } from "../crypto/txhash.ts";
import { silentLog } from "../log.ts";
import { RpcServer } from "./rpc.ts";

interface Message {
  readonly id?: string | number;
  readonly result?: {
    readonly query?: string;
    readonly data?: { readonly type: string; readonly value: unknown };
    readonly events?: unknown;
  };
  readonly error?: { readonly code: number; readonly message: string; readonly data?: string };
}

class TestClient {
  readonly socket: WebSocket;
  readonly #messages: Message[] = [];
  #arrived: () => void = () => {};

  constructor(url: string) {
    this.socket = new WebSocket(url);
    this.socket.on("message", (data) => {
      this.#messages.push(JSON.parse(String(data)));
      this.#arrived();
    });
  }

  send(message: unknown): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  /** The next message that fits, in the order they came; the ones before it are dropped. */
  async next(fits: (message: Message) => boolean = () => true): Promise<Message> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined && fits(message)) return message;
      if (message !== undefined) continue;
      await new Promise<void>((resolve) => {
        this.#arrived = resolve;
      });
    }
  }

  async call(method: string, params: object = {}, id: string | number = 1): Promise<Message> {
    this.send({ jsonrpc: "2.0", id, method, params });
    return this.next((message) => message.id === id);
  }
}

describe("the websocket", () => {
  let home: LocalHome;
  let chain: RunningChain;
  let server: RpcServer;
  let clients: TestClient[];
  beforeEach(async () => {
    clients = [];
    home = makeHome();
    const app = new KvApplication(new KvDisk());
    chain = await openChain(home, app);
    const first = chain.reach(1n);
    chain.engine.run();
    await first;
    const [signer] = home.signers;
    const backend = {
      engine: chain.engine,
      app,
      genesis: home.genesis,
      identity: { nodeId: "id", moniker: "m", listenAddress: "tcp://x:1", rpcAddress: "tcp://y:2" },
      validatorKey: signer!.publicKey,
      validatorAddress: signer!.address,
      log: silentLog,
    };
    const limits = { subscribedClientsMax: 2, subscriptionsPerClientMax: 3, bodyBytesMax: 2_000 };
    server = await RpcServer.listen(backend, { host: "127.0.0.1", port: 0, limits });
  });
  afterEach(async () => {
    for (const { socket } of clients) socket.terminate();
    await server.close(0);
    await chain.stop();
    home.remove();
  });

  async function connect(): Promise<TestClient> {
    const client = new TestClient(`ws://127.0.0.1:${server.port}/websocket`);
    clients.push(client);
    await once(client.socket, "open");
    return client;
  }

  const send = (text: string) => chain.engine.mempool.check(new Uint8Array(Buffer.from(text)));

  it("answers every method, in the order they were asked", async () => {
    const client = await connect();
    for (const id of [1, 2, 3]) client.send({ jsonrpc: "2.0", id, method: id === 2 ? "status" : "health" });
    expect([await client.next(), await client.next(), await client.next()].map(({ id }) => id)).toEqual([1, 2, 3]);
    expect((await client.call("block", { height: "9" })).error?.data).toMatch(/height 9 must be less/);
    expect((await client.call("nothing")).error?.message).toBe("Method not found");
  });

  it("sends blocks, headers and transactions to those who asked, by the id they asked with", async () => {
    const client = await connect();
    expect(await client.call("subscribe", { query: "tm.event='NewBlock'" }, "blocks")).toMatchObject({ result: {} });
    await client.call("subscribe", { query: "tm.event='NewBlockHeader'" }, "headers");
    const query = "tm.event='Tx' AND write.key='wanted'";
    await client.call("subscribe", { query }, "txs");
    await send("other=1");
    await send("wanted=2");
    const hash = hexUpper(txHash(Buffer.from("wanted=2")));
    const block = await client.next(({ id }) => id === "blocks");
    expect(block.result?.data).toMatchObject({
      type: "tendermint/event/NewBlock",
      value: { block: { header: { height: "2" } }, result_finalize_block: { events: [{ type: "block" }] } },
    });
    expect((await client.next()).result).toMatchObject({
      data: { value: { header: { height: "2" } } },
      query: "tm.event='NewBlockHeader'",
    });
    const { result } = await client.next(({ id }) => id === "txs");
    expect(result).toMatchObject({
      query,
      data: { type: "tendermint/event/Tx", value: { TxResult: { tx: "d2FudGVkPTI=" } } },
    });
    expect(result?.events).toMatchObject({ "tm.event": ["Tx"], "tx.hash": [hash], "write.key": ["wanted"] });
  });

  it("tells how a block came to be: the round, the proposal, and each precommit with its signature", async () => {
    const client = await connect();
    for (const name of ["NewRound", "CompleteProposal", "Vote"]) {
      await client.call("subscribe", { query: `tm.event='${name}'` }, name);
    }
    const sealed = chain.reach(2n);
    await send("a=1");
    const { id, commit } = await sealed;
    const address = hexUpper(home.signers[0]!.address);
    expect((await client.next(({ id }) => id === "NewRound")).result?.data).toEqual({
      type: "tendermint/event/NewRound",
      value: { height: "2", round: 0, step: "RoundStepNewRound", proposer: { address, index: 0 } },
    });
    expect((await client.next(({ id }) => id === "CompleteProposal")).result?.data).toMatchObject({
      value: { height: "2", round: 0, step: "RoundStepPropose", block_id: { hash: hexUpper(id.hash) } },
    });
    const { result } = await client.next(({ id }) => id === "Vote");
    expect(result?.data).toMatchObject({
      value: { Vote: { type: 2, height: "2", round: 0, validator_address: address, validator_index: 0 } },
    });
    expect(JSON.stringify(result)).toContain(Buffer.from(commit.signatures[0]!.signature).toString("base64"));
    expect(result?.events).toEqual({ "tm.event": ["Vote"] });
  });

  it("sends an event that is too large to copy for each client in parts that make one message", async () => {
    const clients = [await connect(), await connect()];
    for (const client of clients) await client.call("subscribe", { query: "tm.event='NewBlock'" }, "é");
    const tx = `large=${"x".repeat(40_000)}`;
    await send(tx);
    for (const client of clients) {
      const block = await client.next(({ id }) => id === "é");
      expect(JSON.stringify(block)).toContain(Buffer.from(tx).toString("base64"));
      expect(await client.call("health", {}, "after")).toEqual({ jsonrpc: "2.0", id: "after", result: {} });
    }
  });

  it("stops when it is asked to, and knows what is not subscribed", async () => {
    const client = await connect();
    const query = "tm.event='NewBlock'";
    await client.call("subscribe", { query }, "a");
    expect((await client.call("subscribe", { query }, "b")).error?.data).toBe("already subscribed");
    expect(await client.call("unsubscribe", { query })).toMatchObject({ result: {} });
    expect((await client.call("unsubscribe", { query })).error?.data).toBe("subscription not found");
    await client.call("subscribe", { query }, "c");
    expect(await client.call("unsubscribe_all")).toMatchObject({ result: {} });
    const sealed = chain.reach(chain.engine.height + 1n);
    await send("quiet=1");
    await sealed;
    expect(await client.call("health", {}, "last")).toEqual({ jsonrpc: "2.0", id: "last", result: {} });
  });

  it("bounds subscriptions of a client and clients with subscriptions", async () => {
    const [one, two, three] = [await connect(), await connect(), await connect()];
    for (const number of [1, 2, 3]) await one.call("subscribe", { query: `tx.height=${number}` });
    expect((await one.call("subscribe", { query: "tx.height=4" })).error?.data).toBe(
      "max_subscriptions_per_client 3 reached",
    );
    await two.call("subscribe", { query: "tx.height=1" });
    expect((await three.call("subscribe", { query: "tx.height=1" })).error?.data).toBe(
      "max_subscription_clients 2 reached",
    );
    one.socket.terminate();
    await once(one.socket, "close");
    await two.call("unsubscribe_all");
    expect(await three.call("subscribe", { query: "tx.height=1" })).toMatchObject({ result: {} });
  });

  it("refuses what is malformed, and goes on", async () => {
    const client = await connect();
    client.send("nonsense");
    expect((await client.next()).error?.code).toBe(-32700);
    client.send([1]);
    expect((await client.next()).error?.code).toBe(-32700);
    expect((await client.call("subscribe", { query: "tm.event=" })).error?.data).toBe(
      "failed to parse query: offset 9: EOF",
    );
    expect((await client.call("subscribe", { query: "x".repeat(600) })).error?.data).toBe(
      "maximum query length exceeded",
    );
    expect((await client.call("subscribe", { query: 5 })).error?.message).toBe("Internal error");
    client.send({ jsonrpc: "2.0", method: "health" });
    expect(await client.call("health", {}, 9)).toMatchObject({ id: 9, result: {} });
  });

  it("drops a client whose message is too long, and refuses other paths", async () => {
    const client = await connect();
    client.send("x".repeat(3_000));
    expect((await once(client.socket, "close"))[0]).toBe(1009);
    const wrong = new WebSocket(`ws://127.0.0.1:${server.port}/elsewhere`);
    const [error] = await once(wrong, "error");
    expect(String(error)).toContain("404");
  });
});
