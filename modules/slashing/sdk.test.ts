/**
 * 240 blocks of missed votes, double signs, leaving and returning, as the SDK's own keepers of staking, slashing and evidence lived them
 * (docs/vectors/slashing): events, refusals, validator updates and state, block by block.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { engineReport } from "../../chain/abci/requests.ts";
import { formatDec } from "../../chain/dec.ts";
import { ChainError, QueryError } from "../../chain/errors.ts";
import type { MisbehaviorType } from "../../proto/gen/tendermint/abci/types.ts";
import type { BlockIDFlag } from "../../proto/gen/tendermint/types/validator.ts";
import { testChain } from "../../test/helpers/testchain.ts";
import { supplyOf } from "../bank/index.ts";
import { consensusParams, defaultConsensusParams } from "../consensus/index.ts";
import { evidence } from "../evidence/index.ts";
import { iterateValidators, staking } from "../staking/index.ts";
import { slashing } from "./index.ts";
import { setMissed } from "./missedblocks.ts";

interface Refusal {
  readonly codespace: string;
  readonly code: number;
  readonly log: string;
}

interface Block {
  readonly height: string;
  readonly seconds: string;
  readonly nanos: number;
  readonly votes: readonly { readonly address: string; readonly power: string; readonly flag: BlockIDFlag }[];
  readonly misbehavior: readonly {
    readonly type: MisbehaviorType;
    readonly address: string;
    readonly power: string;
    readonly height: string;
    readonly seconds: string;
    readonly nanos: number;
    readonly totalPower: string;
  }[];
  readonly begin: readonly { readonly type: string; readonly attributes: readonly (readonly [string, string])[] }[];
  readonly messages: readonly { readonly typeUrl: string; readonly bytes: string; readonly refusal?: Refusal }[];
  readonly updates: readonly { readonly key: string; readonly power: string }[];
  readonly state: Readonly<Record<string, string>>;
}

interface Vectors {
  readonly genesis: Readonly<Record<string, unknown>>;
  readonly blocks: readonly Block[];
  readonly afterward: Readonly<Record<"slashing" | "evidence", readonly (readonly [string, string])[]>>;
  readonly answers: readonly {
    readonly path: string;
    readonly request: string;
    readonly response?: string;
    readonly refusal?: Refusal;
  }[];
  readonly exported: { readonly slashing: ExportedSlashing; readonly evidence: unknown };
  readonly bitmap: {
    readonly address: string;
    readonly flips: readonly { readonly index: string; readonly missed: boolean }[];
    readonly entries: readonly (readonly [string, string])[];
  };
}

interface ExportedSlashing {
  readonly missed_blocks: readonly {
    readonly missed_blocks: readonly { readonly index: string; readonly missed: boolean }[];
  }[];
}

const file = new URL("../../test/vectors/slashing.json", import.meta.url);
const vectors: Vectors = JSON.parse(readFileSync(file, "utf8"));

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const bytes = (text: string) => new Uint8Array(Buffer.from(text, "hex"));

const chain = testChain(vectors.genesis);
consensusParams.set(chain.context(), {
  ...defaultConsensusParams,
  evidence: { maxAgeNumBlocks: 10n, maxAgeDuration: { seconds: 60n, nanos: 0 }, maxBytes: 1_048_576n },
});

const reportOf = ({ votes, misbehavior }: Block) =>
  engineReport(
    {
      votes: votes.map(({ address, power, flag }) => ({
        validator: { address: bytes(address), power: BigInt(power) },
        blockIdFlag: flag,
      })),
    },
    misbehavior.map(({ type, address, power, height, seconds, nanos, totalPower }) => ({
      type,
      validator: { address: bytes(address), power: BigInt(power) },
      height: BigInt(height),
      time: { seconds: BigInt(seconds), nanos },
      totalVotingPower: BigInt(totalPower),
    })),
  );

/** As the Go program hashes a store: every key and value below a prefix, each with its length before it. */
function digest(storeName: string, prefix: readonly number[]): string {
  const hash = createHash("sha256");
  for (const entry of chain.entries(storeName)) {
    if (!prefix.every((byte, at) => entry[0][at] === byte)) continue;
    for (const part of entry) {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      hash.update(length).update(part);
    }
  }
  return hash.digest("hex");
}

function validatorsText(height: bigint): string {
  const lines = [...iterateValidators(chain.context())].map((validator) => {
    const { operatorAddress, tokens, delegatorShares, status, jailed, unbondingHeight } = validator;
    return `${operatorAddress} ${tokens} ${formatDec(delegatorShares)} ${status} ${jailed} ${unbondingHeight}\n`;
  });
  const text = lines.join("");
  return height % 10n === 0n ? text : createHash("sha256").update(text).digest("hex");
}

