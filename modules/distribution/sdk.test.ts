/**
 * 220 blocks of fees, slashes and withdrawals as the SDK's own keepers of staking, distribution and mint lived them
 * (docs/vectors/distribution): every answer and refusal of a message, and after each block all that is owed and owned, to the last unit.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { formatCoin } from "../../chain/coins.ts";
import { type Context, type EngineReport, nothingReported } from "../../chain/context.ts";
import { decFromProto, formatDec, parseDec } from "../../chain/dec.ts";
import { parseCoins } from "../../chain/deccoins.ts";
import { ChainError, QueryError } from "../../chain/errors.ts";
import type { AnyMessageHandler } from "../../chain/module.ts";
import { testChain } from "../../test/helpers/testchain.ts";
import { mintCoins, sendBetweenModules, supplyOf } from "../bank/index.ts";
import { mint } from "../mint/index.ts";
import { minter } from "../mint/state.ts";
import { iterateValidators, jail, slash, staking, unjail } from "../staking/index.ts";
import { distribution } from "./index.ts";

interface Refusal {
  readonly codespace: string;
  readonly code: number;
  readonly log: string;
}

interface Message {
  readonly typeUrl: string;
  readonly bytes: string;
  readonly response?: string;
  readonly refusal?: Refusal;
}

interface Block {
  readonly height: string;
  readonly seconds: string;
  readonly votes: readonly { readonly address: string; readonly power: string }[];
  readonly slashes: readonly {
    readonly address: string;
    readonly height: string;
    readonly power: string;
    readonly fraction: string;
    readonly jail: boolean;
  }[];
  readonly unjailed: readonly string[];
  readonly messages: readonly Message[];
  readonly fees: string;
  readonly inflation: string;
  readonly provisions: string;
  readonly supply: string;
  readonly distribution: string;
  readonly balances: string;
  readonly validators: string;
}

interface Vectors {
  readonly genesis: Readonly<Record<string, unknown>>;
  readonly blocks: readonly Block[];
  readonly answers: readonly {
    readonly path: string;
    readonly request: string;
    readonly response?: string;
    readonly refusal?: Refusal;
  }[];
  readonly refusals: readonly Message[];
  readonly exported: Readonly<Record<"distribution" | "mint", unknown>>;
}

const file = new URL("../../test/vectors/distribution.json", import.meta.url);
const vectors: Vectors = JSON.parse(readFileSync(file, "utf8"));

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const bytes = (text: string) => new Uint8Array(Buffer.from(text, "hex"));
const digest = (text: string) => createHash("sha256").update(text).digest("hex");

// The chain of the vectors mints by inflation: its genesis has no emission.
const chain = testChain(vectors.genesis);
const handlers = new Map<string, AnyMessageHandler>(
  chain.definition.modules.flatMap(({ messages }) => Object.entries(messages)),
);

const refusalOf = ({ codespace, code, message }: ChainError): Refusal => ({ codespace, code, log: message });

function send({ typeUrl, bytes: encoded }: Message): Partial<Message> {
  const { request, response, validate, execute } = handlers.get(typeUrl)!;
  const message = request.decode(bytes(encoded));
  let answer = "";
  const { refusal } = chain.attempt((ctx) => {
    validate(message);
    answer = hex(response.encode(execute(ctx, message)));
  });
  if (refusal !== undefined) return { refusal: refusalOf(refusal) };
  return answer === "" ? {} : { response: answer };
}

const reportOf = ({ votes }: Block): EngineReport => ({
  ...nothingReported,
  lastVotes: votes.map(({ address, power }) => ({ address: bytes(address), power: BigInt(power), isAbsent: false })),
});

function punish(ctx: Context, { slashes, unjailed }: Block): void {
  for (const { address, height, power, fraction, jail: isJailed } of slashes) {
    slash(ctx, bytes(address), BigInt(height), BigInt(power), parseDec(fraction));
    if (isJailed) jail(ctx, bytes(address));
  }
  for (const address of unjailed) unjail(ctx, bytes(address));
}

/** As if transactions had paid them. */
function payFees(ctx: Context, { fees }: Block): void {
  if (fees === "") return;
  mintCoins(ctx, "mint", parseCoins(fees));
  sendBetweenModules(ctx, "mint", "fee_collector", parseCoins(fees));
}

