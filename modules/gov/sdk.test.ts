/**
 * 240 blocks of governance over staking, as the SDK's own keepers lived them (docs/vectors/gov): refusals, answers, events, how every open
 * vote stood, and what the stores hold, block by block and to the last unit.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { accountAddress } from "../../chain/address.ts";
import type { Context } from "../../chain/context.ts";
import { parseDec } from "../../chain/dec.ts";
import { parseCoin } from "../../chain/deccoins.ts";
import { ChainError, QueryError } from "../../chain/errors.ts";
import type { ChainEvent } from "../../chain/events.ts";
import { fromJson } from "../../chain/protojson.ts";
import { Params, type TallyResult } from "../../proto/gen/cosmos/gov/v1/gov.ts";
import { testChain } from "../../test/helpers/testchain.ts";
import { supplyOf } from "../bank/index.ts";
import { fundCommunityPool } from "../distribution/index.ts";
import { weir } from "../index.ts";
import { slash, staking } from "../staking/index.ts";
import { params } from "./state.ts";

interface Refusal {
  readonly codespace: string;
  readonly code: number;
  readonly log: string;
}

interface Event {
  readonly type: string;
  readonly attributes: readonly (readonly [string, string])[];
}

interface Step {
  readonly name?: string;
  readonly typeUrl?: string;
  readonly bytes?: string;
  readonly call?: readonly string[];
  readonly refusal?: Refusal;
  readonly response?: string;
  readonly events: readonly Event[];
}

interface Block {
  readonly height: string;
  readonly seconds: string;
  readonly nanos: number;
  readonly steps: readonly Step[];
  readonly end: readonly Event[];
  readonly state: Readonly<Record<string, string>>;
  readonly tallies: Readonly<Record<string, readonly string[]>>;
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
  readonly questionsAt: number;
  readonly answers: readonly Answer[];
  readonly exported: Readonly<Record<string, unknown>>;
}

const file = new URL("../../test/vectors/gov.json", import.meta.url);
const vectors: Vectors = JSON.parse(readFileSync(file, "utf8"));

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const bytes = (text: string) => new Uint8Array(Buffer.from(text, "hex"));

const chain = testChain(vectors.genesis, undefined, { chainId: "weir-vectors", height: 0n });
const gov = weir.modules.find(({ name }) => name === "gov")!;
const handlers = new Map(weir.modules.flatMap(({ messages }) => Object.entries(messages)));

// ---------------------------------------------------------------------------------------------------------- what is compared

/** As the Go program hashes: every part with its length in four bytes before it. */
function digestOf(parts: Iterable<Uint8Array>): string {
  const hash = createHash("sha256");
  for (const part of parts) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    hash.update(length).update(part);
  }
  return hash.digest("hex");
}

const digest = (store: string, prefix: number) =>
  digestOf(
    chain
      .entries(store)
      .filter(([key]) => key[0] === prefix)
      .flat(),
  );

const stateNow = (): Record<string, string> => ({
  proposals: digest("gov", 0),
  activeQueue: digest("gov", 1),
  inactiveQueue: digest("gov", 2),
  proposalId: digest("gov", 3),
  votingPeriod: digest("gov", 4),
  deposits: digest("gov", 16),
  votes: digest("gov", 32),
  params: digest("gov", 48),
  constitution: digest("gov", 49),
  balances: digest("bank", 2),
  supply: `${supplyOf(chain.context(), "uweir")}uweir`,
  delegations: digest("staking", 0x31),
  authParams: digest("acc", 0),
});

const talliesNow = (block: Block): Record<string, readonly string[]> =>
  Object.fromEntries(
    Object.keys(block.tallies).map((id) => {
      const request = { proposalId: BigInt(id) };
      const { tally } = chain.query<{ tally: TallyResult }>("/cosmos.gov.v1.Query/TallyResult", request);
      return [id, [tally.yesCount, tally.abstainCount, tally.noCount, tally.noWithVetoCount]];
    }),
  );

/** What this chain tells beside the SDK. */
const told: ReadonlySet<string> = new Set(["parameter_changed", "proposal_deposit_lost"]);
const isOwn = ({ type }: ChainEvent): boolean => told.has(type);

const shown = (events: readonly ChainEvent[]): Event[] =>
  events
    .filter((event) => !isOwn(event))
    .map(({ type, attributes }) => ({ type, attributes: attributes.map(({ key, value }) => [key, value] as const) }));

