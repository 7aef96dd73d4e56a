import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerText, columns, forPeople, forPeopleInColour, forPipes, grouped, lines, sanitize } from "./table.ts";

describe("answers for people", () => {
  it("group the digits of amounts, and only those", () => {
    expect([grouped("5"), grouped("1000"), grouped("1234567890"), grouped("-1000")]).toEqual([
      "5",
      "1,000",
      "1,234,567,890",
      "-1,000",
    ]);
    fc.assert(
      fc.property(fc.bigInt(), (number) => {
        expect(grouped(String(number)).replaceAll(",", "")).toBe(String(number));
      }),
    );
    expect(lines({ denom: "uweir", amount: "1000000" })).toEqual(["1,000,000 uweir"]);
    expect(lines({ height: "1000000" })).toEqual(["height  1000000"]);
  });

  it("keep numbers whole in a pipe, and show headings in bold on a terminal with colours", () => {
    const answer = { supply: [{ denom: "uweir", amount: "1000000" }], pagination: { next_key: "", total: "1000" } };
    expect(answerText(answer, forPipes)).toBe("1000000 uweir\n\ntotal 1000\n");
    expect(answerText(answer)).toBe("1,000,000 uweir\n\ntotal 1,000\n");
    const list = { units: [{ name: "uweir", exponent: 0 }] };
    expect(answerText(list, forPipes)).toBe(answerText(list, forPeople));
    expect(answerText(list, forPeopleInColour)).toBe(
      answerText(list).replace("NAME   EXPONENT", "\u001b[1mNAME   EXPONENT\u001b[0m"),
    );
  });

  it("make rows of objects with the same fields, and lines of others", () => {
    const list = [
      { denom: "uweir", exponent: 0, aliases: [] },
      { denom: "weir", exponent: 6, aliases: ["w"] },
    ];
    expect(lines(list)).toEqual(["DENOM  EXPONENT  ALIASES", "uweir  0         none", "weir   6         w"]);
    expect(lines([{ a: "1" }, { b: "2" }])).toEqual(["a  1", "b  2"]);
    expect(lines([{ a: { b: "1" } }, { a: { b: "2" } }])).toEqual(["a", "  b  1", "", "a", "  b  2"]);
    expect(
      columns(
        [
          ["a", "1"],
          ["bb", "22"],
        ],
        [false, true],
      ),
    ).toEqual(["a    1", "bb  22"]);
  });

  it("say what leads to the next page, and nothing where there is none", () => {
    const page = { next_key: "AQI=", total: "1234" };
    expect(answerText({ balances: [], pagination: page })).toBe("none\n\ntotal 1,234\nmore: --page-key AQI=\n");
    expect(answerText({ balances: [], pagination: { next_key: null, total: "0" } })).toBe("none\n");
    expect(answerText({ params: { a: "", b: null, c: true } })).toBe("a  -\nb  -\nc  true\n");
  });

  it("show an event in a line", () => {
    const attributes = [{ key: "amount", value: "5uweir", index: true }];
    expect(lines([{ type: "transfer", attributes }])).toEqual(["transfer amount=5uweir"]);
  });

  it("let nothing through that would move the cursor or hide what follows", () => {
    expect(sanitize("a\u001b[2Jb\u202ec\rd")).toBe("a\\u001b[2Jb\\u202ec\\u000dd");
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(lines({ memo: text }).join("\n")).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
      }),
    );
  });

  it("show any JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(answerText(value)).toMatch(/\n$/);
      }),
    );
  });
});
