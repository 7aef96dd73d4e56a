/**
 * 220 blocks of staking with all that follows it, as the SDK's own keepers lived them (docs/vectors/staking): refusals, answers, events,
 * what the engine was told, and what the stores hold, block by block and to the last unit.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { accountAddress } from "../../chain/address.ts";
import type { Context, EngineReport } from "../../chain/context.ts";
import { decFromProto, formatDec, parseDec } from "../../chain/dec.ts";
import { formatDecCoins, parseCoin } from "../../chain/deccoins.ts";
import { ChainError, QueryError } from "../../chain/errors.ts";
import type { ChainEvent } from "../../chain/events.ts";
import type {
  QueryDelegationRewardsResponse,
  QueryValidatorCommissionResponse,
  QueryValidatorOutstandingRewardsResponse,
} from "../../proto/gen/cosmos/distribution/v1beta1/query.ts";
import { HistoricalInfo, Validator } from "../../proto/gen/cosmos/staking/v1beta1/staking.ts";
import { testChain } from "../../test/helpers/testchain.ts";
import { sendToModule } from "../bank/index.ts";
import { weir } from "../index.ts";
import {
  bondedRatio,
  iterateDelegations,
  iterateValidators,
  jail,
  slash,
  staking,
  stakingTokenSupply,
  totalBondedTokens,
  totalNotBondedTokens,
} from "./index.ts";

interface Refusal {
  readonly codespace: string;
  readonly code: number;
  readonly log: string;
}

/** Of later blocks, the hash of all that they say. */
type Events =
  | string
  | readonly { readonly type: string; readonly attributes: readonly (readonly [string, string])[] }[];

interface Step {
  readonly name?: string;
  readonly typeUrl?: string;
  readonly bytes?: string;
  readonly call?: readonly string[];
  readonly refusal?: Refusal;
  readonly response?: string;
  readonly events: Events;
}

interface Block {
  readonly height: string;
  readonly seconds: string;
  readonly nanos: number;
  readonly proposer: string;
  readonly votes: readonly { readonly address: string; readonly power: string }[];
  readonly begin: Events;
  readonly steps: readonly Step[];
  readonly end: Events;
  readonly updates: readonly { readonly key: string; readonly power: string }[];
  readonly state: Readonly<Record<string, string>>;
}

interface Answer {
  readonly path: string;
  readonly request: string;
  readonly response?: string;
  readonly refusal?: Refusal;
}

interface Vectors {
  readonly genesis: Readonly<Record<string, unknown>>;
  readonly blocks: readonly Block[];
  readonly answers: readonly Answer[];
  readonly exported: Readonly<Record<string, unknown>>;
}

const file = new URL("../../test/vectors/staking.json", import.meta.url);
const vectors: Vectors = JSON.parse(readFileSync(file, "utf8"));

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const bytes = (text: string) => new Uint8Array(Buffer.from(text, "hex"));

const chain = testChain(vectors.genesis, undefined, { chainId: "weir-vectors", height: 0n });

// ---------------------------------------------------------------------------------------------------------- what is compared

/** As the Go program hashes: every part with its length in four bytes before it. */
function digestOf(parts: Iterable<string | Uint8Array>): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(part));
    hash.update(length).update(part);
  }
  return hash.digest("hex");
}

function shown(events: readonly ChainEvent[], like: Events): unknown {
  if (typeof like !== "string") {
    return events.map(({ type, attributes }) => ({ type, attributes: attributes.map((a) => [a.key, a.value]) }));
  }
  return digestOf(events.flatMap(({ type, attributes }) => [type, ...attributes.flatMap((a) => [a.key, a.value])]));
}

const below = (store: string, prefix: number) => chain.entries(store).filter(([key]) => key[0] === prefix);
const digest = (prefix: number, store = "staking") => digestOf(below(store, prefix).flat());
const keysDigest = (prefix: number) => digestOf(below("staking", prefix).map(([key]) => key));

/** The SDK keeps numbers of unbondings with a validator for ever; the vectors leave them out. */
const withoutNumbers = (validator: Validator): Validator => ({ ...validator, unbondingIds: [] });

const validatorsDigest = () =>
  digestOf(
    below("staking", 0x21).flatMap(([key, value]) => [
      key,
      Validator.encode(withoutNumbers(Validator.decode(value))).finish(),
    ]),
  );

const historyDigest = () =>
  digestOf(
    below("staking", 0x50).flatMap(([key, value]) => {
      const { header, valset } = HistoricalInfo.decode(value);
      return [key, HistoricalInfo.encode({ header, valset: valset.map(withoutNumbers) }).finish()];
    }),
  );

const coinsText = (coins: readonly { readonly denom: string; readonly amount: string }[]) =>
  formatDecCoins(coins.map(({ denom, amount }) => ({ denom, amount: decFromProto(amount) })));

