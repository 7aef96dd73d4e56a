import { request } from "node:http";
import { describe, expect, it } from "vitest";
import { readExposition } from "../../test/helpers/exposition.ts";
import { MetricsServer } from "./metrics.ts";
import { Counter, Gauge, Histogram, Registry } from "./metrictext.ts";

function ask(port: number, path: string, method = "GET"): Promise<{ status: number; type: string; text: string }> {
  return new Promise((resolve, reject) => {
    const sending = request({ host: "127.0.0.1", port, path, method }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part) => {
        text += part;
      });
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, type: response.headers["content-type"] ?? "", text }),
      );
    });
    sending.on("error", reject).end();
  });
}

describe("metrics in Prometheus' text format", () => {
  it("are read by a strict reader, whatever stands in a label or a help text", () => {
    const registry = new Registry();
    const counter = registry.add(new Counter("sends_total", "with a \\ and\na second line", [{ result: "ok" }]));
    counter.add(2, { result: "ok" });
    counter.add(1, { result: 'a "quote", a \\ and a\nline' });
    registry.add(new Gauge("height", "newest", () => 7));
    registry.add(
      new Gauge("odd", "not numbers", () => [
        [{ kind: "nan" }, Number.NaN],
        [{ kind: "inf" }, Infinity],
      ]),
    );
    const families = readExposition(registry.text());
    expect(families.get("sends_total")?.samples).toEqual([
      { name: "sends_total", labels: { result: "ok" }, value: 2 },
      { name: "sends_total", labels: { result: 'a "quote", a \\ and a\nline' }, value: 1 },
    ]);
    expect(families.get("height")?.samples[0]?.value).toBe(7);
    expect(families.get("odd")?.samples.map(({ value }) => value)).toEqual([Number.NaN, Number.POSITIVE_INFINITY]);
  });

  it("count a value in the bucket whose bound it does not exceed, and sum up", () => {
    const histogram = new Histogram("seconds", "some", [0.1, 1, 10], [{ part: "idle" }]);
    for (const value of [0.1, 0.5, 1, 11]) histogram.observe(value, { part: "busy" });
    const registry = new Registry();
    registry.add(histogram);
    const samples = readExposition(registry.text()).get("seconds")!.samples;
    const busy = samples.filter(({ labels }) => labels.part === "busy").map(({ value }) => value);
    expect(busy).toEqual([1, 3, 3, 4, 12.6, 4]);
    expect(samples.filter(({ labels }) => labels.part === "idle").every(({ value }) => value === 0)).toBe(true);
  });

  it("are bounded: what is beyond the most series is counted together", () => {
    const counter = new Counter("codes_total", "by code");
    for (let code = 0; code < 10_000; code++) counter.add(1, { code: String(code) });
    expect(counter.lines()).toHaveLength(201);
    expect(counter.lines().at(-1)).toBe('codes_total{code="other"} 9800');
    const registry = new Registry();
    registry.add(counter);
    expect(() => registry.add(new Counter("codes_total", "again"))).toThrow("two metrics codes_total");
  });

  it("are served at /metrics, and at nothing else", async () => {
    const registry = new Registry();
    let height = 1;
    registry.add(new Gauge("height", "newest", () => height));
    const refresh = async () => {
      height = 2;
    };
    const server = await MetricsServer.listen({ host: "127.0.0.1", port: 0, registry, refresh });
    const { status, type, text } = await ask(server.port, "/metrics?x=1");
    expect([status, type]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
    expect(readExposition(text).get("height")?.samples[0]?.value).toBe(2);
    expect((await ask(server.port, "/other")).status).toBe(404);
    expect((await ask(server.port, "/metrics", "POST")).status).toBe(405);
    await server.close();
    const broken = await MetricsServer.listen({
      host: "127.0.0.1",
      port: 0,
      registry,
      refresh: () => Promise.reject(new Error("no")),
    });
    expect(await ask(broken.port, "/metrics")).toMatchObject({ status: 500, text: "the metrics could not be read\n" });
    await broken.close();
  });
});
