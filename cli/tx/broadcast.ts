/** Sends signed bytes and says what became of them. Owns the modes, and the exit code: 1 when the chain refuses. */
import { setTimeout as wait } from "node:timers/promises";
import { asObject, hexUpper, type JsonObject } from "../../chain/consensus/json.ts";
import { txHash } from "../../chain/crypto/txhash.ts";
import type { Broadcast, NodeClient } from "../../node/chain/nodeclient.ts";
import { RpcRefused } from "../../node/chain/rpc.ts";
import type { Invocation } from "../command.ts";
import { grouped, sanitize } from "../table.ts";
import { readBroadcastMode } from "./flags.ts";

/** For a block with the transaction. */
const commitMillisMax = 60_000;
const commitPollMillis = 200;

/** What a person can do about a code of the SDK. */
const advice: Readonly<Record<number, string>> = {
  4: "see --chain-id, --account-number and the key",
  5: "the account has less than that",
  11: "give it more with --gas or --gas-adjustment",
  13: "pay more with --gas-prices or --fees",
  20: "the node is busy; try again",
  32: "another transaction of this account came first; try again",
};

export async function broadcast(invocation: Invocation, node: NodeClient, tx: Uint8Array): Promise<number> {
  const mode = readBroadcastMode(invocation);
  const sent = await hand(node, mode === "async" ? "async" : "sync", tx);
  if (sent.code !== 0) return refused(invocation, sent);
  if (mode === "commit") return committed(invocation, node, sent.hash);
  const state = mode === "async" ? "sent; the node has not checked it yet" : "accepted; it waits for its block";
  invocation.answer(`${sent.hash}\n`, response({ txhash: sent.hash }));
  if (!invocation.json) invocation.say(`The transaction is ${state}: weir query tx ${sent.hash}\n`);
  return 0;
}

/** CometBFT's text for bytes that its mempool has seen: nothing is wrong with them. */
const seenBefore = "tx already exists in cache";

async function hand(node: NodeClient, mode: "sync" | "async", tx: Uint8Array): Promise<Broadcast> {
  try {
    return await node.broadcast(mode, tx);
  } catch (error) {
    if (!(error instanceof RpcRefused) || error.message !== seenBefore) throw error;
    throw new Error(`this transaction was sent before: weir query tx ${hexUpper(txHash(tx))}`);
  }
}

function refused(invocation: Invocation, { hash, code, codespace, log }: Broadcast): number {
  invocation.answer("", response({ txhash: hash, code, codespace, raw_log: log }));
  invocation.say(refusal(code, codespace, log));
  return 1;
}

export function refusal(code: number, codespace: string, log: string): string {
  const hint = codespace === "sdk" ? advice[code] : undefined;
  return `weir: the chain refuses it (${codespace} ${code}): ${sanitize(log)}${hint === undefined ? "" : `\n${hint}`}\n`;
}

async function committed(invocation: Invocation, node: NodeClient, hash: string): Promise<number> {
  const found = await awaitTx(node, hash);
  const result = asObject(found.tx_result, "tx_result");
  const [code, gasUsed] = [Number(result.code), String(result.gas_used)];
  const [codespace, log] = [String(result.codespace ?? ""), String(result.log ?? "")];
  const fields = { txhash: hash, height: String(found.height), code, codespace, raw_log: log };
  invocation.answer(
    `${hash}\n`,
    response({ ...fields, gas_wanted: String(result.gas_wanted), gas_used: gasUsed, events: result.events }),
  );
  if (code !== 0) {
    invocation.say(refusal(code, codespace, log));
    return 1;
  }
  if (!invocation.json) invocation.say(`In block ${grouped(String(found.height))}, for ${grouped(gasUsed)} gas.\n`);
  return 0;
}

async function awaitTx(node: NodeClient, hash: string): Promise<JsonObject> {
  const until = Date.now() + commitMillisMax;
  for (;;) {
    try {
      return await node.tx(Buffer.from(hash, "hex"));
    } catch (error) {
      if (!(error instanceof RpcRefused)) throw error;
      if (Date.now() > until) {
        throw new Error(
          `${hash} is in no block after ${commitMillisMax / 1_000} s; it may still come: weir query tx ${hash}`,
        );
      }
    }
    await wait(commitPollMillis);
  }
}

/** The SDK's TxResponse. */
const response = (fields: JsonObject): JsonObject => ({
  height: "0",
  txhash: "",
  codespace: "",
  code: 0,
  data: "",
  raw_log: "",
  logs: [],
  info: "",
  gas_wanted: "0",
  gas_used: "0",
  tx: null,
  timestamp: "",
  events: [],
  ...fields,
});