const distribution = "/cosmos.distribution.v1beta1.Query";

/** What everybody's delegations earned and did not withdraw yet, and every validator's commission, in words. */
function rewardsDigest(): string {
  const texts: string[] = [];
  for (const { delegatorAddress, validatorAddress } of iterateDelegations(chain.context())) {
    const path = `${distribution}/DelegationRewards`;
    const { rewards } = chain.query<QueryDelegationRewardsResponse>(path, { delegatorAddress, validatorAddress });
    texts.push(`${delegatorAddress} ${validatorAddress} ${coinsText(rewards)}`);
  }
  for (const { operatorAddress } of iterateValidators(chain.context())) {
    const of = { validatorAddress: operatorAddress };
    const { commission } = chain.query<QueryValidatorCommissionResponse>(`${distribution}/ValidatorCommission`, of);
    const { rewards } = chain.query<QueryValidatorOutstandingRewardsResponse>(
      `${distribution}/ValidatorOutstandingRewards`,
      of,
    );
    texts.push(`${operatorAddress} ${coinsText(commission!.commission)} ${coinsText(rewards!.rewards)}`);
  }
  return digestOf(texts);
}

const stateAt = (height: bigint): Record<string, string> => ({
  lastPowers: digest(0x11),
  lastTotalPower: digest(0x12),
  validators: validatorsDigest(),
  validatorsByKey: digest(0x22),
  validatorsByPower: digest(0x23),
  delegations: digest(0x31),
  unbondings: digest(0x32),
  unbondingsByValidator: keysDigest(0x33),
  redelegations: digest(0x34),
  redelegationsBySource: keysDigest(0x35),
  redelegationsByDestination: keysDigest(0x36),
  unbondingId: digest(0x37),
  validatorQueue: digest(0x43),
  history: historyDigest(),
  params: digest(0x51),
  delegationsByValidator: keysDigest(0x71),
  balances: digest(2, "bank"),
  supply: `${stakingTokenSupply(chain.context())}`,
  bonded: `${totalBondedTokens(chain.context())}`,
  bondedRatio: formatDec(bondedRatio(chain.context())),
  notBonded: `${totalNotBondedTokens(chain.context())}`,
  rewards: height % 10n === 0n ? rewardsDigest() : "",
});

// ------------------------------------------------------------------------------------------------------------ living a block

const calls: Readonly<Record<string, (ctx: Context, ...words: string[]) => void>> = {
  payFee: (ctx, from, amount) => sendToModule(ctx, accountAddress.decode(from!), "fee_collector", [parseCoin(amount!)]),
  slash: (ctx, address, height, power, fraction) =>
    void slash(ctx, bytes(address!), BigInt(height!), BigInt(power!), parseDec(fraction!)),
  jail: (ctx, address) => jail(ctx, bytes(address!)),
};

/** What the engine would tell of a block's header is made of its height, as in the Go program. */
function hashOf(what: string, height: bigint): Uint8Array {
  const text = Buffer.alloc(9);
  text.write(what);
  text.writeBigUInt64BE(height, 1);
  return new Uint8Array(createHash("sha256").update(text).digest());
}

const reportOf = ({ height, votes }: Block): EngineReport => ({
  lastVotes: votes.map(({ address, power }) => ({ address: bytes(address), power: BigInt(power), isAbsent: false })),
  misbehavior: [],
  nextValidatorsHash: hashOf("v", BigInt(height)),
  appHash: hashOf("a", BigInt(height)),
});

const named = (name: string) => weir.modules.find((module) => module.name === name)!;
const handlers = new Map(weir.modules.flatMap(({ messages }) => Object.entries(messages)));

const refusalOf = (error: ChainError | undefined): Refusal | undefined =>
  error && { codespace: error.codespace, code: error.code, log: error.message };

function live(step: Step) {
  let response: string | undefined;
  const { events, refusal } = chain.attempt((ctx) => {
    if (step.call !== undefined) {
      const [name, ...words] = step.call;
      return calls[name!]!(ctx, ...words);
    }
    const handler = handlers.get(step.typeUrl!)!;
    const message = handler.request.decode(bytes(step.bytes!));
    handler.validate(message);
    response = hex(handler.response.encode(handler.execute(ctx, message))) || undefined;
  });
  return { refusal: refusalOf(refusal), response, events: shown(events, step.events) };
}

