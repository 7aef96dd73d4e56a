import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inWallet } from "../../node/client/accounts.ts";
import { buyingScene, type Scene } from "../helpers/buyingscene.ts";

const run = promisify(execFile);
const timeout = 60_000;
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
});
