/** The constitution of parameters against every module: ranges hold when a change is proposed and when it is executed, and read well. */
import { describe, expect, it } from "vitest";
import { authorityAddress } from "../chain/authority.ts";
import { decToProto, parseDec } from "../chain/dec.ts";
import { ChainError } from "../chain/errors.ts";
import {
  type AnyModuleParameters,
  parameterChanges,
  parameterPaths,
  parameterText,
  rangeProblem,
  rangeText,
} from "../chain/parameters.ts";
import { formatTimeSpan } from "../chain/parametertexts.ts";
import { propertyOf, schema } from "../proto/schema.ts";
import { testChain } from "../test/helpers/testchain.ts";
import { weir } from "./index.ts";

const chain = testChain();
const declared = weir.modules.flatMap(({ parameters, messages }) =>
  (parameters ?? []).map((one) => ({ one, handler: messages[one.message]! })),
);

/** The message that makes `params` what they are, whatever its shape. */
function messageOf({ message, typeName }: AnyModuleParameters, params: object): object {
  const { fields } = schema().messages[message.slice(1)]!;
  const whole = fields.find(({ of }) => of === typeName);
  const authority = authorityAddress();
  return whole === undefined ? { authority, ...params } : { authority, [propertyOf(whole)]: params };
}

/** `params` with one field beyond its range, or undefined where its type holds nothing beyond. */
function beyond({ typeName, rules }: AnyModuleParameters, params: object, path: string): object | undefined {
  const { kind, most = 0n } = rules[path]!;
  const names = path.split(".");
  let type = typeName;
  const copy = structuredClone(params) as Record<string, unknown>;
  let target = copy;
  for (const name of names.slice(0, -1)) {
    const field = schema().messages[type]!.fields.find((candidate) => candidate.name === name)!;
    target = target[propertyOf(field)] as Record<string, unknown>;
    type = field.of!;
  }
  const field = schema().messages[type]!.fields.find(({ name }) => name === names.at(-1))!;
  const above = most + 1n;
  const value = {
    integer: () => (field.type === "string" ? `${above}` : field.type.endsWith("64") ? above : Number(above)),
    decimal: () =>
      field.type === "bytes"
        ? new TextEncoder().encode(decToProto(above))
        : field.custom === undefined
          ? `${above / 10n ** 18n}.${`${above % 10n ** 18n}`.padStart(18, "0")}`
          : decToProto(above),
    duration: () => ({ seconds: above / 1_000_000_000n, nanos: Number(above % 1_000_000_000n) }),
    list: () => undefined,
    flag: () => undefined,
    text: () => undefined,
    coins: () => [{ denom: "uweir", amount: `${above}` }],
  }[kind]();
  if (value === undefined || (typeof value === "bigint" && value >= 1n << 63n)) return undefined;
  target[propertyOf(field)] = value;
  return copy;
}

describe("the constitution of parameters", () => {
  it.each(declared.map(({ one, handler }) => [one.message, one, handler] as const))(
    "holds for %s",
    (_, one, handler) => {
      const now = one.read(chain.context());
      expect(rangeProblem(one, now)).toBeUndefined();
      const unchanged = messageOf(one, now);
      handler.validate(unchanged);
      chain.attempt((ctx) => expect(parameterChanges(one, now, one.proposed(ctx, unchanged))).toEqual([]));
      for (const path of Object.keys(one.rules)) {
        expect(parameterText(one, now, path)).not.toBe("");
        expect(rangeText(one.rules[path]!)).not.toBe("");
        const params = beyond(one, now, path);
        if (params === undefined) continue;
        const message = messageOf(one, params);
        expect(() => handler.validate(message), path).toThrow(ChainError);
        chain.attempt((ctx) => expect(() => handler.execute(ctx, message), path).toThrow(ChainError));
      }
    },
  );

  it("covers every leaf, of messages within too", () => {
    expect(parameterPaths("tendermint.types.ConsensusParams")).toContain("evidence.max_age_duration");
    expect(parameterPaths("cosmos.bank.v1beta1.Params")).toEqual(["send_enabled", "default_send_enabled"]);
  });

  it("says what changes, in words, and whether it loosens", () => {
    const mint = declared.find(({ one }) => one.typeName === "cosmos.mint.v1beta1.Params")!.one;
    const now = mint.read(chain.context());
    const inflation = (text: string) => ({ ...now, inflationMax: decToProto(parseDec(text)) });
    expect(parameterChanges(mint, now, inflation("0.25"))).toMatchObject([
      { name: "inflation_max", before: "20%", after: "25%", isLoosening: true, rule: { class: "economic" } },
    ]);
    expect(parameterChanges(mint, now, inflation("0.1"))).toMatchObject([{ after: "10%", isLoosening: false }]);
    const fewer = parameterChanges(mint, now, { ...now, blocksPerYear: 1_000_000n });
    expect(fewer).toMatchObject([{ before: "6,311,520 blocks", after: "1,000,000 blocks", isLoosening: true }]);
    expect(parameterChanges(mint, now, { ...now, mintDenom: "other" })).toMatchObject([{ rule: { class: "fixed" } }]);
    expect(rangeText(mint.rules.inflation_max!)).toBe("0% to 100%");
  });

  it("tells times apart to the nanosecond", () => {
    expect(formatTimeSpan(0n)).toBe("0 seconds");
    expect(formatTimeSpan(1_209_600n * 1_000_000_000n)).toBe("14 days");
    expect(formatTimeSpan(90_061n * 1_000_000_000n + 5n)).toBe("1 day 1 hour 1 minute 1 second 5 ns");
    expect(formatTimeSpan(-60n * 1_000_000_000n)).toBe("-1 minute");
  });
});