function liveBlock(block: Block) {
  const { height, seconds, nanos, proposer } = block;
  const time = { seconds: BigInt(seconds), nanos };
  chain.setBlock({ height: BigInt(height), time, proposerAddress: bytes(proposer) });
  const opening = chain.context();
  for (const name of ["distribution", "slashing", "staking"]) named(name).beginBlock!(opening, reportOf(block));
  const steps = block.steps.map(live);
  const closing = chain.context();
  const updates = staking.endBlock!(closing).map(({ publicKey, power }) => ({
    key: hex(publicKey),
    power: `${power}`,
  }));
  return {
    begin: shown(opening.events, block.begin),
    steps,
    end: shown(closing.events, block.end),
    updates,
    state: stateAt(BigInt(height)),
    broken: chain.broken(),
  };
}

/** The SDK tells of a pair once for every time that it is listed: of nothing, the second time. */
const withoutRepeats = (events: Events): Events =>
  typeof events === "string"
    ? events
    : events.filter(({ type, attributes }) => !type.startsWith("complete_") || attributes[0]![1] !== "");

const isBadInput = ({ name }: Step) => name !== undefined && name !== "";
const expectedOf = ({ refusal, response, events }: Step) => ({ refusal, response, events });

const lived = vectors.blocks.map((block) => ({ block, ...liveBlock(block) }));

describe("staking, as the SDK's keepers", () => {
  it.each(lived.map(({ block, ...rest }) => ({ name: `block ${block.height}`, block, ...rest })))(
    "$name: emits, answers, refuses and stores the same",
    ({ block, begin, steps, end, updates, state, broken }) => {
      expect(begin).toEqual(block.begin);
      expect(steps).toEqual(block.steps.map(expectedOf));
      expect(withoutRepeats(end as Events)).toEqual(withoutRepeats(block.end));
      expect(updates).toEqual(block.updates);
      expect(state).toEqual(block.state);
      expect(broken).toBeUndefined();
    },
  );

  const badInputs = lived.flatMap(({ block, steps }) =>
    block.steps.flatMap((step, index) => (isBadInput(step) ? [{ ...step, outcome: steps[index]! }] : [])),
  );

  it.each(badInputs)("$name", ({ refusal, outcome }) => {
    expect(outcome.refusal).toEqual(refusal);
  });

  it("refuse each message for reasons of its own, and take each", () => {
    const own = Object.keys(staking.messages);
    const steps = vectors.blocks.flatMap(({ steps }) => steps);
    for (const typeUrl of own) {
      const refusals = steps.filter((step) => step.typeUrl === typeUrl && step.refusal !== undefined);
      const codes = new Set(refusals.map(({ refusal }) => `${refusal!.codespace} ${refusal!.code}`));
      expect(codes.size, typeUrl).toBeGreaterThan(1);
      expect(
        steps.some((step) => step.typeUrl === typeUrl && step.refusal === undefined),
        typeUrl,
      ).toBe(true);
    }
  });

  it.each(vectors.answers.map((answer, index) => ({ ...answer, name: `${index}: ${answer.path}` })))(
    "answer $name with the same bytes",
    ({ path, request, response, refusal }) => {
      expect(answerTo(path, bytes(request))).toEqual({ response, refusal });
    },
  );

  it("are asked every query", () => {
    expect(new Set(vectors.answers.map(({ path }) => path))).toEqual(new Set(Object.keys(staking.queries)));
  });

  it("export the same genesis, with one number more", () => {
    const { last_unbonding_id: last, ...exported } = chain.exported().staking as Record<string, unknown>;
    expect(exported).toEqual(vectors.exported);
    expect(last).toMatch(/^[1-9][0-9]+$/);
  });
});

const grpcToSdk: Readonly<Record<string, readonly [code: number, text: string]>> = {
  NotFound: [22, "key not found"],
  InvalidArgument: [18, "invalid request"],
  Internal: [6, "unknown request"],
};

function answerTo(path: string, request: Uint8Array): { response: string | undefined; refusal: Refusal | undefined } {
  const handler = staking.queries[path]!;
  try {
    const answer = handler.run(chain.context(), handler.request.decode(request));
    return { response: hex(handler.response.encode(withoutAnyNumbers(answer))) || undefined, refusal: undefined };
  } catch (error) {
    if (error instanceof ChainError) return { response: undefined, refusal: refusalOf(error) };
    if (!(error instanceof QueryError)) throw error;
    const [code, text] = grpcToSdk[error.status]!;
    const log = `rpc error: code = ${error.status} desc = ${error.message}: ${text}`;
    return { response: undefined, refusal: { codespace: "sdk", code, log } };
  }
}

function withoutAnyNumbers(answer: Record<string, unknown>): Record<string, unknown> {
  const { validator, validators, hist } = answer as {
    validator?: Validator;
    validators?: Validator[];
    hist?: HistoricalInfo;
  };
  if (validator !== undefined) return { validator: withoutNumbers(validator) };
  if (validators !== undefined) return { ...answer, validators: validators.map(withoutNumbers) };
  if (hist !== undefined) return { hist: { ...hist, valset: hist.valset.map(withoutNumbers) } };
  return answer;
}
