/** What an oracle sends to the chain, and how it finds out what the chain has of it. Owns those messages and queries, and which answers settle it. */
import { messageCodec } from "../../chain/codec.ts";
import { sha256 } from "../../chain/crypto/hash.ts";
import { commits } from "../../modules/attestation/readingsstate.ts";
import {
  QueryOracleTallyRequest,
  QueryOracleTallyResponse,
  QueryReadingsRequest,
  QueryReadingsResponse,
} from "../../proto/gen/weir/attestation/v1/query.ts";
import { type AttestationRange, Commit } from "../../proto/gen/weir/attestation/v1/readings.ts";
import {
  MsgCommitReadings,
  MsgSubmitAttestations,
  MsgSubmitAttestationsResponse,
} from "../../proto/gen/weir/attestation/v1/tx.ts";
import { type ChainClient, orAbsent } from "../chain/chainclient.ts";
import { TxRefused } from "../chain/transactions.ts";
import { textOf } from "../daemon/failure.ts";
import type { Input } from "./inputs.ts";
import { type Tree, type Work, workKey } from "./work.ts";

/** Errors of the module that say: it is there already. */
const alreadyGiven = 108;
const alreadyCommitted = 132;
const codespace = "attestation";
/** Queries at once. */
const queriesMax = 8;

interface Committing {
  readonly oracle: bigint;
  readonly epoch: bigint;
  readonly tree: Tree;
}

/** Refused is certain, unless the chain says that it has it; all else nobody knows. */
function notSent(what: "commit" | "submit", epoch: bigint, error: unknown): Input {
  const isRefused = error instanceof TxRefused;
  const isThere = isRefused && error.codespace === codespace && error.code === alreadyCommitted;
  return { is: "notSent", what, epoch, isCertain: isRefused && !isThere, reason: textOf(error) };
}

export async function commitTo(
  chain: ChainClient,
  { oracle, epoch, tree, timeoutBlocks }: Committing & { readonly timeoutBlocks: bigint },
): Promise<Input> {
  const { root, count } = tree;
  const value = MsgCommitReadings.encode({ operator: chain.address, oracle, epoch, root, count }).finish();
  const message = { typeUrl: "/weir.attestation.v1.MsgCommitReadings", value };
  try {
    await chain.submit([message], { purpose: `commit/${epoch}`, timeoutBlocks });
    return { is: "sent", what: "commit", epoch };
  } catch (error) {
    return notSent("commit", epoch, error);
  }
}

/** As a proof shows it. */
export async function commitOnChain(
  chain: ChainClient,
  { oracle, epoch, tree }: Committing,
): Promise<"ours" | "other" | "none"> {
  const { storeName, key } = commits.placeOf([epoch, oracle]);
  const bytes = await chain.proven(storeName, key, chain.newest?.height);
  if (bytes === undefined) return "none";
  const { root } = messageCodec(Commit).decode(bytes);
  return Buffer.compare(root, tree.root) === 0 ? "ours" : "other";
}

interface Looking {
  readonly oracle: bigint;
  readonly epoch: bigint;
  readonly works: readonly Work[];
}

/** Relay by relay: what this oracle gave of them. */
export async function missingOnChain(
  chain: ChainClient,
  { oracle, epoch, works }: Looking,
): Promise<{ missing: string[]; isProofMissing: boolean }> {
  const relays = [...new Set(works.map(({ relay }) => relay))];
  const given = new Set<string>();
  const next = async (): Promise<void> => {
    for (let relay = relays.pop(); relay !== undefined; relay = relays.pop()) {
      for (const key of await givenOf(chain, { oracle, epoch, relay })) given.add(key);
    }
  };
  await Promise.all(Array.from({ length: queriesMax }, next));
  const missing = works.map(({ relay, kind }) => workKey(relay, kind)).filter((key) => !given.has(key));
  return { missing, isProofMissing: !(await isProofThere(chain, oracle, epoch)) };
}

async function givenOf(
  chain: ChainClient,
  { oracle, epoch, relay }: { readonly oracle: bigint; readonly epoch: bigint; readonly relay: bigint },
): Promise<string[]> {
  const request = QueryReadingsRequest.encode({ epoch, relay }).finish();
  const decode = (bytes: Uint8Array) => QueryReadingsResponse.decode(bytes);
  const { readings } = await chain.query("/weir.attestation.v1.Query/Readings", request, decode);
  return (readings?.readings ?? []).flatMap((one) => (one.oracle === oracle ? [workKey(relay, one.kind)] : []));
}

async function isProofThere(chain: ChainClient, oracle: bigint, epoch: bigint): Promise<boolean> {
  const request = QueryOracleTallyRequest.encode({ oracle: `${oracle}`, epoch: `${epoch}` }).finish();
  const decode = (bytes: Uint8Array) => QueryOracleTallyResponse.decode(bytes);
  const found = await orAbsent(chain.query("/weir.attestation.v1.Query/OracleTally", request, decode));
  return found?.covert !== undefined;
}

interface Submitting {
  readonly epoch: bigint;
  readonly ranges: readonly AttestationRange[];
  readonly timeoutBlocks: bigint;
}

export async function submitReadings(chain: ChainClient, { epoch, ranges, timeoutBlocks }: Submitting): Promise<Input> {
  const value = MsgSubmitAttestations.encode({ submitter: chain.address, ranges: [...ranges] }).finish();
  const message = { typeUrl: "/weir.attestation.v1.MsgSubmitAttestations", value };
  const name = Buffer.from(sha256(value)).toString("hex").slice(0, 16);
  try {
    const { responses } = await chain.submit([message], { purpose: `submit/${epoch}/${name}`, timeoutBlocks });
    const { results } = MsgSubmitAttestationsResponse.decode(responses[0] ?? new Uint8Array(0));
    const attestations = ranges.flatMap((range) => range.attestations);
    const refused = attestations.flatMap(({ relay, kind }, index): (readonly [string, string])[] => {
      const { code = 0, text = "" } = results[index] ?? {};
      return code === 0 || code === alreadyGiven ? [] : [[workKey(relay, kind), text]];
    });
    return { is: "sent", what: "submit", epoch, refused };
  } catch (error) {
    return notSent("submit", epoch, error);
  }
}
