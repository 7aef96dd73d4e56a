import { createServer, type RequestListener } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { NodeClient, QueryRefused } from "./nodeclient.ts";
import { RpcRefused, rpcAt, rpcUrl } from "./rpc.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

const answering = (body: string) => serve((_, response) => response.end(body));
const result = (value: unknown) => answering(JSON.stringify({ jsonrpc: "2.0", id: 1, result: value }));

describe("the RPC client", () => {
  it("takes CometBFT's way of writing an address", () => {
    expect(rpcUrl("tcp://127.0.0.1:26657").href).toBe("http://127.0.0.1:26657/");
    expect(rpcUrl("https://rpc.example/weir").href).toBe("https://rpc.example/weir");
    for (const bad of ["127.0.0.1:26657", "", "ftp://x"]) expect(() => rpcUrl(bad)).toThrow(/is no address of a node/);
  });

  it("posts one JSON-RPC request and gives its result", async () => {
    let body = "";
    const url = await serve((request, response) => {
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => response.end('{"jsonrpc":"2.0","id":1,"result":{"a":"b"}}'));
    });
    expect(await rpcAt(url).call("status", { x: "1" })).toEqual({ a: "b" });
    expect(JSON.parse(body)).toEqual({ jsonrpc: "2.0", id: 1, method: "status", params: { x: "1" } });
  });

  it("gives the node's own words when it refuses", async () => {
    const url = await answering(
      '{"jsonrpc":"2.0","id":1,"error":{"code":-32603,"message":"Internal error","data":"no"}}',
    );
    await expect(rpcAt(url).call("tx")).rejects.toThrow(new RpcRefused("no"));
  });

  it("says what answers when it is no node", async () => {
    for (const body of ["<html>", "", "[]"]) {
      await expect(rpcAt(await answering(body)).call("status")).rejects.toThrow(/is no CometBFT RPC: it answers/);
    }
    const cut = await serve((_, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("{");
      response.socket?.destroy();
    });
    await expect(rpcAt(cut).call("status")).rejects.toThrow(/no node answers at/);
    const elsewhere = await serve((_, response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end());
    await expect(rpcAt(elsewhere).call("status")).rejects.toThrow(/no node answers at/);
  });

  it("tells a refused query by code and text", async () => {
    const response = { code: 22, codespace: "sdk", log: "not there", value: null, height: "5" };
    const node = new NodeClient(await result({ response }));
    const asked = node.abciQuery({ path: "/x", data: new Uint8Array() });
    await expect(asked).rejects.toThrow(new QueryRefused(22, "sdk", "not there"));
  });

  it("refuses an answer that is not base64 where bytes should be", async () => {
    const node = new NodeClient(await result({ response: { code: 0, value: "?", height: "5" } }));
    await expect(node.abciQuery({ path: "/x", data: new Uint8Array() })).rejects.toThrow(/where base64 should be/);
  });
});
