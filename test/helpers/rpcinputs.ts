/** Hostile inputs for the RPC: requests that are nearly right, wrong in type, size, depth or encoding. Seeded; owns no connection. */
import type { Random } from "./random.ts";

/** Every method with its parameters, and some that are none. */
const methods: readonly (readonly [name: string, params: readonly string[]])[] = [
  ["health", []],
  ["status", []],
  ["net_info", []],
  ["genesis_chunked", ["chunk"]],
  ["blockchain", ["minHeight", "maxHeight"]],
  ["block", ["height"]],
  ["block_by_hash", ["hash"]],
  ["block_results", ["height"]],
  ["block_search", ["query", "page", "per_page", "order_by"]],
  ["commit", ["height"]],
  ["header", ["height"]],
  ["header_by_hash", ["hash"]],
  ["validators", ["height", "page", "per_page"]],
  ["consensus_params", ["height"]],
  ["consensus_state", []],
  ["dump_consensus_state", []],
  ["unconfirmed_txs", ["limit"]],
  ["tx", ["hash", "prove"]],
  ["tx_search", ["query", "prove", "page", "per_page", "order_by"]],
  ["abci_info", []],
  ["abci_query", ["path", "data", "height", "prove"]],
  ["check_tx", ["tx"]],
  ["broadcast_tx_sync", ["tx"]],
  ["broadcast_tx_async", ["tx"]],
  ["broadcast_tx_commit", ["tx"]],
  ["broadcast_evidence", ["evidence"]],
  ["subscribe", ["query"]],
  ["unsubscribe", ["query"]],
  ["unsubscribe_all", []],
  ["__proto__", ["constructor"]],
  ["toString", []],
  ["", [""]],
];

const texts: readonly string[] = [
  "",
  "0",
  "1",
  "-1",
  "2",
  "9223372036854775807",
  "9223372036854775808",
  "-9223372036854775809",
  "9".repeat(400),
  "1e3",
  "1.5",
  "0x10",
  "null",
  "true",
  "asc",
  "desc",
  "\u0000",
  "\ud800",
  "💥",
  "AAAA",
  "AA==",
  "A",
  "ab",
  "07".repeat(32),
  Buffer.alloc(32).toString("base64"),
  "/store/bank/key",
  "/cosmos.bank.v1beta1.Query/Balance",
  "/app/simulate",
  "app/version",
  "//",
  "/store//key",
  "/p2p/filter/id/x",
];

const queryParts: readonly string[] = [
  "tx.height",
  "block.height",
  "tm.event",
  "tx.hash",
  "transfer.amount",
  " ",
  "=",
  "<",
  "<=",
  ">=",
  ">",
  "CONTAINS",
  "EXISTS",
  "AND",
  "OR",
  "'Tx'",
  "'NewBlock'",
  "'",
  "5",
  "1.5",
  "9".repeat(30),
  "TIME 2013-05-03T14:45:00Z",
  "DATE 2013-05-03",
  "DATE x",
  "(",
  "\u00e9",
  "a.b.c.",
];

