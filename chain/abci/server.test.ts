import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Request, Response } from "../../proto/gen/tendermint/abci/types.ts";
import { AbciClient } from "../../test/helpers/abciclient.ts";
import { chainId, TestApplication, testAccount } from "../../test/helpers/testapplication.ts";
import { silentLog } from "../log.ts";
import { frameOf } from "./framing.ts";
import { AbciServer, type AbciServerOptions, parseAbciAddress } from "./server.ts";

const stranger = testAccount(1000).address;
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "weir-abci-"));
  closing.push(() => rmSync(path, { recursive: true }));
  return path;
}

async function serve(
  options: Partial<AbciServerOptions> = {},
  start: Parameters<typeof TestApplication.start>[0] = {},
) {
  const chain = await TestApplication.start({ accounts: 20, ...start });
  const halted = Promise.withResolvers<Error>();
  const address = options.address ?? `unix://${join(folder(), "abci.sock")}`;
  const server = await AbciServer.listen({
    app: chain.application,
    log: silentLog,
    onHalt: halted.resolve,
    ...options,
    address,
  });
  closing.push(() => server.close());
  const connect = async () => {
    const client = await AbciClient.connect(server.address);
    closing.push(() => client.close());
    return client;
  };
  return { chain, server, halted: halted.promise, connect };
}

const blockOf = (chain: TestApplication, txs: Uint8Array[]) => ({
  ...chain.nextBlock(),
  txs,
  decidedLastCommit: { round: 0, votes: [] },
});

describe.each(["unix", "tcp"])("an application behind a %s socket", (kind) => {
  it("answers all sixteen calls as it does in this process", async () => {
    const { chain, connect } = await serve(kind === "tcp" ? { address: "tcp://127.0.0.1:0" } : {});
    const twin = await TestApplication.start({ accounts: 20 });
    const { application: far } = await connect();
    const near = twin.application;
    const both = async (run: (app: typeof far) => unknown) =>
      expect(structuredClone(await run(far))).toEqual(structuredClone(await run(near)));
    const [tx, other] = [chain.send(0, stranger), chain.send(1, stranger, { amount: 2n })];
    await both((app) => app.echo({ message: "grüezi" }));
    await both((app) => app.flush());
    await both((app) => app.info({ version: "", blockVersion: 0n, p2pVersion: 0n, abciVersion: "" }));
    await both((app) => app.query({ path: "/app/version", data: new Uint8Array(0), height: 0n, prove: false }));
    await both((app) => app.checkTx({ tx, type: 0 }));
    await both((app) => app.checkTx({ tx: Uint8Array.of(1, 2, 3), type: 0 }));
    const block = blockOf(chain, [tx, other, Uint8Array.of(9)]);
    const { decidedLastCommit, ...proposal } = block;
    await both((app) =>
      app.prepareProposal({ ...proposal, maxTxBytes: 10_000n, localLastCommit: { round: 0, votes: [] } }),
    );
    await both((app) => app.processProposal({ ...proposal, proposedLastCommit: decidedLastCommit }));
    const vote = { ...proposal, proposedLastCommit: decidedLastCommit };
    await both((app) => app.extendVote(vote));
    const extension = { hash: block.hash, validatorAddress: new Uint8Array(20), height: block.height };
    await both((app) => app.verifyVoteExtension({ ...extension, voteExtension: new Uint8Array(0) }));
    await both((app) => app.verifyVoteExtension({ ...extension, voteExtension: Uint8Array.of(1) }));
    await both((app) => app.finalizeBlock(block));
    await both((app) => app.commit());
    await both((app) => app.listSnapshots());
    await both((app) => app.loadSnapshotChunk({ height: 1n, format: 1, chunk: 0 }));
    const snapshot = { height: 1n, format: 9, chunks: 1, hash: new Uint8Array(32), metadata: new Uint8Array(0) };
    await both((app) => app.offerSnapshot({ snapshot, appHash: new Uint8Array(32) }));
    await both((app) => app.applySnapshotChunk({ index: 0, chunk: new Uint8Array(1), sender: "" }));
    expect(chain.state.appHash).toEqual(twin.state.appHash);
  });
});

