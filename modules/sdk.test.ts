/** One history of auth, bank and consensus against cosmos-sdk's own keepers (docs/vectors/modules): refusals, events, state, answers. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { accountAddress } from "../chain/address.ts";
import type { Context } from "../chain/context.ts";
import { parseCoin } from "../chain/deccoins.ts";
import { ChainError, QueryError } from "../chain/errors.ts";
import { schema } from "../proto/schema.ts";
import { testChain } from "../test/helpers/testchain.ts";
import { anteFees, burnCoins, mintCoins, sendBetweenModules, sendFromModule, sendToModule } from "./bank/index.ts";
import { weir } from "./index.ts";
import { inflationGenesis, mint } from "./mint/index.ts";

interface Refusal {
  readonly codespace: string;
  readonly code: number;
  readonly log: string;
}

interface Step {
  readonly name: string;
  readonly typeUrl?: string;
  readonly bytes?: string;
  readonly call?: readonly string[];
  readonly refusal?: Refusal;
  readonly events: readonly { readonly type: string; readonly attributes: readonly (readonly [string, string])[] }[];
}

interface Answer {
  readonly path: string;
  readonly request: string;
  readonly response?: string;
  readonly refusal?: Refusal;
}

type Dump = Readonly<Record<string, readonly (readonly [string, string])[]>>;

interface Vectors {
  readonly genesis: Readonly<Record<string, unknown>>;
  readonly atGenesis: Dump;
  readonly steps: readonly Step[];
  readonly afterward: Dump;
  readonly answers: readonly Answer[];
  readonly exported: Readonly<Record<string, unknown>>;
}

const vectors: Vectors = JSON.parse(readFileSync(new URL("../test/vectors/modules.json", import.meta.url), "utf8"));

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const bytes = (text: string) => new Uint8Array(Buffer.from(text, "hex"));
const coins = (text: string) => text.split(",").map(parseCoin);

/** Without an emission schedule, which the faucet of this history would exceed. */
const chain = testChain({ ...vectors.genesis, mint: mint.genesis.toJson(inflationGenesis("uweir")) });
const dump = () =>
  Object.fromEntries(
    Object.keys(vectors.afterward).map((name) => [name, chain.entries(name).map(([k, v]) => [hex(k), hex(v)])]),
  );
const atGenesis = dump();

/** What stands for the SDK's empty values in bank (ADR 0009): an index entry, a send_enabled of false, parameters of defaults. */
const written: Readonly<Record<string, string>> = { "03": "00", "04": "0800", "05": "1000" };
const withoutEmptyValues = (dumped: Dump): Dump =>
  Object.fromEntries(
    Object.entries(dumped).map(([name, entries]) => [
      name,
      entries.map(([key, value]) => [key, value === "" ? written[key.slice(0, 2)]! : value] as const),
    ]),
  );

const calls: Readonly<Record<string, (ctx: Context, a: string, b: string, c: string) => void>> = {
  mint: (ctx, module, amount) => mintCoins(ctx, module, coins(amount)),
  burn: (ctx, module, amount) => burnCoins(ctx, module, coins(amount)),
  sendFromModule: (ctx, module, to, amount) => sendFromModule(ctx, module, accountAddress.decode(to), coins(amount)),
  sendToModule: (ctx, from, module, amount) => sendToModule(ctx, accountAddress.decode(from), module, coins(amount)),
  sendBetweenModules: (ctx, from, to, amount) => sendBetweenModules(ctx, from, to, coins(amount)),
  payFee: (ctx, payer, fee) => anteFees.deduct(ctx, accountAddress.decode(payer), coins(fee)),
};

function run({ typeUrl, bytes: encoded, call }: Step) {
  if (typeUrl !== undefined) {
    const handler = weir.modules
      .flatMap(({ messages }) => Object.entries(messages))
      .find(([url]) => url === typeUrl)![1];
    return chain.message(typeUrl, handler.request.decode(bytes(encoded!)));
  }
  const [name, a, b, c] = call!;
  return chain.attempt((ctx) => calls[name!]!(ctx, a!, b!, c ?? ""));
}

const refusalOf = (error: ChainError | undefined): Refusal | undefined =>
  error && { codespace: error.codespace, code: error.code, log: error.message };

const outcomes = vectors.steps.map((step) => ({ step, outcome: run(step), broken: chain.broken() }));

describe("auth, bank and consensus, as the SDK's keepers", () => {
  it("store genesis under the same keys, as the same bytes", () => {
    expect(atGenesis).toEqual(withoutEmptyValues(vectors.atGenesis));
  });

  it.each(outcomes.map(({ step, ...rest }, index) => ({ name: `${index}: ${step.name}`, step, ...rest })))(
    "$name",
    ({ step, outcome, broken }) => {
      expect(refusalOf(outcome.refusal)).toEqual(step.refusal);
      // The "tx" event is the ante step's, which this part of the SDK does not have.
      const emitted = outcome.events.filter(({ type }) => type !== "tx" && type !== "update_consensus_params");
      expect(
        emitted.map(({ type, attributes }) => ({ type, attributes: attributes.map((a) => [a.key, a.value]) })),
      ).toEqual(step.events.filter(({ type }) => type !== "update_consensus_params"));
      expect(broken).toBeUndefined();
    },
  );

  it("store the same state afterwards", () => {
    expect(dump()).toEqual(withoutEmptyValues(vectors.afterward));
  });

  it("export the same genesis", () => {
    const { auth, bank } = chain.exported();
    expect({ auth, bank }).toEqual(vectors.exported);
  });

  it.each(vectors.answers.map((answer, index) => ({ ...answer, name: `${index}: ${answer.path}` })))(
    "answer $name with the same bytes",
    ({ path, request, response, refusal }) => {
      expect(answerTo(path, bytes(request))).toEqual({ response, refusal });
    },
  );

  it("answer every query and handle every message of their services", () => {
    const paths: string[] = [];
    const types: string[] = [];
    const standard = weir.modules.filter(({ name }) => ["auth", "bank", "consensus"].includes(name));
    for (const [service, methods] of Object.entries(schema().services)) {
      if (!/^cosmos\.(auth|bank|consensus)\./.test(service)) continue;
      for (const [method, { input }] of Object.entries(methods)) {
        if (service.endsWith(".Query")) paths.push(`/${service}/${method}`);
        else types.push(`/${input}`);
      }
    }
    expect(standard.flatMap(({ queries }) => Object.keys(queries)).sort()).toEqual(paths.sort());
    expect(standard.flatMap(({ messages }) => Object.keys(messages)).sort()).toEqual(types.sort());
    expect(new Set(vectors.answers.map(({ path }) => path)).size).toBe(paths.length - 1);
  });
});

const grpcToSdk: Readonly<Record<string, readonly [code: number, text: string]>> = {
  NotFound: [22, "key not found"],
  InvalidArgument: [18, "invalid request"],
  Internal: [6, "unknown request"],
};

function answerTo(path: string, request: Uint8Array): { response: string | undefined; refusal: Refusal | undefined } {
  const handler = weir.modules.flatMap(({ queries }) => Object.entries(queries)).find(([other]) => other === path)![1];
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