// ------------------------------------------------------------------------------------------------------------ living a block

const calls: Readonly<Record<string, (ctx: Context, ...words: string[]) => void>> = {
  fund: (ctx, from, amount) => fundCommunityPool(ctx, accountAddress.decode(from!), [parseCoin(amount!)]),
  slash: (ctx, address, height, power, fraction) =>
    void slash(ctx, bytes(address!), BigInt(height!), BigInt(power!), parseDec(fraction!)),
  params: (ctx, json) => params.set(ctx, fromJson<Params>(Params.$type, JSON.parse(json!), "params")),
};

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
  return { refusal: refusalOf(refusal), response, events: shown(events) };
}

const grpcToSdk: Readonly<Record<string, readonly [code: number, text: string]>> = {
  NotFound: [22, "key not found"],
  InvalidArgument: [18, "invalid request"],
  Internal: [6, "unknown request"],
};

function answerTo(path: string, request: Uint8Array): { response: string | undefined; refusal: Refusal | undefined } {
  const handler = gov.queries[path]!;
  try {
    const answer = handler.run(chain.context(), handler.request.decode(request));
    return { response: hex(handler.response.encode(answer)) || undefined, refusal: undefined };
  } catch (error) {
    if (error instanceof ChainError) return { response: undefined, refusal: refusalOf(error) };
    if (!(error instanceof QueryError)) throw error;
    const [code, text] = grpcToSdk[error.status]!;
    const log = `rpc error: code = ${error.status} desc = ${error.message}: ${text}`;
    return { response: undefined, refusal: { codespace: "sdk", code, log } };
  }
}

const answers: ReturnType<typeof answerTo>[] = [];

function liveBlock(block: Block) {
  chain.setBlock({ height: BigInt(block.height), time: { seconds: BigInt(block.seconds), nanos: block.nanos } });
  const steps = block.steps.map(live);
  const closing = chain.context();
  gov.endBlock!(closing);
  staking.endBlock!(chain.context());
  if (Number(block.height) === vectors.questionsAt) {
    for (const { path, request } of vectors.answers) answers.push(answerTo(path, bytes(request)));
  }
  return {
    steps,
    end: shown(closing.events),
    state: stateNow(),
    tallies: talliesNow(block),
    broken: chain.broken(),
  };
}

const expectedOf = ({ refusal, response, events }: Step) => ({ refusal, response, events });

const lived = vectors.blocks.map((block) => ({ block, ...liveBlock(block) }));

describe("governance, as the SDK's keepers", () => {
  it.each(lived.map(({ block, ...rest }) => ({ name: `block ${block.height}`, block, ...rest })))(
    "$name: emits, answers, refuses, counts and stores the same",
    ({ block, steps, end, state, tallies, broken }) => {
      const own = new Set(block.steps.flatMap(({ name }, index) => (name === undefined ? [] : [index])));
      const unnamed = <T>(_: T, index: number) => !own.has(index);
      expect(steps.filter(unnamed)).toEqual(block.steps.map(expectedOf).filter(unnamed));
      expect(end).toEqual(block.end);
      expect(tallies).toEqual(block.tallies);
      expect(state).toEqual(block.state);
      expect(broken).toBeUndefined();
    },
  );

  const badInputs = lived.flatMap(({ block, steps }) =>
    block.steps.flatMap((step, index) => (step.name === undefined ? [] : [{ ...step, outcome: steps[index]! }])),
  );

  it.each(badInputs)("$name", ({ refusal, outcome }) => {
    expect(outcome.refusal).toEqual(refusal);
  });

  it.each(vectors.answers.map((answer, index) => ({ ...answer, index, name: `${index}: ${answer.path}` })))(
    "answer $name with the same bytes",
    ({ response, refusal, index }) => {
      expect(answers[index]).toEqual({ response, refusal });
    },
  );

  it("are asked every query of theirs", () => {
    const theirs = Object.keys(gov.queries).filter((path) => path.startsWith("/cosmos."));
    expect(new Set(vectors.answers.map(({ path }) => path))).toEqual(new Set(theirs));
  });

  it("export the same genesis", () => {
    const { weir: _own, ...exported } = chain.exported().gov as Record<string, unknown>;
    expect(exported).toEqual(vectors.exported);
  });
});
