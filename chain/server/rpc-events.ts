/**
 * Subscriptions: which of a block's events a client asked for, and how they look. Owns matching and shapes, by CometBFT's event bus;
 * the connection that carries them is rpc-websocket.ts.
 */
import type { Event } from "../../proto/gen/tendermint/abci/types.ts";
import { BlockIDFlag } from "../../proto/gen/tendermint/types/validator.ts";
import type { SealedBlock } from "../consensus/executor.ts";
import { hexUpper } from "../consensus/json.ts";
import { type Condition, meets } from "../consensus/query.ts";
import { validatorOf } from "../consensus/validators.ts";
import { txHash } from "../crypto/txhash.ts";
import { compareBytes } from "../store/types.ts";
import { precommitOf } from "./rpc-consensus.ts";
import { evidenceJson, voteJson } from "./rpc-evidence.ts";
import {
  blockEventJson,
  blockIdJson,
  blockJson,
  finalizedJson,
  headerJson,
  txEventJson,
  validatorJson,
} from "./rpc-json.ts";
import { once } from "./rpc-once.ts";

type Tags = Readonly<Record<string, readonly string[]>>;

/** An event with what it can be asked for by; tags and JSON are made once, for the first who wants them, and are the same for all. */
export interface Published {
  readonly name: string;
  readonly tags: () => Tags;
  /** `"data":…,"events":…`, to stand in a result. */
  readonly json: () => Buffer;
}

const nameTag = "tm.event";

const meetsAny = (condition: Condition, values: readonly string[]): boolean =>
  values.some((value) => meets(condition, value));

export const matches = (conditions: readonly Condition[], event: Published): boolean =>
  conditions.every((condition) => condition.tag !== nameTag || meetsAny(condition, [event.name])) &&
  conditions.every((condition) => {
    if (condition.tag === nameTag) return true;
    const tags = event.tags();
    return Object.hasOwn(tags, condition.tag) && meetsAny(condition, tags[condition.tag]!);
  });

/** The events of one block, and who of them is wanted. */
export class PublishedBlock {
  readonly #events: readonly Published[];
  readonly #found = new Map<string, readonly Published[]>();
  #byValue: Map<string, Published[]> | undefined;

  constructor(events: readonly Published[]) {
    this.#events = events;
  }

  /** Found once for all who ask the same. */
  find(query: string, conditions: readonly Condition[]): readonly Published[] {
    const known = this.#found.get(query);
    if (known !== undefined) return known;
    const found = this.#candidates(conditions).filter((event) => matches(conditions, event));
    this.#found.set(query, found);
    return found;
  }

  /** A thousand clients, each with an address of its own, must not look at every transaction a thousand times. */
  #candidates(conditions: readonly Condition[]): readonly Published[] {
    const exact = conditions.find(
      ({ tag, operator, valueType }) => tag !== nameTag && operator === "=" && valueType === "string",
    );
    if (exact === undefined) return this.#events;
    this.#byValue ??= byValue(this.#events);
    return this.#byValue.get(valueKey(exact.tag, exact.value)) ?? [];
  }
}

/** A tag of a query holds no "=", so that no two pairs share a text. */
const valueKey = (tag: string, value: string): string => `${tag}=${value}`;

function byValue(events: readonly Published[]): Map<string, Published[]> {
  const map = new Map<string, Published[]>();
  for (const event of events) {
    for (const [tag, values] of Object.entries(event.tags())) {
      for (const value of new Set(values)) {
        const key = valueKey(tag, value);
        const list = map.get(key);
        if (list === undefined) map.set(key, [event]);
        else list.push(event);
      }
    }
  }
  return map;
}

function published(name: string, tags: () => Tags, value: () => unknown): Published {
  const all = once((): Tags => ({ ...tags(), [nameTag]: [name] }));
  const json = once(() => {
    const data = JSON.stringify({ type: `tendermint/event/${name}`, value: value() });
    return Buffer.from(`"data":${data},"events":${JSON.stringify(all())}`);
  });
  return { name, tags: all, json };
}

const noTags = (): Tags => ({});

/**
 * What happened in a block and before it, in CometBFT's order. Of a round there is what this engine does: it begins one, makes a block, and
 * each key that is here signs a precommit. A process that agrees with itself has no prevotes, locks and timeouts, so that Polka, Lock,
 * Relock, Unlock, ValidBlock, TimeoutPropose, TimeoutWait and NewRoundStep can be subscribed to and never come.
 */
export function publishedBy(sealed: SealedBlock): PublishedBlock {
  const { block, id, results } = sealed;
  const { header, data, evidence } = block;
  const blockTags = once(() => tagsOf(results.events));
  return new PublishedBlock([
    ...roundEvents(sealed),
    published("NewBlock", blockTags, () => ({
      block: blockJson(block),
      block_id: blockIdJson(id),
      result_finalize_block: finalizedJson(results),
    })),
    published("NewBlockHeader", noTags, () => ({ header: headerJson(header) })),
    published("NewBlockEvents", blockTags, () => ({
      height: String(header.height),
      events: results.events.length === 0 ? null : results.events.map(blockEventJson),
      num_txs: String(data.txs.length),
    })),
    ...evidence.evidence.map((piece) =>
      published("NewEvidence", noTags, () => ({ height: String(header.height), evidence: evidenceJson(piece) })),
    ),
    ...data.txs.map((tx, index) => txEvent(sealed, tx, index)),
    ...validatorEvents(sealed),
  ]);
}

function roundEvents({ block, id, commit, state }: SealedBlock): Published[] {
  const { height, proposerAddress } = block.header;
  const { validators } = state.lastValidators;
  const round = (step: string) => ({ height: String(height), round: commit.round, step });
  const index = validators.findIndex(({ address }) => compareBytes(address, proposerAddress) === 0);
  const votes = commit.signatures.flatMap((signature, i) =>
    signature.blockIdFlag === BlockIDFlag.BLOCK_ID_FLAG_ABSENT ? [] : [precommitOf(commit, signature, i)],
  );
  return [
    published("NewRound", noTags, () => ({
      ...round("RoundStepNewRound"),
      proposer: { address: hexUpper(proposerAddress), index },
    })),
    published("CompleteProposal", noTags, () => ({ ...round("RoundStepPropose"), block_id: blockIdJson(id) })),
    ...votes.map((vote) => published("Vote", noTags, () => ({ Vote: voteJson(vote) }))),
  ];
}

function txEvent({ block, results }: SealedBlock, tx: Uint8Array, index: number): Published {
  const { height } = block.header;
  const result = results.txResults[index]!;
  const known = () => ({ "tx.hash": [hexUpper(txHash(tx))], "tx.height": [String(height)] });
  return published(
    "Tx",
    () => ({ ...tagsOf(result.events), ...known() }),
    () => txEventJson({ height, index, tx, result }),
  );
}

function validatorEvents({ results }: SealedBlock): Published[] {
  if (results.validatorUpdates.length === 0) return [];
  return [
    published("ValidatorSetUpdates", noTags, () => ({
      validator_updates: results.validatorUpdates.map((update) => validatorJson(validatorOf(update))),
    })),
  ];
}

function tagsOf(events: readonly Event[]): Record<string, string[]> {
  const tags: Record<string, string[]> = Object.create(null);
  for (const { type, attributes } of events) {
    if (type === "") continue;
    for (const { key, value } of attributes) {
      if (key === "") continue;
      const tag = `${type}.${key}`;
      tags[tag] ??= [];
      tags[tag].push(value);
    }
  }
  return tags;
}
