/** Blocks and transactions as `weir query` asks for them. Owns the commands that are no module's. */

import { base64, parseBase64 } from "../../chain/base64.ts";
import { asArray, asObject, fromHex, hexUpper, type JsonObject } from "../../chain/consensus/json.ts";
import { txHash } from "../../chain/crypto/txhash.ts";
import { ChainError } from "../../chain/errors.ts";
import { type FlagSpec, UsageError } from "../arguments.ts";
import { NodeClient } from "../client/node.ts";
import { RpcRefused } from "../client/rpc.ts";
import type { Command, Entries, Invocation } from "../command.ts";
import { answerText, columns, grouped, lines } from "../table.ts";
import { documentJson, documentOfBytes } from "../tx/document.ts";

const nodeOf = (invocation: Invocation): NodeClient => new NodeClient(invocation.flag("node") ?? "");

const bytesOf = (text: unknown): Uint8Array => parseBase64(String(text ?? "")) ?? new Uint8Array();

/** The SDK's TxResponse of CometBFT's answer; what the chain cannot decode stays in base64. */
function txResponse(found: JsonObject): JsonObject {
  const result = asObject(found.tx_result, "tx_result");
  return {
    height: String(found.height),
    txhash: String(found.hash),
    codespace: String(result.codespace ?? ""),
    code: Number(result.code),
    data: hexUpper(bytesOf(result.data)),
    raw_log: String(result.log ?? ""),
    logs: [],
    info: String(result.info ?? ""),
    gas_wanted: String(result.gas_wanted),
    gas_used: String(result.gas_used),
    tx: txJson(bytesOf(found.tx)),
    timestamp: "",
    events: result.events ?? [],
  };
}

/** A proposer may put anything into a block. */
function txJson(bytes: Uint8Array): JsonObject {
  try {
    return { "@type": "/cosmos.tx.v1beta1.Tx", ...(documentJson(documentOfBytes(bytes)) as object) };
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    return { "@type": "", undecoded: base64(bytes), problem: error.message };
  }
}

/** With the time of its block, as the SDK has it. */
async function dated(node: NodeClient, response: JsonObject): Promise<JsonObject> {
  const { time } = await node.header(BigInt(String(response.height)));
  return { ...response, timestamp: String(time).replace(/\.\d+Z$/, "Z") };
}

function txText(response: JsonObject): string {
  const { height, txhash, codespace, code, raw_log, gas_wanted, gas_used, timestamp, tx } = response;
  const { body, auth_info, problem } = asObject(tx, "tx");
  const { messages, memo } = asObject(body ?? { messages: [], memo: problem }, "tx.body");
  const { fee } = asObject(auth_info ?? {}, "tx.auth_info");
  const rows: readonly (readonly [string, unknown])[] = [
    ["hash", txhash],
    ["height", grouped(String(height))],
    ["time", timestamp],
    ["result", code === 0 ? "done" : `failed (${codespace} ${code}): ${raw_log}`],
    ["gas", `${grouped(String(gas_used))} used of ${grouped(String(gas_wanted))}`],
    ["fee", asObject(fee ?? {}, "fee").amount ?? []],
    ["memo", memo],
  ];
  return `${[...lines(Object.fromEntries(rows)), "", ...lines(messages)].join("\n")}\n`;
}

const txCommand: Command = {
  name: "query tx",
  positionals: ["HASH"],
  summary: "Shows a transaction that is in a block.",
  flags: [],
  examples: ["weir query tx DCBE746FDBF597E228153ECD2CF3F3F67A7734EFBD9EA85D384B8A6E2F9237B1"],
  async run(invocation) {
    const node = nodeOf(invocation);
    const response = await dated(node, txResponse(await node.tx(readHash(invocation.positionals[0]!))));
    invocation.answer(txText(response), response);
    return 0;
  },
};

function readHash(text: string): Uint8Array {
  if (!/^(0x)?[0-9a-fA-F]{64}$/.test(text))
    throw new UsageError(`${text} is no hash of a transaction; expected 64 hex digits`);
  return fromHex(text.replace(/^0x/, ""), "HASH");
}

const pageFlags: readonly FlagSpec[] = [
  { name: "page", value: "N", help: "which page", default: "1" },
  { name: "limit", value: "N", help: "entries on a page, at most 100", default: "30" },
  { name: "order", aliases: ["order_by"], value: "asc|desc", help: "oldest or newest first", default: "asc" },
];

function readPage(invocation: Invocation): JsonObject {
  const order = invocation.flag("order");
  if (order !== "asc" && order !== "desc") throw new UsageError(`--order ${order}: expected asc or desc`);
  const [page, perPage] = ["page", "limit"].map((name) => {
    const text = invocation.flag(name) ?? "";
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError(`--${name} ${text}: expected a number from 1`);
    return text;
  });
  return { page, per_page: perPage, order_by: order };
}

function pageJson(page: JsonObject, total: unknown, count: number): JsonObject {
  const [all, limit] = [Number(total), Number(page.per_page)];
  return {
    total_count: String(all),
    count: String(count),
    page_number: String(page.page),
    page_total: String(Math.max(1, Math.ceil(all / limit))),
    limit: String(limit),
  };
}

const pageNote = ({ total_count, page_number, page_total }: JsonObject): string =>
  `${grouped(String(total_count))} in all; page ${page_number} of ${page_total}`;

const queryFlag: FlagSpec = {
  name: "query",
  value: "TEXT",
  help: "\"transfer.recipient='weir1…' AND tx.height>5\": events, with = < <= > >= CONTAINS EXISTS AND",
};

