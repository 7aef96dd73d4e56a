import { describe, expect, it } from "vitest";
import { blockVectors as vectors } from "../../test/helpers/block-vectors.ts";
import { type Condition, conditionsMax, meets, parseQuery } from "./query.ts";

function written({ tag, operator, value, valueType }: Condition): string {
  if (valueType === "none") return `${tag} ${operator}`;
  const prefix = { string: "'", number: "", time: "TIME ", date: "DATE " }[valueType];
  return `${tag} ${operator} ${prefix}${value}${valueType === "string" ? "'" : ""}`;
}

const isTimeText = (error: string): boolean => error.includes("invalid TIME value");

describe("the query language", () => {
  it.each(vectors.queries.filter(({ text }) => text !== undefined))(
    "reads $query as CometBFT does",
    ({ query, text }) => {
      expect(parseQuery(query).map(written).join(" AND ")).toBe(text);
    },
  );

  it.each(vectors.queries.filter(({ error }) => error !== undefined))(
    "refuses $query as CometBFT does",
    ({ query, error }) => {
      // How Go's time parser failed is Go's own story.
      const expected = isTimeText(error!) ? error!.slice(0, error!.indexOf(":", error!.indexOf("TIME"))) : error!;
      if (isTimeText(error!)) expect(() => parseQuery(query)).toThrow(expected);
      else expect(() => parseQuery(query)).toThrow(new Error(expected));
    },
  );

  it("bounds the conditions of a query", () => {
    const query = Array.from({ length: conditionsMax + 1 }, () => "a=1").join(" AND ");
    expect(() => parseQuery(query)).toThrow(`at most ${conditionsMax} conditions`);
  });

  it.each([
    ["a = 5", "5", true],
    ["a = 5", "5.0", true],
    ["a = '5'", "5.0", false],
    ["a > 10", "10000000000000000000001uweir", true],
    ["a < 10000000000000000000001", "10000000000000000000000", true],
    ["a <= 3.5", "3.50", true],
    ["a < 3.5", "3.50", false],
    ["a > 1", "none", false],
    ["a CONTAINS 'bc'", "abcd", true],
    ["a EXISTS", "", true],
    ["a >= TIME 2026-01-02T03:04:05Z", "2026-01-02T03:04:05.000000001Z", true],
    ["a > DATE 2026-01-02", "2026-01-02", false],
    ["a = DATE 2026-01-02", "2026-01-02", true],
  ])("%s of %s is %s", (query, value, expected) => {
    expect(meets(parseQuery(query)[0]!, value)).toBe(expected);
  });
});
