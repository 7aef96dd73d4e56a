import { createServer, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { main } from "../main.ts";

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

/** A node that answers each method so. */
async function serve(results: Readonly<Record<string, unknown>>): Promise<string> {
  server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => {
      body += chunk;
    });
    request.on("end", () => {
      const { method } = JSON.parse(body) as { method: string };
      response.end(JSON.stringify({ jsonrpc: "2.0", id: 1, result: results[method] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

async function weir(...argv: string[]) {
  let [out, err] = ["", ""];
  const code = await main(argv, {
    environment: {},
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

const hash = "AB".repeat(32);
/** What a proposer put into a block that is no transaction. */
const junk = {
  hash,
  height: "7",
  index: 0,
  tx: "AAAA",
  tx_result: { code: 2, codespace: "sdk", log: "tx parse error\u001b[2J", gas_wanted: "0", gas_used: "0", data: null },
};

describe("bytes in a block that are no transaction", () => {
  it("are listed and shown as what they are", async () => {
    const header = { time: "2026-01-02T03:04:05.678Z" };
    const node = await serve({ tx: junk, tx_search: { txs: [junk], total_count: "1" }, header: { header } });
    const shown = await weir("query", "tx", hash, "--node", node);
    expect([shown.code, shown.out], shown.err).toEqual([0, expect.stringContaining("failed (sdk 2): tx parse error")]);
    expect(shown.out).not.toContain("\u001b");
    const listed = await weir("query", "txs", "--query", "tx.height=7", "--node", node);
    expect([listed.code, listed.out]).toEqual([0, expect.stringContaining(hash)]);
    const { out } = await weir("query", "tx", hash, "--node", node, "--output", "json");
    expect(JSON.parse(out)).toMatchObject({
      code: 2,
      timestamp: "2026-01-02T03:04:05Z",
      tx: { undecoded: "AAAA", problem: expect.stringContaining("tx parse error") },
    });
  });
});
