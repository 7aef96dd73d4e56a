/** Blocks and transactions as `weir query` asks for them. Owns the commands that are no module's. */
import { setTimeout as wait } from "node:timers/promises";
import { base64, parseBase64 } from "../../chain/base64.ts";
import { asArray, asObject, fromHex, hexUpper, type JsonObject } from "../../chain/consensus/json.ts";
import { txHash } from "../../chain/crypto/txhash.ts";
import { ChainError } from "../../chain/errors.ts";
import { NodeClient } from "../../node/chain/nodeclient.ts";
import { RpcRefused } from "../../node/chain/rpc.ts";
import { type FlagSpec, UsageError } from "../arguments.ts";
import type { Command, Entries, Invocation } from "../command.ts";
import { answerText, columns, headed, type Look, lines } from "../table.ts";
import { documentJson, documentOfBytes } from "../tx/document.ts";

export const nodeOf = (invocation: Invocation): NodeClient => new NodeClient(invocation.flag("node") ?? "");

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

function txText(response: JsonObject, look: Look): string {
  const { height, txhash, codespace, code, raw_log, gas_wanted, gas_used, timestamp, tx } = response;
  const { body, auth_info, problem } = asObject(tx, "tx");
  const { messages, memo } = asObject(body ?? { messages: [], memo: problem }, "tx.body");
  const { fee } = asObject(auth_info ?? {}, "tx.auth_info");
  const rows: readonly (readonly [string, unknown])[] = [
    ["hash", txhash],
    ["height", look.number(String(height))],
    ["time", timestamp],
    ["result", code === 0 ? "done" : `failed (${codespace} ${code}): ${raw_log}`],
    ["gas", `${look.number(String(gas_used))} used of ${look.number(String(gas_wanted))}`],
    ["fee", asObject(fee ?? {}, "fee").amount ?? []],
    ["memo", memo],
  ];
  return `${[...lines(Object.fromEntries(rows), look), "", ...lines(messages, look)].join("\n")}\n`;
}

const typeFlag = (types: readonly string[]): FlagSpec => ({
  name: "type",
  value: types.join("|"),
  help: "what is given, as simd has it; told by its form without it",
});

const txCommand: Command = {
  name: "query tx",
  positionals: ["HASH"],
  summary: "Shows a transaction that is in a block.",
  description: "Instead of the hash: ADDRESS/SEQUENCE of a signer, or a signature in base64 with --type signature.",
  flags: [typeFlag(["hash", "acc_seq", "signature"])],
  examples: [
    "weir query tx DCBE746FDBF597E228153ECD2CF3F3F67A7734EFBD9EA85D384B8A6E2F9237B1",
    "weir query tx weir1…/5",
  ],
  async run(invocation) {
    const node = nodeOf(invocation);
    return showTx(invocation, node, await findTx(node, invocation));
  },
};

async function showTx(invocation: Invocation, node: NodeClient, found: JsonObject): Promise<number> {
  const response = await dated(node, txResponse(found));
  invocation.answer(txText(response, invocation.look), response);
  return 0;
}

async function findTx(node: NodeClient, { positionals: [text = ""], flag }: Invocation): Promise<JsonObject> {
  const type = flag("type") ?? (text.includes("/") && text.length < hashCharacters ? "acc_seq" : "hash");
  if (type === "hash") return node.tx(readHash(text));
  if (type !== "acc_seq" && type !== "signature") {
    throw new UsageError(`--type ${type}: expected hash, acc_seq or signature`);
  }
  const isGood = type === "acc_seq" ? /^[a-z0-9]+\/\d{1,20}$/.test(text) : parseBase64(text) !== undefined;
  if (!isGood) throw new UsageError(`${text}: expected ${type === "acc_seq" ? "ADDRESS/SEQUENCE" : "base64"}`);
  const { txs } = await search(node, "tx_search", { query: `tx.${type}='${text}'`, per_page: "1" });
  const [found] = asArray(txs, "txs");
  if (found === undefined) throw new Error(`the node has no transaction with ${type} ${text}`);
  return asObject(found, "tx");
}

const hashCharacters = 64;
const waitSecondsMax = 3_600;
const waitPollMillis = 250;

const waitTxCommand: Command = {
  name: "query wait-tx",
  positionals: ["HASH"],
  summary: "Waits until a transaction is in a block, and shows it.",
  flags: [{ name: "timeout", value: "SECONDS", help: "how long at most, as 15 or 15s", default: "15" }],
  examples: ["weir query wait-tx DCBE746FDBF597E228153ECD2CF3F3F67A7734EFBD9EA85D384B8A6E2F9237B1"],
  async run(invocation) {
    const [text = ""] = invocation.positionals;
    const seconds = readSeconds(invocation.flag("timeout") ?? "");
    const node = nodeOf(invocation);
    const until = Date.now() + seconds * 1_000;
    for (;;) {
      try {
        return await showTx(invocation, node, await node.tx(readHash(text)));
      } catch (error) {
        if (!(error instanceof RpcRefused)) throw error;
        if (Date.now() >= until) throw new Error(`${text} is in no block after ${seconds} s; it may still come`);
      }
      await wait(waitPollMillis);
    }
  },
};

