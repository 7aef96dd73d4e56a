import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { denom } from "../bench/load.ts";
import { accountAddress } from "../chain/address.ts";
import { txHash } from "../chain/crypto/txhash.ts";
import { QueryAccountRequest } from "../proto/gen/cosmos/auth/v1beta1/query.ts";
import { QueryAllBalancesRequest, QueryBalanceRequest } from "../proto/gen/cosmos/bank/v1beta1/query.ts";
import { type Random, seededRandom } from "./helpers/random.ts";
import { body } from "./helpers/rpcinputs.ts";
import { type TwoNodes, twoNodes } from "./helpers/twonodes.ts";

const seed = 20_262;

let nodes: TwoNodes;
beforeAll(async () => {
  nodes = await twoNodes();
});
afterAll(() => nodes.remove());

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

/** A question about the chain, at a height where it names one. */
function question(random: Random): { method: string; params: object } {
  const height = String(1 + random.below(Number(nodes.height)));
  const address = random.pick(nodes.signers).address;
  const bytes = accountAddress.decode(address);
  const balanceKey = Buffer.concat([Buffer.from([2, bytes.length]), bytes, Buffer.from(denom)]);
  const page = { page: String(1 + random.below(3)), per_page: String(1 + random.below(30)) };
  const order_by = random.pick(["", "asc", "desc"]);
  const query = random.pick([
    `tx.height>${random.below(12)}`,
    `transfer.recipient='${address}'`,
    `message.sender='${address}' AND tx.height<=${height}`,
    "message.action='/cosmos.bank.v1beta1.MsgSend'",
    `coin_spent.amount CONTAINS '1u' AND tx.height>=${height}`,
    `tx.fee EXISTS AND tx.height=${height}`,
  ]);
  const abci = (path: string, data: Uint8Array, prove = false) => ({
    method: "abci_query",
    params: { path, data: hex(data), height, prove },
  });
  return random.pick([
    ...["block", "block_results", "commit", "header", "validators", "consensus_params"].map((method) => ({
      method,
      params: { height },
    })),
    { method: "blockchain", params: { minHeight: "1", maxHeight: height } },
    ...["status", "genesis", "abci_info", "consensus_state", "num_unconfirmed_txs"].map((method) => ({
      method,
      params: {},
    })),
    { method: "tx", params: { hash: base64(txHash(random.pick(nodes.txs))), prove: random.chance(2) } },
    { method: "tx_search", params: { query, prove: random.chance(2), order_by, ...page } },
    { method: "block_search", params: { query: `block.height<=${height}`, order_by, ...page } },
    abci("/cosmos.bank.v1beta1.Query/Balance", QueryBalanceRequest.encode({ address, denom }).finish()),
    abci(
      "/cosmos.bank.v1beta1.Query/AllBalances",
      QueryAllBalancesRequest.encode(QueryAllBalancesRequest.fromPartial({ address })).finish(),
    ),
    abci("/cosmos.auth.v1beta1.Query/Account", QueryAccountRequest.encode({ address }).finish()),
    abci("/store/bank/key", balanceKey, random.chance(2)),
    abci("/store/acc/key", Buffer.concat([Buffer.from([1]), bytes]), true),
    abci("/store/bank/key", random.bytes(8), true),
  ]);
}

async function answersTo(content: string | Uint8Array): Promise<[string, string]> {
  const [sealed, fed] = await Promise.all(
    nodes.urls.map(async (url) => {
      const response = await fetch(url, { method: "POST", body: new Uint8Array(Buffer.from(content)) });
      const { headers, status } = response;
      const text = (await response.text()).replaceAll(new URL(url).host, "HOST");
      return [status, headers.get("content-type"), headers.get("cache-control"), text].join("\n");
    }),
  );
  return [sealed!, fed!];
}

describe("two nodes with the same blocks, one that sealed them and one that was fed them", () => {
  it("answer every question about the chain alike, byte for byte", async () => {
    const random = seededRandom(seed);
    const methods = new Set<string>();
    let results = 0;
    for (let i = 0; i < 500; i++) {
      const { method, params } = question(random);
      const [sealed, fed] = await answersTo(JSON.stringify({ jsonrpc: "2.0", id: i, method, params }));
      expect(fed, `seed ${seed}, question ${i}`).toBe(sealed);
      if (sealed.includes('"result"')) results++;
      methods.add(method);
    }
    // Most are answered, or the questions have become pointless.
    expect(results).toBeGreaterThan(400);
    expect(methods.size).toBe(16);
  });

  it("answer hostile requests alike, byte for byte", async () => {
    const random = seededRandom(seed);
    for (let i = 0; i < 500; i++) {
      const content = body(random);
      // It waits for a block, and nobody seals any.
      if (content.includes("broadcast_tx_commit")) continue;
      const [sealed, fed] = await answersTo(content);
      expect(fed, `seed ${seed}, request ${i}: ${content.toString("latin1").slice(0, 500)}`).toBe(sealed);
    }
  });
});
