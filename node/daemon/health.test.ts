import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Counter, Registry } from "../../chain/server/metrictext.ts";
import { type Health, type HealthServer, serveHealth } from "./health.ts";
import { limitedLog, logWith } from "./log.ts";

const servers: HealthServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function served(health: Health, now: () => number = () => 0) {
  const registry = new Registry();
  registry.add(new Counter("weir_things_total", "Things.", [{}])).add(3);
  const server = await serveHealth({
    address: { host: "127.0.0.1", port: 0 },
    registry,
    clock: { now, after: () => () => undefined },
    health: () => health,
    status: () => ({ earned: 12n }),
  });
  servers.push(server);
  const url = `http://127.0.0.1:${server.address.port}`;
  return { url, port: server.address.port, get: async (path: string) => fetch(`${url}${path}`) };
}

const well: Health = { isHealthy: true, problems: [] };

describe("a daemon's monitor", () => {
  it("shows metrics, status and health, and nothing else", async () => {
    const { get, url } = await served(well);
    expect(await (await get("/metrics")).text()).toContain("weir_things_total 3");
    expect(await (await get("/status")).json()).toEqual({ earned: "12" });
    expect((await get("/health")).status).toBe(200);
    expect((await get("/else")).status).toBe(404);
    expect((await fetch(`${url}/health`, { method: "POST" })).status).toBe(405);
  });

  it("answers 503 and why where something is wrong", async () => {
    const { get } = await served({ isHealthy: false, problems: ["the newest block is 90 s old"] });
    const answer = await get("/health");
    expect(answer.status).toBe(503);
    expect(await answer.json()).toEqual({ healthy: false, problems: ["the newest block is 90 s old"] });
  });

  it("takes so many requests a second, and heads of so many bytes", async () => {
    let now = 0;
    const { get, port } = await served(well, () => now);
    const codes: number[] = [];
    for (let index = 0; index < 60; index++) {
      const answer = await get("/health");
      codes.push(answer.status);
      await answer.text();
    }
    expect(codes.filter((code) => code === 429)).toHaveLength(10);
    now += 1_000;
    expect((await get("/health")).status).toBe(200);
    const socket = connect(port, "127.0.0.1");
    socket.write(`GET /health HTTP/1.1\r\nx: ${"y".repeat(20_000)}\r\n\r\n`);
    const head = await new Promise<string>((resolve) => socket.once("data", (bytes) => resolve(bytes.toString())));
    expect(head).toContain("431");
    socket.destroy();
  });
});

describe("a daemon's log", () => {
  const lines: string[] = [];
  const at = (message: string, fields = {}) => void lines.push(`${message} ${JSON.stringify(fields)}`);
  const log = { debug: at, info: at, warn: at, error: at };

  it("says the same so often in a minute, and then how often it did not", () => {
    let now = 0;
    lines.length = 0;
    const limited = limitedLog(log, { now: () => now, after: () => () => undefined }, 2);
    for (let index = 0; index < 5; index++) limited.warn("nobody answers");
    limited.warn("something else");
    expect(lines).toEqual(["nobody answers {}", "nobody answers {}", "something else {}"]);
    now += 60_000;
    limited.warn("nobody answers");
    expect(lines.at(-1)).toBe('nobody answers {"left_out":3}');
  });

  it("has what all its lines have", () => {
    lines.length = 0;
    logWith(log, { relay: "7" }).info("measured", { epoch: "4" });
    expect(lines).toEqual(['measured {"epoch":"4","relay":"7"}']);
  });
});
