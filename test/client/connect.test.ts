import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inWallet } from "../../node/client/accounts.ts";
import { readDatagram, writeDatagram } from "../../node/client/associations.ts";
import { take } from "../../node/transport/taking.ts";
import { buyingScene, freePorts, type Scene } from "../helpers/buyingscene.ts";

const run = promisify(execFile);
const timeout = 120_000;
const body = randomBytes(3 << 20);

let scene: Scene;
let web: Server;
let port = 0;

beforeAll(async () => {
  scene = await buyingScene({ relays: 2 });
  web = createServer((request, response) => {
    if (request.url === "/big") response.end(body);
    else response.end(`you asked ${request.method} ${request.url}`);
  });
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  port = (web.address() as AddressInfo).port;
}, timeout);

afterAll(async () => {
  web.close();
  await scene.end();
}, timeout);

const curl = async (...args: readonly string[]): Promise<Buffer> => {
  const { stdout } = await run("curl", ["-sS", "--max-time", "20", ...args], {
    encoding: "buffer",
    maxBuffer: 1 << 24,
  });
  return stdout;
};

describe("a connected client", { timeout }, () => {
  it("carries SOCKS, CONNECT and plain HTTP of curl, is paid for by vouchers, and gets the rest back", async () => {
    const buyer = await scene.buyer(1_000_000n);
    const client = await buyer.connect();
    const proxy = `127.0.0.1:${client.address.port}`;
    const page = `http://127.0.0.1:${port}`;
    expect((await curl("--socks5-hostname", proxy, `${page}/a`)).toString()).toBe("you asked GET /a");
    expect((await curl("-p", "-x", `http://${proxy}`, `${page}/b`)).toString()).toBe("you asked GET /b");
    expect((await curl("-x", `http://${proxy}`, `${page}/c`)).toString()).toBe("you asked GET /c");
    const big = await curl("--socks5-hostname", proxy, `${page}/big`);
    expect(createHash("sha256").update(big).digest("hex")).toBe(createHash("sha256").update(body).digest("hex"));
    const opened = await buyer.saw("opened");
    await client.stop();
    const closed = await buyer.saw("closed");
    expect(closed.endsEpoch).toBe(0n);
    const { signed } = closed.record;
    expect(signed.bytes).toBeGreaterThan(BigInt(body.length));
    const [wallet] = await buyer.store.wallets();
    expect(await inWallet(scene.sender.chain, wallet!.address, "uusdc")).toBe(999_999n - signed.amount);
    expect(opened.record.id).toBe(closed.session);
  });

  it("carries datagrams of SOCKS there and back", async () => {
    const echo = createSocket("udp4");
    echo.on("message", (message, { port: to, address }) =>
      echo.send(Buffer.concat([Buffer.from("> "), message]), to, address),
    );
    await new Promise<void>((resolve) => echo.bind(0, "127.0.0.1", resolve));
    const buyer = await scene.buyer(1_000_000n);
    const client = await buyer.connect();
    const control = connect(client.address.port, "127.0.0.1");
    control.write(Buffer.of(5, 1, 0));
    const exactly = (length: number) => take(control, 20_000, (held) => (held.length >= length ? length : undefined));
    expect([...(await exactly(2))]).toEqual([5, 0]);
    control.write(Buffer.of(5, 3, 0, 1, 0, 0, 0, 0, 0, 0));
    const answer = await exactly(10);
    expect([...answer.subarray(0, 8)]).toEqual([5, 0, 0, 1, 127, 0, 0, 1]);
    const program = createSocket("udp4");
    const came = new Promise<Buffer>((resolve) => program.once("message", resolve));
    const { port: echoPort } = echo.address();
    const datagram = writeDatagram({ host: "127.0.0.1", port: echoPort, payload: Buffer.from("hello") });
    program.send(datagram, answer.readUInt16BE(8), "127.0.0.1");
    const back = readDatagram(await came);
    expect({ ...back, payload: Buffer.from(back!.payload).toString() }).toEqual({
      host: "127.0.0.1",
      port: echoPort,
      payload: "> hello",
    });
    control.destroy();
    program.close();
    echo.close();
    await client.stop();
    expect((await buyer.saw("closed")).record.signed.bytes).toBeGreaterThan(0n);
  });

  it("is told by its relay what is not there, and says it in the program's language", async () => {
    const buyer = await scene.buyer(1_000_000n);
    const client = await buyer.connect();
    const proxy = `127.0.0.1:${client.address.port}`;
    const [shut] = await freePorts(1);
    await expect(curl("--socks5-hostname", proxy, `http://127.0.0.1:${shut}/`)).rejects.toThrow(
      /connection.*(4|refused|unreachable)|Can't complete SOCKS5/i,
    );
    await expect(curl("-f", "-x", `http://${proxy}`, `http://127.0.0.1:${shut}/`)).rejects.toThrow("502");
    expect(client.state.inUse).toBeDefined();
  });

  it("listens nowhere but on this machine unless it is told to", async () => {
    const buyer = await scene.buyer(0n);
    const listen = { host: "0.0.0.0", port: 0 };
    await expect(buyer.connect({ listen })).rejects.toThrow("others can reach it");
  });
});