const stateAt = (height: bigint) => ({
  validators: validatorsText(height),
  slashing: digest("slashing", []),
  evidence: digest("evidence", []),
  delegations: digest("staking", [0x31]),
  unbondings: digest("staking", [0x32]),
  redelegations: digest("staking", [0x34]),
  balances: digest("bank", [2]),
  supply: `${supplyOf(chain.context(), "uweir")}`,
});

const refusalOf = (error: ChainError | undefined): Refusal | undefined =>
  error && { codespace: error.codespace, code: error.code, log: error.message };

function live(block: Block) {
  chain.setBlock({ height: BigInt(block.height), time: { seconds: BigInt(block.seconds), nanos: block.nanos } });
  const ctx = chain.context();
  const report = reportOf(block);
  for (const module of [slashing, evidence, staking]) module.beginBlock?.(ctx, report);
  // The chain of the vectors has no distribution, which withdraws rewards where a redelegation is slashed.
  const emitted = ctx.events.filter(({ type }) => type !== "withdraw_rewards");
  const begin = emitted.map(({ type, attributes }) => ({
    type,
    attributes: attributes.map(({ key, value }) => [key, value]),
  }));
  const handlers = new Map(chain.definition.modules.flatMap(({ messages }) => Object.entries(messages)));
  const refusals = block.messages.map(({ typeUrl, bytes: encoded }) =>
    refusalOf(chain.message(typeUrl, handlers.get(typeUrl)!.request.decode(bytes(encoded))).refusal),
  );
  const updates = (staking.endBlock?.(chain.context()) ?? []).map(({ publicKey, power }) => ({
    key: hex(publicKey),
    power: `${power}`,
  }));
  return { begin, refusals, updates, state: stateAt(BigInt(block.height)), broken: chain.broken() };
}

describe("slashing and evidence, as the SDK's keepers", () => {
  const lived = vectors.blocks.map((block) => ({ block, found: live(block) }));

  it.each(lived.map((both) => ({ ...both, name: both.block.height })))("live block $name alike", ({ block, found }) => {
    expect(found.begin).toEqual(block.begin);
    expect(found.refusals).toEqual(block.messages.map(({ refusal }) => refusal));
    expect(found.updates).toEqual(block.updates);
    expect(found.state).toEqual(block.state);
    expect(found.broken).toBeUndefined();
  });

  it("store the same bytes afterwards", () => {
    for (const name of ["slashing", "evidence"] as const) {
      expect(chain.entries(name).map(([key, value]) => [hex(key), hex(value)])).toEqual(vectors.afterward[name]);
    }
  });

  it("export the same genesis, but for chunks of the bitmap in which no bit is set any more", () => {
    const exported = chain.exported() as unknown as Vectors["exported"];
    const missed = exported.slashing.missed_blocks.map((one) => ({
      ...one,
      missed_blocks: one.missed_blocks.filter((block) => block.missed),
    }));
    expect({ ...exported.slashing, missed_blocks: missed }).toEqual(vectors.exported.slashing);
    expect(exported.evidence).toEqual(vectors.exported.evidence);
  });

  it.each(vectors.answers.map((answer, index) => ({ ...answer, name: `${index}: ${answer.path}` })))(
    "answer $name with the same bytes",
    ({ path, request, response, refusal }) => {
      expect(answerTo(path, bytes(request))).toEqual({ response, refusal });
    },
  );

  it("keep the bitmap of missed blocks as the same bytes", () => {
    const { address, flips, entries } = vectors.bitmap;
    const other = testChain();
    for (const { index, missed } of flips) setMissed(other.context(), bytes(address), BigInt(index), missed);
    const found = other.entries("slashing").filter(([key]) => key[0] === 2);
    expect(found.map(([key, value]) => [hex(key), hex(value)])).toEqual(entries);
  });
});

function answerTo(path: string, request: Uint8Array): { readonly response?: string; readonly refusal?: Refusal } {
  const handler = chain.definition.modules.find(({ queries }) => queries[path] !== undefined)!.queries[path]!;
  try {
    const answer = chain.query<object>(path, handler.request.decode(request));
    return { response: hex(handler.response.encode(answer)) };
  } catch (error) {
    if (error instanceof ChainError) return { refusal: refusalOf(error)! };
    if (!(error instanceof QueryError)) throw error;
    const status = `rpc error: code = ${error.status} desc = ${error.message}`;
    if (error.status === "NotFound")
      return { refusal: { codespace: "sdk", code: 22, log: `${status}: key not found` } };
    return { refusal: { codespace: "sdk", code: 18, log: `${status}: invalid request` } };
  }
}