describe("a connection", () => {
  it("answers in the order it was asked, Flush too, however the requests arrive", async () => {
    const { chain, connect } = await serve();
    const client = await connect();
    const requests: Request[] = Array.from({ length: 300 }, (_, i) => {
      if (i % 7 === 0) return { query: { path: "/app/version", data: new Uint8Array(0), height: 0n, prove: false } };
      if (i % 5 === 0) return { flush: {} };
      return i % 3 === 0
        ? { echo: { message: String(i) } }
        : { checkTx: { tx: chain.send(i % 20, stranger), type: 0 } };
    });
    const answers = Promise.all(requests.map((_request) => client.answerTo(new Uint8Array(0))));
    const stream = Buffer.concat(requests.map((request) => frameOf(Request.encode(request).finish())));
    for (let at = 0, cut = 1; at < stream.length; at += cut, cut = (cut * 31) % 4099) {
      client.socket.write(stream.subarray(at, at + cut));
    }
    const kindOf = (message: object) => Object.entries(message).find(([, value]) => value !== undefined)?.[0];
    const answered = await answers;
    expect(answered.map(kindOf)).toEqual(requests.map(kindOf));
    expect(answered.flatMap(({ echo }) => echo?.message ?? [])).toEqual(
      requests.flatMap(({ echo }) => echo?.message ?? []),
    );
    const checks = answered.flatMap(({ checkTx }) => checkTx ?? []);
    expect(checks.map(({ code, log }) => `${code} ${log}`)).toEqual(checks.map(() => "0 "));
  });

  it("gives a block its turn before a long queue of transactions is through", async () => {
    const { chain, connect } = await serve();
    const [mempool, consensus] = [await connect(), await connect()];
    let answered = 0;
    const checks = Array.from({ length: 600 }, (_, i) => {
      const tx = chain.send(i % 20, stranger);
      return mempool.request({ checkTx: { tx, type: 0 } }).then(() => answered++);
    });
    await Promise.race(checks);
    await consensus.request({ finalizeBlock: blockOf(chain, []) });
    expect(answered).toBeLessThan(checks.length);
    await Promise.all(checks);
  });

  it.each([
    ["a length without end", Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff), /more than 5 bytes/],
    ["bytes that are no message", frameOf(Uint8Array.of(0xff, 0xff, 0xff, 0xff)), /is no request/],
    ["a message that is no request", frameOf(new Uint8Array(0)), /does not know/],
    ["more than is read at once", frameOf(new Uint8Array(5000)).subarray(0, 4), /5000 bytes; at most 4000/],
  ])("is told why and closed after %s, and the others are not", async (_what, bytes, message) => {
    const { connect } = await serve({ frameBytesMax: 4000 });
    const [bad, good] = [await connect(), await connect()];
    await expect(bad.answerTo(bytes)).rejects.toThrow(message);
    await expect(bad.request({ echo: { message: "still there?" } })).rejects.toThrow(/closed/);
    expect(await good.request({ echo: { message: "here" } })).toMatchObject({ echo: { message: "here" } });
  });
});