function readQuery(invocation: Invocation): string {
  const query = invocation.flag("query") ?? "";
  if (query === "") throw new UsageError("--query is missing: for example --query \"message.sender='weir1…'\"");
  return query;
}

async function search(node: NodeClient, method: string, params: JsonObject): Promise<JsonObject> {
  try {
    return await node.rpc.call(method, params);
  } catch (error) {
    if (!(error instanceof RpcRefused)) throw error;
    throw new Error(`the node does not answer --query ${JSON.stringify(params.query)}: ${error.message}`);
  }
}

const txsCommand: Command = {
  name: "query txs",
  positionals: [],
  summary: "Finds transactions by their events.",
  flags: [queryFlag, ...pageFlags],
  examples: [
    "weir query txs --query \"message.sender='weir1…'\"",
    "weir query txs --query \"transfer.recipient='weir1…' AND tx.height>100\" --order desc --limit 10",
  ],
  async run(invocation) {
    const node = nodeOf(invocation);
    const page = readPage(invocation);
    const found = await search(node, "tx_search", { query: readQuery(invocation), prove: false, ...page });
    const txs = asArray(found.txs, "txs").map((tx) => txResponse(asObject(tx, "tx")));
    const json = { ...pageJson(page, found.total_count, txs.length), txs };
    invocation.answer(`${[...txTable(txs), "", pageNote(json)].join("\n")}\n`, json);
    return 0;
  },
};

function txTable(txs: readonly JsonObject[]): string[] {
  if (txs.length === 0) return ["none"];
  const rows = txs.map(({ height, txhash, code, gas_used, tx }) => {
    const messages = asArray(asObject(asObject(tx, "tx").body ?? {}, "body").messages ?? [], "messages");
    const names = messages.map((message) => String(asObject(message, "message")["@type"]).replace(/^.*\./, ""));
    return [
      String(height),
      String(txhash),
      code === 0 ? "done" : `failed ${code}`,
      grouped(String(gas_used)),
      names.join(", "),
    ];
  });
  return columns([["HEIGHT", "HASH", "RESULT", "GAS", "MESSAGES"], ...rows], [true, false, false, true]);
}

const heightOf = ({ positionals: [text] }: Invocation): JsonObject => {
  if (text === undefined) return {};
  if (!/^[1-9]\d{0,17}$/.test(text)) throw new UsageError(`${text} is no height; expected a whole number from 1`);
  return { height: text };
};

const blockCommand: Command = {
  name: "query block",
  positionals: ["[HEIGHT]"],
  summary: "Shows a block, the newest without a height.",
  flags: [{ name: "hash", value: "HASH", help: "the block with this hash" }],
  examples: ["weir query block", "weir query block 5 --output json", "weir query block --hash 5F2E…"],
  async run(invocation) {
    const hash = invocation.flag("hash");
    const node = nodeOf(invocation);
    const answer =
      hash === undefined
        ? await node.rpc.call("block", heightOf(invocation))
        : await node.rpc.call("block_by_hash", { hash: Buffer.from(readHash(hash)).toString("base64") });
    if (answer.block === null) throw new Error(`the node has no block ${hash}`);
    invocation.answer(blockText(answer), answer);
    return 0;
  },
};

function blockText({ block_id, block }: JsonObject): string {
  const { header, data } = asObject(block, "block");
  const { height, time, chain_id, app_hash, proposer_address } = asObject(header, "header");
  const txs = asArray(asObject(data, "data").txs ?? [], "txs");
  const hash = asObject(block_id, "block_id").hash;
  const rows = { height, hash, time, chain: chain_id, "app hash": app_hash, proposer: proposer_address };
  const hashes = txs.map((tx) => `  ${hexUpper(txHash(bytesOf(tx)))}`);
  const note = txs.length === 0 ? "no transactions" : `transactions ${grouped(String(txs.length))}`;
  return `${[...lines(rows), note, ...hashes].join("\n")}\n`;
}

const blocksCommand: Command = {
  name: "query blocks",
  positionals: [],
  summary: "Finds blocks by their events.",
  flags: [{ ...queryFlag, help: '"block.height>5 AND block.height<9": events of blocks' }, ...pageFlags],
  examples: ['weir query blocks --query "block.height>5 AND block.height<9" --order desc'],
  async run(invocation) {
    const page = readPage(invocation);
    const found = await search(nodeOf(invocation), "block_search", { query: readQuery(invocation), ...page });
    const blocks = asArray(found.blocks, "blocks").map((block) => asObject(block, "block"));
    const json = { ...pageJson(page, found.total_count, blocks.length), blocks };
    const text = blocks.map(blockText).join("\n");
    invocation.answer(`${text}${text === "" ? "none\n" : ""}\n${pageNote(json)}\n`, json);
    return 0;
  },
};

const blockResultsCommand: Command = {
  name: "query block-results",
  positionals: ["[HEIGHT]"],
  summary: "Shows what became of a block's transactions, and its own events.",
  flags: [],
  examples: ["weir query block-results", "weir query block-results 5 --output json"],
  async run(invocation) {
    const answer = await nodeOf(invocation).rpc.call("block_results", heightOf(invocation));
    invocation.answer(answerText(answer), answer);
    return 0;
  },
};

const entry = (summary: string, command: Command, aliases: readonly string[] = []) => ({
  summary,
  aliases,
  load: async () => ({ command }),
});

export const chainEntries: Entries = {
  tx: entry("a transaction", txCommand),
  txs: entry("transactions, by their events", txsCommand),
  block: entry("a block", blockCommand),
  blocks: entry("blocks, by their events", blocksCommand),
  "block-results": entry("what a block did", blockResultsCommand, ["block-result"]),
};