interface Holdings {
  readonly balances: readonly { readonly address: string; readonly coins: { denom: string; amount: string }[] }[];
}

function balancesText(): string {
  const { balances } = chain.exported().bank as Holdings;
  const lines = balances.map(({ address, coins }) => {
    const text = coins.map(({ denom, amount }) => formatCoin({ denom, amount: BigInt(amount) })).join(",");
    return `${address} ${text}`;
  });
  return lines.join("\n");
}

const validatorsText = () =>
  [...iterateValidators(chain.context())]
    .map((validator) => {
      const { operatorAddress, status, tokens, delegatorShares } = validator;
      return `${operatorAddress} ${status} ${tokens} ${formatDec(delegatorShares)}`;
    })
    .join("\n");

function live(block: Block) {
  chain.setBlock({ height: BigInt(block.height), time: { seconds: BigInt(block.seconds), nanos: 0 } });
  const ctx = chain.context();
  const report = reportOf(block);
  mint.beginBlock?.(ctx, report);
  distribution.beginBlock?.(ctx, report);
  punish(ctx, block);
  staking.beginBlock?.(ctx, report);
  const messages = block.messages.map(({ typeUrl, bytes: encoded }) => ({
    typeUrl,
    bytes: encoded,
    ...send({ typeUrl, bytes: encoded }),
  }));
  payFees(chain.context(), block);
  staking.endBlock?.(chain.context());
  const { inflation, annualProvisions } = minter.get(chain.context())!;
  return {
    ...block,
    messages,
    inflation: formatDec(decFromProto(inflation)),
    provisions: formatDec(decFromProto(annualProvisions)),
    supply: `${supplyOf(chain.context(), "uweir")}`,
    distribution: digest(JSON.stringify(chain.exported().distribution)),
    balances: digest(balancesText()),
    validators: digest(validatorsText()),
    broken: chain.broken(),
  };
}

const lived = vectors.blocks.map((block) => ({ name: block.height, block, found: live(block) }));
const exported = chain.exported();
const kept = chain.entries("distribution");

/** Height by height as the questions were asked: one later than the last block. */
chain.setBlock({ height: BigInt(vectors.blocks.length + 1) });

function ask(path: string, request: string): { readonly response?: string; readonly refusal?: Refusal } {
  const handler = chain.definition.modules.find(({ queries }) => queries[path] !== undefined)!.queries[path]!;
  try {
    const answer = chain.query(path, handler.request.decode(bytes(request)) as object);
    const encoded = hex(handler.response.encode(answer));
    return encoded === "" ? {} : { response: encoded };
  } catch (error) {
    if (error instanceof ChainError) return { refusal: refusalOf(error) };
    if (!(error instanceof QueryError)) throw error;
    const log = `rpc error: code = ${error.status} desc = ${error.message}: invalid request`;
    return { refusal: { codespace: "sdk", code: 18, log } };
  }
}

describe("rewards and mint, as the SDK's own keepers count them", () => {
  it.each(lived)("are the same at height $name", ({ block, found }) => {
    expect(found).toEqual({ ...block, broken: undefined });
  });

  it("are exported as the SDK exports them", () => {
    expect(exported.distribution).toEqual(vectors.exported.distribution);
    expect(exported.mint).toEqual({ ...(vectors.exported.mint as object), emission: null });
  });

  it("begin again from what was exported, byte for byte", () => {
    const again = testChain(exported);
    expect(again.entries("distribution").map((entry) => entry.map(hex))).toEqual(kept.map((entry) => entry.map(hex)));
    expect(again.exported()).toEqual(exported);
  });

  it.each(vectors.answers.map((answer, number) => ({ ...answer, number })))(
    "are answered alike: $path, question $number",
    ({ path, request, response, refusal }) => {
      expect(ask(path, request)).toEqual({ ...(response ? { response } : {}), ...(refusal ? { refusal } : {}) });
    },
  );

  it.each(vectors.refusals.map((message, number) => ({ ...message, number })))(
    "are refused alike: $typeUrl, message $number",
    (message) => {
      const { response, refusal } = message;
      expect(send(message)).toEqual({ ...(response ? { response } : {}), ...(refusal ? { refusal } : {}) });
    },
  );
});