describe("an ABCI server", () => {
  it("lets one connection decide blocks, and another one only after that has gone", async () => {
    const { chain, connect, server } = await serve();
    const [first, second] = [await connect(), await connect()];
    await first.request({ finalizeBlock: blockOf(chain, []) });
    await expect(second.request({ commit: {} })).rejects.toThrow(/another connection decides/);
    expect(await first.request({ commit: {} })).toMatchObject({ commit: { retainHeight: 0n } });
    first.close();
    while (server.connections > 0) await new Promise((resolve) => setImmediate(resolve));
    const third = await connect();
    chain.height++;
    expect(await third.request({ finalizeBlock: blockOf(chain, []) })).toMatchObject({ finalizeBlock: {} });
  });

  it("answers a block again for an engine that saw no Commit of it", async () => {
    const { chain, connect, server } = await serve();
    const block = blockOf(chain, [chain.send(0, stranger), Uint8Array.of(1)]);
    const first = await connect();
    const answer = await first.request({ finalizeBlock: block });
    first.close();
    while (server.connections > 0) await new Promise((resolve) => setImmediate(resolve));
    const second = await connect();
    expect(await second.request({ finalizeBlock: block })).toEqual(answer);
    expect(await second.request({ commit: {} })).toMatchObject({ commit: {} });
    expect(chain.state.height).toBe(2);
  });

  it("answers a defect in a deciding call by an Exception, and halts", async () => {
    const { chain, connect, halted } = await serve();
    const [client, other, third] = [await connect(), await connect(), await connect()];
    const { time } = chain.nextBlock();
    const request = { time, chainId: "another-1", consensusParams: undefined, validators: [], initialHeight: 1n };
    const answer = client.request({ initChain: { ...request, appStateBytes: new Uint8Array(0) } });
    await expect(answer).rejects.toThrow(`InitChain for chain another-1, but this node runs ${chainId}`);
    expect((await halted).message).toMatch(/another-1/);
    const committing = other.request({ commit: {} });
    await third.request({ echo: { message: "" } });
    other.close();
    await expect(committing).rejects.toThrow(/closed/);
  });

  it("fails only the request where a query meets a defect", async () => {
    const { connect, chain, halted } = await serve();
    Object.defineProperty(chain.state, "storeNames", {
      get: () => {
        throw new TypeError("broken");
      },
    });
    const client = await connect();
    const { query } = await client.request({
      query: { path: "/store/bank/key", data: Uint8Array.of(1), height: 0n, prove: false },
    });
    expect(query).toMatchObject({ code: 1, codespace: "sdk", log: "internal" });
    expect(await Promise.race([halted, client.request({ flush: {} })])).toMatchObject({ flush: {} });
  });

  it("decides nothing more once it is held, and answers everything else", async () => {
    const { chain, connect, server } = await serve();
    const [consensus, query] = [await connect(), await connect()];
    await consensus.request({ finalizeBlock: blockOf(chain, []) });
    await consensus.request({ commit: {} });
    server.hold();
    chain.height++;
    const next = consensus.request({ finalizeBlock: blockOf(chain, []) });
    await query.request({ echo: { message: "" } });
    consensus.close();
    await expect(next).rejects.toThrow(/closed/);
    expect(chain.state.height).toBe(2);
  });

  it("makes a socket that only its owner opens, takes one over that nobody answers, and refuses one in use", async () => {
    const path = join(folder(), "abci.sock");
    const { chain } = await serve({ address: `unix://${path}` });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const options = { app: chain.application, address: `unix://${path}`, log: silentLog, onHalt: () => {} };
    await expect(AbciServer.listen(options)).rejects.toThrow(/in use by a running node/);
    for (const close of closing.splice(1).reverse()) await close();
    writeFileSync(path, "left behind");
    const again = await AbciServer.listen(options);
    await again.close();
    expect(existsSync(path)).toBe(false);
  });

  it("says what is wrong with an address", async () => {
    expect(() => parseAbciAddress(`unix:///${"x".repeat(200)}`)).toThrow(/has 201 bytes, and the system takes/);
    expect(() => parseAbciAddress("127.0.0.1:26658")).toThrow(/is not understood; expected unix:/);
    expect(() => parseAbciAddress("tcp://127.0.0.1:99999")).toThrow(/is not understood/);
    expect(parseAbciAddress("tcp://[::1]:26658")).toEqual({ kind: "tcp", host: "::1", port: 26658 });
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    closing.push(() => taken.close());
    const { port } = taken.address() as { port: number };
    await expect(serve({ address: `tcp://127.0.0.1:${port}` })).rejects.toThrow(/EADDRINUSE/);
  });
});

describe("an answer on the wire", () => {
  it("is what the generated code writes", async () => {
    const { encodeResponse } = await import("./encoderesponse.ts");
    const chain = await TestApplication.start();
    const checkTx = chain.check(chain.send(0, stranger));
    const finalizeBlock = chain.finalize([chain.send(0, stranger, { sequence: 0n }), Uint8Array.of(1)]);
    for (const response of [
      { checkTx },
      { finalizeBlock },
      { flush: {} },
      { loadSnapshotChunk: { chunk: new Uint8Array(0) } },
      { loadSnapshotChunk: { chunk: new Uint8Array(300).fill(7) } },
    ]) {
      expect(Buffer.from(encodeResponse(response))).toEqual(Buffer.from(frameOf(Response.encode(response).finish())));
    }
  });
});
