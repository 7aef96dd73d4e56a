import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { KvApplication, KvDisk } from "../../test/helpers/kv-application.ts";
import { type LocalHome, makeHome, openChain, type RunningChain } from "../../test/helpers/local-chain.ts";
import { silentLog } from "../log.ts";
import { type RpcLimits, RpcServer } from "./rpc.ts";
import { Gate } from "./rpc-gate.ts";
import { Fairness } from "./rpc-limits.ts";
import { method } from "./rpc-method.ts";
import { rpcMethods } from "./rpc-methods.ts";
import { Turns } from "./rpc-turns.ts";

describe("the limits of the RPC", () => {
  let home: LocalHome;
  let chain: RunningChain;
  let server: RpcServer | undefined;
  const sockets: { destroy(): void }[] = [];
  beforeEach(async () => {
    home = makeHome();
    chain = await openChain(home, new KvApplication(new KvDisk()), { createEmptyBlocks: true, blockMillis: 10 });
    const first = chain.reach(1n);
    chain.engine.run();
    await first;
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await server?.close(0);
    await chain.stop();
    home.remove();
  });

  async function listen(limits: Partial<RpcLimits>, methods = rpcMethods): Promise<number> {
    const [{ publicKey, address }] = home.signers as [(typeof home.signers)[0]];
    const identity = { nodeId: "id", moniker: "m", listenAddress: "", rpcAddress: "" };
    const known = { engine: chain.engine, app: chain.engine.options.app, genesis: home.genesis, identity };
    const backend = { ...known, validatorKey: publicKey, validatorAddress: address, log: silentLog };
    server = await RpcServer.listen(backend, { host: "127.0.0.1", port: 0, limits, methods });
    return server.port;
  }

  const post = (port: number, body: string) => fetch(`http://127.0.0.1:${port}/`, { method: "POST", body });

  async function opened(port: number): Promise<Socket> {
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => {});
    socket.resume();
    sockets.push(socket);
    await once(socket, "connect");
    return socket;
  }

  /** What the server says to a request; nothing when it cuts the connection. */
  const firstWord = (socket: Socket) =>
    new Promise<string>((resolve) => {
      socket.once("data", (data) => resolve(String(data)));
      socket.once("close", () => resolve(""));
      if (socket.closed) resolve("");
      socket.write("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
    });

  async function socketTo(port: number): Promise<WebSocket> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/websocket`);
    socket.on("error", () => {});
    sockets.push({ destroy: () => socket.terminate() });
    await once(socket, "open");
    return socket;
  }

  const health = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "health" });
  const subscribe = (id: number, query: string) =>
    JSON.stringify({ jsonrpc: "2.0", id, method: "subscribe", params: { query } });

  it("cut the connections of one address beyond its number, and take new ones when others end", async () => {
    const port = await listen({ connectionsPerAddressMax: 3 });
    const first = await Promise.all([opened(port), opened(port), opened(port)]);
    expect(await firstWord(await opened(port))).toBe("");
    first[0].destroy();
    // The server learns of the end when it gets to it; until then it cuts the next as well.
    let word = "";
    while (word === "") word = await firstWord(await opened(port));
    expect(word).toContain("200 OK");
  });

  it("refuse an address that asks too much in a second, over every transport, and hear it again later", async () => {
    const port = await listen({ requestsPerSecondMax: 5 });
    const socket = await socketTo(port);
    const over = await post(port, `[${Array.from({ length: 6 }, () => health).join(",")}]`);
    expect(over.status).toBe(429);
    const text = "more than 5 requests in a second; try again in a second";
    expect(await over.json()).toEqual({ jsonrpc: "2.0", error: { code: -32000, message: "Server error", data: text } });
    expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(429);
    socket.send(health);
    const [message] = (await once(socket, "message")) as [Buffer];
    expect(JSON.parse(String(message))).toMatchObject({ error: { code: -32000, data: text } });
  });

  it("count anew each second, and each address for itself", () => {
    const fairness = new Fairness({ connectionsPerAddressMax: 1, requestsPerSecondMax: 2, bodyBytesTotalMax: 10 });
    expect([fairness.refusal("a"), fairness.refusal("a"), fairness.refusal("b")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(fairness.refusal("a")).toMatch("more than 2 requests");
    expect(fairness.refusal("b")).toBeUndefined();
    expect([fairness.take(6), fairness.take(6)]).toEqual([true, false]);
    fairness.release(6);
    expect(fairness.take(10)).toBe(true);
  });

  it("refuse a body of 100 MB, and bodies that are too much together", async () => {
    const port = await listen({ bodyBytesTotalMax: 50_000 });
    const tooLong = await new Promise<number>((resolve) => {
      const headers = { "Content-Length": 100_000_000 };
      const sending = httpRequest({ port, host: "127.0.0.1", method: "POST", headers }, ({ statusCode = 0 }) => {
        resolve(statusCode);
        sending.destroy();
      });
      sending.on("error", () => {});
      sending.write("[");
    });
    expect(tooLong).toBe(400);
    const tooMuch = await new Promise<number>((resolve) => {
      const sending = httpRequest({ port, host: "127.0.0.1", method: "POST" }, ({ statusCode = 0 }) => {
        resolve(statusCode);
        sending.destroy();
      });
      sending.on("error", () => {});
      sending.end("x".repeat(60_000));
    });
    expect(tooMuch).toBe(503);
    expect((await post(port, health)).status).toBe(200);
  });

  it("hold a thousand subscriptions, and refuse the one beyond a client's or everyone's number", async () => {
    const limits = { subscribedClientsMax: 100, subscriptionsPerClientMax: 10, connectionsPerAddressMax: 200 };
    const port = await listen(limits);
    const clients = await Promise.all(Array.from({ length: 100 }, () => socketTo(port)));
    const answered = clients.map(async (client) => {
      let answers = 0;
      client.on("message", () => answers++);
      for (let id = 0; id < 10; id++)
        client.send(subscribe(id, `tm.event='NewBlock' AND block.height=${id + 900_000}`));
      while (answers < 10) await once(client, "message");
    });
    await Promise.all(answered);
    const ask = async (client: WebSocket, query: string) => {
      client.send(subscribe(99, query));
      const [message] = (await once(client, "message")) as [Buffer];
      return (JSON.parse(String(message)) as { error?: { data: string } }).error?.data;
    };
    expect(await ask(clients[0]!, "tm.event='Tx'")).toBe("max_subscriptions_per_client 10 reached");
    expect(await ask(await socketTo(port), "tm.event='Tx'")).toBe("max_subscription_clients 100 reached");
    const { height } = chain.engine;
    await chain.reach(height + 2n);
  });

  it("read no further from a client whose requests wait, and answer every one of them in the end", async () => {
    const port = await listen({ requestsPerSecondMax: 100_000 });
    const client = await socketTo(port);
    const count = 6_000;
    let answers = 0;
    client.on("message", () => answers++);
    for (let i = 0; i < count; i++) client.send(health);
    while (answers < count) await once(client, "message");
    expect(answers).toBe(count);
  });

  it("make no more answers for a client that does not read them, while others go on", async () => {
    let count = 0;
    const big = method({}, () => {
      count++;
      return "x".repeat(500_000);
    });
    const port = await listen({}, { ...rpcMethods, big });
    const slow = await socketTo(port);
    slow.pause();
    const asked = 200;
    for (let id = 0; id < asked; id++) slow.send(JSON.stringify({ jsonrpc: "2.0", id, method: "big" }));
    const reads = await socketTo(port);
    reads.send(subscribe(1, "tm.event='NewBlockHeader'"));
    for (let i = 0; i < 50; i++) {
      await once(reads, "message");
      expect((await post(port, health)).status).toBe(200);
    }
    // What fits into the kernel's buffers on both sides, and no more.
    expect(count).toBeGreaterThan(0);
    expect(count).toBeLessThan(asked / 2);
    let answers = 0;
    const all = new Promise<void>((resolve) => slow.on("message", () => void (++answers === asked && resolve())));
    slow.resume();
    await all;
    expect(count).toBe(asked);
  });

  it("drop a subscriber that does not read, while others go on", async () => {
    const port = await listen({});
    const slow = await socketTo(port);
    slow.send(subscribe(1, "tm.event='NewBlock'"));
    await once(slow, "message");
    slow.pause();
    const reads = await socketTo(port);
    reads.send(subscribe(1, "tm.event='NewBlockHeader'"));
    let isDropped = false;
    const closed = new Promise<void>((resolve) => chain.engine.onBlock(() => isDropped && resolve()));
    slow.once("close", () => {
      isDropped = true;
    });
    for (let i = 0; i < 26; i++) await chain.engine.mempool.check(Buffer.from(`k${i}=${"x".repeat(900_000)}`));
    while (chain.engine.mempool.size > 0) await once(reads, "message");
    // Only a socket that is read from says that it was closed.
    slow.resume();
    await closed;
    expect((await post(port, health)).status).toBe(200);
  });

  it("let so many searches run and so many wait, and refuse the others", async () => {
    const gate = new Gate("searches", 2, 1);
    const waits = Promise.withResolvers<string>();
    const running = [gate.run(() => waits.promise), gate.run(() => Promise.reject(new Error("failed")))];
    const third = gate.run(async () => "third");
    await expect(running[1]).rejects.toThrow("failed");
    expect(await third).toBe("third");
    const fourth = gate.run(() => waits.promise);
    const fifth = gate.run(async () => "fifth");
    await expect(gate.run(async () => "sixth")).rejects.toThrow("1 searches are waiting already; try again later");
    waits.resolve("done");
    expect(await Promise.all([running[0], fourth, fifth])).toEqual(["done", "done", "fifth"]);
    expect(await gate.run(async () => "seventh")).toBe("seventh");
  });

  it("give calls so much of a turn of the event loop, and less while a block is sealed", async () => {
    let isSealing = false;
    const turns = new Turns(() => isSealing);
    const busy = (millis: number) => {
      for (const end = performance.now() + millis; performance.now() < end; );
    };
    for (const [sealing, millis] of [
      [false, 20],
      [true, 4],
    ] as const) {
      isSealing = sealing;
      const order: string[] = [];
      const call = async (name: string) => {
        const turn = turns.next();
        if (turn !== undefined) await turn;
        busy(millis);
        order.push(name);
      };
      const calls = ["a", "b", "c"].map(call);
      setImmediate(() => order.push("others"));
      await Promise.all(calls);
      await new Promise((resolve) => setImmediate(resolve));
      expect(order).toEqual(["a", "b", "others", "c"]);
    }
  });
});
