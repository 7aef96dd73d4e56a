/** What must be true of a network when all is over: one chain, one app hash a height, nothing lost or twice, logs and calls as they should be. */
import { existsSync } from "node:fs";
import { readRecord } from "../../chain/abci/record.ts";
import { grammarFault } from "../helpers/abcigrammar.ts";
import { type Acknowledged, hashOf } from "./load.ts";
import type { NetNode } from "./node.ts";
import { call } from "./rpc.ts";

export interface Verdict {
  readonly heights: number;
  readonly transactions: number;
  /** Acknowledged, and not on chain where and as often as was said. */
  readonly lost: readonly string[];
  readonly diverged: readonly string[];
  /** Errors in logs that nothing explains, and calls outside ABCI's grammar. */
  readonly faults: readonly string[];
}

export async function judge(nodes: readonly NetNode[], acknowledged: readonly Acknowledged[]): Promise<Verdict> {
  const chains = await Promise.all(nodes.map(headersOf));
  const [first = new Map<number, string>()] = chains;
  const places = await transactionsOf(nodes[0]!, first);
  const total = [...places.values()].reduce((sum, heights) => sum + heights.length, 0);
  return {
    heights: first.size,
    transactions: total,
    lost: lostOf(places, acknowledged),
    diverged: [...compare(nodes, chains, "block"), ...compare(nodes, nodes.map(appHashesOf), "app hash")],
    faults: nodes.flatMap((node) => [...unexpectedErrors(node), ...grammarFaults(node)]),
  };
}

interface BlockchainInfo {
  readonly last_height: string;
  readonly block_metas: readonly {
    readonly block_id: { readonly hash: string };
    readonly header: { readonly height: string };
  }[];
}

/** CometBFT gives as many at once. */
const metasMax = 20;

/** The block hash of every height that the node has; it covers the app hash of the height below. */
async function headersOf(node: NetNode): Promise<Map<number, string>> {
  const hashes = new Map<number, string>();
  const { sync_info: info } = await call<{
    sync_info: { earliest_block_height: string; latest_block_height: string };
  }>(node, "status", {}, answerMillisMax);
  const newest = Number(info.latest_block_height);
  for (let from = Number(info.earliest_block_height); from <= newest; from += metasMax) {
    const params = { minHeight: String(from), maxHeight: String(Math.min(newest, from + metasMax - 1)) };
    const { block_metas } = await call<BlockchainInfo>(node, "blockchain", params, answerMillisMax);
    for (const { block_id, header } of block_metas) hashes.set(Number(header.height), block_id.hash);
  }
  return hashes;
}

const answerMillisMax = 10_000;

/** Heights at which each transaction is. */
async function transactionsOf(node: NetNode, headers: ReadonlyMap<number, string>): Promise<Map<string, number[]>> {
  const places = new Map<string, number[]>();
  for (const height of headers.keys()) {
    const { block } = await call<{ block: { data: { txs: readonly string[] | null } } }>(
      node,
      "block",
      { height: String(height) },
      answerMillisMax,
    );
    for (const tx of block.data.txs ?? []) {
      const hash = hashOf(Buffer.from(tx, "base64"));
      places.set(hash, [...(places.get(hash) ?? []), height]);
    }
  }
  return places;
}

export function lostOf(
  places: ReadonlyMap<string, readonly number[]>,
  acknowledged: readonly Acknowledged[],
): string[] {
  const lost = acknowledged.flatMap(({ hash, height }) => {
    const found = places.get(hash) ?? [];
    return found.length === 1 && found[0] === height
      ? []
      : [`${hash} was acknowledged at height ${height} and is at ${found.join(" and ") || "none"}`];
  });
  const twice = [...places].filter(([, heights]) => heights.length > 1);
  return [...lost, ...twice.map(([hash, heights]) => `${hash} is at heights ${heights.join(" and ")}`)];
}

/** What each node's application computed, by its own log, at every execution of a height. */
function appHashesOf(node: NetNode): Map<number, string> {
  const hashes = new Map<number, string>();
  for (const [, height, hash = ""] of node.log().matchAll(/ block (\d+): .*app hash ([0-9A-F]{16})/g)) {
    const known = hashes.get(Number(height));
    hashes.set(Number(height), known === undefined || known === hash ? hash : `${known} and then ${hash}`);
  }
  return hashes;
}

export function compare(
  nodes: readonly Pick<NetNode, "name">[],
  maps: readonly ReadonlyMap<number, string>[],
  what: string,
): string[] {
  const seen = new Map<number, readonly [name: string, hash: string]>();
  const found: string[] = [];
  for (const [i, map] of maps.entries()) {
    for (const [height, hash] of map) {
      const [other, known] = seen.get(height) ?? [nodes[i]!.name, hash];
      seen.set(height, [other, known]);
      if (known !== hash || hash.includes("and")) {
        found.push(`${what} at ${height}: ${other} has ${known}, ${nodes[i]!.name} ${hash}`);
      }
    }
  }
  return found;
}

/** What CometBFT calls an error and is none where peers and applications come and go. */
const expectedErrors: readonly RegExp[] = [
  // A peer that was killed, paused, cut off or is not up yet.
  /Stopping peer for error/,
  /Error dialing (peer|seed)|dial tcp|Failed to reconnect|Error in peer's|peer is nil|Couldn't connect to any/i,
  /SendTimeout|peer did not send us anything|MConnection flush failed|Connection failed @ (recv|send)Routine|read tcp|write tcp|i\/o timeout/,
  /Error while stopping peer|error while stopping peer|Error adding peer|Inbound Peer rejected|auth failure|duplicate|conn_id/i,
  // The application was killed: its engine says so and ends.
  /abci\.socketClient|Stopping abci|read message: EOF|broken pipe|connection reset by peer|client error; failed to stop/,
  /consensus connection terminated|mempool connection terminated|query connection terminated|snapshot connection terminated/,
  // Acknowledgements that are waited for as the node ends, or that a client gave up.
  /Error on broadcast|timed out waiting for tx to be included|Timed out waiting for tx|client disconnected|context canceled/i,
  // What a validator signed before it was killed it signs in no other way when its engine goes through that height again.
  /failed signing (vote|proposal) err=error signing (vote|proposal): (height|round|step) regression/,
  // A block that came from two peers while the node caught up.
  /Failed to add block err=got an already committed block/,
  // Late and repeated votes of rounds that are over.
  /Vote ignored|failed to process message|failed attempting to add vote|Found conflicting vote from ourselves|ErrVote/,
];

const errorsShownMax = 3;

export function unexpectedErrors(node: Pick<NetNode, "name" | "log">): string[] {
  const lines = node.log().split("\n");
  const errors = lines.filter((line) => / ERROR /.test(line) && !expectedErrors.some((known) => known.test(line)));
  return errors.slice(0, errorsShownMax).map((line) => `${node.name} logs ${line.slice(0, 300)}`);
}

function grammarFaults(node: NetNode): string[] {
  return node.abciLogs.filter(existsSync).flatMap((path) => {
    const fault = grammarFault(readRecord(path).map(({ method }) => method));
    return fault === undefined ? [] : [`${node.name}, ${path}: ${fault}`];
  });
}