const nested = (random: Random): string => {
  const depth = random.pick([2, 50, 900, 1_001, 5_000]);
  return random.chance(2) ? "[".repeat(depth) + "]".repeat(depth) : `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
};

const query = (random: Random): string =>
  Array.from({ length: random.below(9) }, () => random.pick(queryParts)).join(random.chance(3) ? "" : " ");

/** Evidence of an attack on light clients with a part of it missing or wrong. */
function lightAttack(random: Random): string {
  const part = (right: string): string =>
    random.chance(4) ? random.pick(["null", "5", "{}", "[]", '"x"', "-1"]) : right;
  const key = part(`{"type":"tendermint/PubKeyEd25519","value":"${Buffer.from(random.bytes(32)).toString("base64")}"}`);
  const validator = part(`{"address":"00","pub_key":${key},"voting_power":"10","proposer_priority":"0"}`);
  const header = part('{"version":{"block":"11"},"height":"1","time":"2026-01-02T03:04:05Z","last_block_id":{}}');
  const signature = part('{"block_id_flag":2,"timestamp":"2026-01-02T03:04:05Z","signature":"AA=="}');
  const commit = part(`{"height":"1","round":0,"block_id":{"hash":"AB"},"signatures":[${signature}]}`);
  const set = part(`{"validators":[${validator}],"proposer":${validator}}`);
  const block = part(`{"signed_header":${part(`{"header":${header},"commit":${commit}}`)},"validator_set":${set}}`);
  const rest = `"CommonHeight":${part('"1"')},"TotalVotingPower":"10","ByzantineValidators":${part(`[${validator}]`)}`;
  return `{"type":"tendermint/LightClientAttackEvidence","value":{"ConflictingBlock":${block},${rest}}}`;
}

/** JSON text of a value. */
function value(random: Random): string {
  switch (random.below(12)) {
    case 0:
      return random.pick(["null", "true", "false", "0", "-1", "1.5", "1e400", "-0", "12345678901234567890123"]);
    case 1:
      return random.pick(["[]", "{}", "[1]", '["1"]', '{"a":1}', "[null]", '{"__proto__":{"x":1}}']);
    case 2:
      return nested(random);
    case 3:
    case 4:
      return JSON.stringify(query(random));
    case 5:
      return JSON.stringify(Buffer.from(random.bytes(random.below(200))).toString("base64"));
    case 6:
      return JSON.stringify(Buffer.from(random.bytes(random.below(80))).toString("hex"));
    case 7:
      if (random.chance(2)) return lightAttack(random);
      return `{"type":"tendermint/DuplicateVoteEvidence","value":{"vote_a":${random.pick(["null", "{}", "5", '{"height":"1","type":2}'])}}}`;
    default:
      return JSON.stringify(random.pick(texts));
  }
}

export function request(random: Random): string {
  const [name, params] = random.pick(methods);
  const id = random.pick(["1", '"a"', "-1", "1.5", "null", "true", "[]", "{}", "1e400", '""']);
  const given = params.map((param) => `${JSON.stringify(param)}:${value(random)}`);
  const list = params.map(() => value(random));
  const args = random.pick([`{${given.join(",")}}`, `{${given.join(",")}}`, `[${list.join(",")}]`, value(random)]);
  const fields = [`"method":${JSON.stringify(name)}`, `"id":${random.chance(3) ? id : "1"}`, `"params":${args}`];
  if (random.chance(8)) fields.splice(random.below(fields.length), 1);
  if (!random.chance(10)) fields.unshift('"jsonrpc":"2.0"');
  return `{${fields.join(",")}}`;
}

function damaged(random: Random, text: string): Buffer {
  const bytes = Buffer.from(text);
  for (let i = random.below(4); i > 0 && bytes.length > 0; i--) bytes[random.below(bytes.length)] = random.below(256);
  return random.chance(3) ? bytes.subarray(0, random.below(bytes.length + 1)) : bytes;
}

/** A body: mostly a request, sometimes a batch, sometimes broken bytes. */
export function body(random: Random): Buffer {
  const text = random.chance(6)
    ? `[${Array.from({ length: random.below(13) }, () => request(random)).join(",")}]`
    : request(random);
  return random.chance(4) ? damaged(random, text) : Buffer.from(text);
}

/** A path with its query string, in characters that may stand in a request line. */
export function path(random: Random): string {
  const [name, params] = random.pick(methods);
  const pairs = params.map((param) => {
    const text = random.chance(2) ? value(random) : random.pick(texts);
    const short = text.slice(0, 2_000);
    return `${param}=${random.chance(4) ? short : encodeSafely(short)}`;
  });
  const raw = `/${name}${random.chance(20) ? "/x" : ""}?${pairs.join("&")}${random.chance(20) ? "%zz" : ""}`;
  return raw.replace(/[^\x21-\x7e]/g, "");
}

const encodeSafely = (text: string): string => encodeURIComponent(text.toWellFormed());
