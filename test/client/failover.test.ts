import { createHash, randomBytes } from "node:crypto";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Client } from "../../node/client/client.ts";
import { take } from "../../node/transport/taking.ts";
import { buyingScene, type Scene } from "../helpers/buyingscene.ts";

const timeout = 120_000;
const body = randomBytes(2 << 20);
const sha = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

let scene: Scene;
let web: Server;
let port = 0;
/** Answers that stand still until a test lets them go on. */
const slow: ServerResponse[] = [];

beforeAll(async () => {
  scene = await buyingScene({ relays: 3, epochSeconds: 60 });
  web = createServer((request, response) => {
    const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? "") ?? [];
    const rest = body.subarray(Number(from ?? 0));
    response.writeHead(from === undefined ? 200 : 206, { "content-length": rest.length });
    if (request.url !== "/slow") return void response.end(rest);
    response.write(rest.subarray(0, rest.length / 2));
    slow.push(response);
  });
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  port = (web.address() as AddressInfo).port;
}, timeout);

afterAll(async () => {
  web.closeAllConnections();
  web.close();
  await scene.end();
}, timeout);

/** Asks for a path through the proxy; what came until the end, or until it broke off. */
function get(client: Client, path: string, from = 0) {
  const socket: Socket = connect(client.address.port, "127.0.0.1");
  const parts: Buffer[] = [];
  const head = [`GET http://127.0.0.1:${port}${path} HTTP/1.1`, "Host: x", `Range: bytes=${from}-`, "", ""];
  socket.write(head.join("\r\n"));
  const headless = take(socket, 60_000, (held) => {
    const at = held.indexOf("\r\n\r\n");
    return at === -1 ? undefined : at + 4;
  });
  const ended = headless.then(
    () =>
      new Promise<Buffer>((resolve) => {
        socket.on("data", (chunk: Buffer) => parts.push(chunk));
        socket.once("close", () => resolve(Buffer.concat(parts)));
        socket.on("error", () => undefined);
        socket.resume();
      }),
  );
  return {
    ended,
    begun: headless,
    get bytes() {
      return parts.reduce((sum, part) => sum + part.length, 0);
    },
  };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
}

const rules = { budget: 1_000_000n, deposit: 250_000n, depositMin: 10_000n, isWarm: true, epochs: 30n };

describe("a client whose relay goes away", { timeout }, () => {
  it("sends new streams through the next one at once; a download goes on by ranges, and streams of others stand", async () => {
    const buyer = await scene.buyer(1_000_000n);
    const client = await buyer.connect({ rules });
    await buyer.saw("using");
    await until(() => client.sessions.length === 2);
    const [first, second] = client.sessions.map(({ relay }) => relay);
    const broken = get(client, "/slow");
    await broken.begun;
    await until(() => broken.bytes >= body.length / 2);
    const gone = scene.relays.find(({ party }) => party.id === first)!;
    await gone.stop();
    const had = await broken.ended;
    expect(had.length).toBe(body.length / 2);
    const rest = await get(client, "/rest", had.length).ended;
    expect(sha(Buffer.concat([had, rest]))).toBe(sha(body));
    expect(client.sessions[0]!.relay).toBe(second);
    // A stream through the second stands while a third session is opened beside it.
    const standing = get(client, "/slow");
    await standing.begun;
    await until(() => client.sessions.length === 2);
    slow.at(-1)!.end(body.subarray(body.length / 2));
    expect(sha(await standing.ended)).toBe(sha(body));
    expect(buyer.events.filter(({ event }) => event === "opened")).toHaveLength(3);
    await client.stop();
    const closed = buyer.events.filter(({ event }) => event === "closed");
    expect(closed).toHaveLength(3);
  });

  it("goes on with its session after it was cut off itself, and never signs beside what it signed", async () => {
    const buyer = await scene.buyer(1_000_000n);
    const one = await buyer.connect({ rules: { ...rules, isWarm: false } });
    expect(sha(await get(one, "/all").ended)).toBe(sha(body));
    const { id, relay } = one.sessions[0]!.record;
    await one.leave();
    const before = (await buyer.store.sessions())[0]!;
    const other = await buyer.connect({ rules: { ...rules, isWarm: false } });
    const resumed = await buyer.saw("resumed");
    expect({ id: resumed.session, relay: resumed.relay }).toEqual({ id, relay });
    expect(sha(await get(other, "/all").ended)).toBe(sha(body));
    await other.stop();
    const closed = await buyer.saw("closed");
    expect(closed.endsEpoch).toBe(0n);
    const { signed } = closed.record;
    expect(signed.nonce).toBeGreaterThan(before.signed.nonce);
    expect(signed.bytes).toBeGreaterThan(BigInt(2 * body.length));
    expect(signed.bytes).toBeLessThan(BigInt(2 * body.length + 10_000));
  });
});
