import { describe, expect, it } from "vitest";
import { drop, Failure } from "../daemon/failure.ts";
import { Endpoints, NodeFault } from "./endpoints.ts";
import { QueryRefused } from "./nodeclient.ts";
import { type Rpc, RpcRefused, RpcUnreachable } from "./rpc.ts";

const chainId = "weir-1";

interface Node {
  isUp: boolean;
  chain: string;
  height: number;
  millis: number;
  asked: number;
}

/** Nodes by name, a clock that their answers move on, and what asks them. */
function scene(names: readonly string[]) {
  let now = 0;
  const nodes = new Map<string, Node>(
    names.map((name) => [name, { isUp: true, chain: chainId, height: 100, millis: 10, asked: 0 }]),
  );
  const open = (url: string): Rpc => ({
    url,
    async call(method) {
      const node = nodes.get(url)!;
      node.asked += 1;
      now += node.millis;
      if (!node.isUp) throw new RpcUnreachable(`${url} is off`);
      if (method === "refuse") throw new RpcRefused("no such block");
      if (method === "status") {
        return { node_info: { network: node.chain }, sync_info: { latest_block_height: `${node.height}` } };
      }
      return { by: url };
    },
  });
  const clock = { now: () => now, after: () => () => undefined };
  const endpoints = new Endpoints({ urls: names, chainId, clock, random: () => 1, open });
  return {
    endpoints,
    node: (name: string) => nodes.get(name)!,
    pass: (millis: number) => {
      now += millis;
    },
    by: async () => String((await endpoints.call("who")).by),
  };
}

describe("several nodes", () => {
  it("are asked one after the other where one does not answer, and that one is left alone for a while", async () => {
    const { by, node, endpoints } = scene(["a", "b"]);
    node("a").isUp = false;
    expect(await by()).toBe("b");
    const asked = node("a").asked;
    expect(await by()).toBe("b");
    expect(node("a").asked).toBe(asked);
    expect(endpoints.status).toMatchObject([
      { url: "a", isResting: true, problem: "a is off" },
      { url: "b", isResting: false, problem: "" },
    ]);
  });

  it("are asked again once they have rested and been seen to be back", async () => {
    const { by, node, endpoints, pass } = scene(["a", "b"]);
    node("b").millis = 500;
    node("a").isUp = false;
    expect(await by()).toBe("b");
    node("a").isUp = true;
    expect(await by()).toBe("b");
    pass(1_000);
    endpoints.probe();
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    expect(await by()).toBe("a");
  });

  it("rest longer each time they fail", async () => {
    const { by, node, endpoints, pass } = scene(["a"]);
    node("a").isUp = false;
    const rests: number[] = [];
    for (let attempt = 0; attempt < 4; attempt++) {
      await expect(by()).rejects.toThrow("a is off");
      let waited = 0;
      for (; endpoints.status[0]!.isResting; waited += 100) pass(100);
      rests.push(waited);
    }
    expect(rests).toEqual([500, 1_000, 2_000, 4_000]);
  });

  it("are asked the fastest first, and one that is behind last", async () => {
    const { by, node, endpoints, pass } = scene(["slow", "fast"]);
    node("slow").millis = 400;
    await Promise.all(endpoints.each((rpc) => rpc.call("status")));
    expect(await by()).toBe("fast");
    node("slow").height = 200;
    await Promise.all(endpoints.each((rpc) => rpc.call("status")));
    expect(await by()).toBe("slow");
    endpoints.distrust("no new block");
    expect(await by()).toBe("fast");
    pass(10_000);
  });

  it("of another chain are never asked, and where all are the daemon ends", async () => {
    const { by, node, endpoints } = scene(["a", "b"]);
    node("a").chain = "other-1";
    expect(await by()).toBe("b");
    expect(endpoints.status[0]!.problem).toContain("of the chain other-1");
    const foreign = scene(["c"]);
    foreign.node("c").chain = "other-1";
    await expect(foreign.by()).rejects.toMatchObject({ kind: "fatal" });
    await expect(foreign.by()).rejects.toThrow("correct rpc or chain_id");
  });

  it("give the chain's refusals and the daemon's own failures as they are, and lies to the next", async () => {
    const { endpoints, node } = scene(["a", "b"]);
    await expect(endpoints.call("refuse")).rejects.toThrow(RpcRefused);
    const refuse = () => endpoints.withOne(async () => Promise.reject(new QueryRefused(38, "sdk", "not found")));
    await expect(refuse()).rejects.toThrow(QueryRefused);
    await expect(endpoints.withOne(async () => Promise.reject(drop("never")))).rejects.toMatchObject({ kind: "drop" });
    expect(node("b").asked).toBe(0);
    const honest = await endpoints.withOne(async ({ url }) => {
      if (url === "a") throw new NodeFault("a lies");
      return url;
    });
    expect(honest).toBe("b");
  });

  it("are 1 to 16", () => {
    expect(() => scene([])).toThrow(Failure);
    expect(() => scene(Array.from({ length: 17 }, (_, index) => `n${index}`))).toThrow("expected 1 to 16");
  });
});