function readSeconds(text: string): number {
  const seconds = Number(/^(\d{1,4})s?$/.exec(text)?.[1]);
  if (!(seconds <= waitSecondsMax)) throw new UsageError(`--timeout ${text}: expected 0 to ${waitSecondsMax} seconds`);
  return seconds;
}

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

const pageNote = ({ total_count, page_number, page_total }: JsonObject, look: Look): string =>
  `${look.number(String(total_count))} in all; page ${page_number} of ${page_total}`;

const queryFlag: FlagSpec = {
  name: "query",
  aliases: ["events"],
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
    invocation.answer(`${[...txTable(txs, invocation.look), "", pageNote(json, invocation.look)].join("\n")}\n`, json);
    return 0;
  },
};

function txTable(txs: readonly JsonObject[], look: Look): string[] {
  if (txs.length === 0) return ["none"];
  const rows = txs.map(({ height, txhash, code, gas_used, tx }) => {
    const messages = asArray(asObject(asObject(tx, "tx").body ?? {}, "body").messages ?? [], "messages");
    const names = messages.map((message) => String(asObject(message, "message")["@type"]).replace(/^.*\./, ""));
    return [
      String(height),
      String(txhash),
      code === 0 ? "done" : `failed ${code}`,
      look.number(String(gas_used)),
      names.join(", "),
    ];
  });
  const heading = ["HEIGHT", "HASH", "RESULT", "GAS", "MESSAGES"];
  return headed(columns([heading, ...rows], [true, false, false, true]), look);
}

export const heightOf = ({ positionals: [text] }: Invocation): JsonObject => {
  if (text === undefined) return {};
  if (!/^[1-9]\d{0,17}$/.test(text)) throw new UsageError(`${text} is no height; expected a whole number from 1`);
  return { height: text };
};

const blockCommand: Command = {
  name: "query block",
  positionals: ["[HEIGHT]"],
  summary: "Shows a block, the newest without a height.",
  flags: [{ name: "hash", value: "HASH", help: "the block with this hash" }, typeFlag(["height", "hash"])],
  examples: ["weir query block", "weir query block 5 --output json", "weir query block --hash 5F2E…"],
  async run(invocation) {
    const hash = blockHashOf(invocation);
    const node = nodeOf(invocation);
    const answer =
      hash === undefined
        ? await node.rpc.call("block", heightOf(invocation))
        : await node.rpc.call("block_by_hash", { hash: Buffer.from(readHash(hash)).toString("base64") });
    if (answer.block === null) throw new Error(`the node has no block ${hash}`);
    invocation.answer(blockText(answer, invocation.look), answer);
    return 0;
  },
};

/** By --hash, or by simd's --type=hash HASH. */
function blockHashOf({ flag, positionals: [text] }: Invocation): string | undefined {
  const type = flag("type");
  if (type === undefined || type === "height") return flag("hash");
  if (type !== "hash") throw new UsageError(`--type ${type}: expected height or hash`);
  if (text === undefined) throw new UsageError("--type hash: the hash is missing");
  return text;
}

function blockText({ block_id, block }: JsonObject, look: Look): string {
  const { header, data } = asObject(block, "block");
  const { height, time, chain_id, app_hash, proposer_address } = asObject(header, "header");
  const txs = asArray(asObject(data, "data").txs ?? [], "txs");
  const hash = asObject(block_id, "block_id").hash;
  const rows = { height, hash, time, chain: chain_id, "app hash": app_hash, proposer: proposer_address };
  const hashes = txs.map((tx) => `  ${hexUpper(txHash(bytesOf(tx)))}`);
  const note = txs.length === 0 ? "no transactions" : `transactions ${look.number(String(txs.length))}`;
  return `${[...lines(rows, look), note, ...hashes].join("\n")}\n`;
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
    const text = blocks.map((block) => blockText(block, invocation.look)).join("\n");
    invocation.answer(`${text}${text === "" ? "none\n" : ""}\n${pageNote(json, invocation.look)}\n`, json);
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
    invocation.answer(answerText(answer, invocation.look), answer);
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
  "wait-tx": entry("a transaction, once it is in a block", waitTxCommand, ["event-query-tx-for"]),
  txs: entry("transactions, by their events", txsCommand),
  block: entry("a block", blockCommand),
  blocks: entry("blocks, by their events", blocksCommand),
  "block-results": entry("what a block did", blockResultsCommand, ["block-result"]),
  "comet-validator-set": {
    summary: "who validates",
    aliases: ["tendermint-validator-set"],
    load: () => import("./validatorset.ts"),
  },
};
