/** How proposals look on the command line, and what the answers to the questions of a draft become. */
import { describe, expect, it } from "vitest";
import { coins, decimal, flag, integer, list, duration as span } from "../../chain/parameters.ts";
import type { Standing } from "../../proto/gen/weir/gov/v1/query.ts";
import { forPeople } from "../table.ts";
import { valueJson } from "./drafting.ts";
import { isDecided, meaningLines, measures, percentText, stageOf, standingLines, tallyBars, timeLeft } from "./view.ts";

const standing = (changes: Partial<Standing> = {}): Standing => ({
  proposalId: 7n,
  title: "Do \u001b[2Jit\nnow",
  status: 2,
  class: "economic",
  expedited: false,
  endsAt: { seconds: 1_000n, nanos: 0 },
  tally: { yesCount: "3000000", abstainCount: "0", noCount: "1000000", noWithVetoCount: "0" },
  turnout: "0.333999999999999999",
  yesShare: "0.75",
  vetoShare: "0",
  quorum: "0.334",
  threshold: "0.5",
  vetoThreshold: "0.334",
  delayed: false,
  counting: false,
  failedReason: "",
  ...changes,
});

describe("a proposal on the command line", () => {
  it("has its votes as bars, and what they are measured by", () => {
    expect(tallyBars(standing().tally, forPeople)).toEqual([
      `yes      ${"█".repeat(18)}${"░".repeat(6)}  75.0%  3 WEIR`,
      `no       ${"█".repeat(6)}${"░".repeat(18)}  25.0%  1 WEIR`,
      `abstain  ${"░".repeat(24)}   0.0%  0 WEIR`,
      `veto     ${"░".repeat(24)}   0.0%  0 WEIR`,
    ]);
    expect(measures(standing())).toBe(
      "turnout 33.3% (needs 33.4%) · yes 75.0% (needs more than 50.0%) · veto 0.0% (stops above 33.4%)",
    );
    expect(percentText("")).toBe("0.0%");
  });

  it("moves no cursor, whatever its title is", () => {
    const [head] = standingLines(standing(), 900n, forPeople);
    expect(head).toBe("#7  voting  economic  1 minute 40 seconds left  Do \\u001b[2Jit now");
    expect(standingLines(standing({ status: 1 }), 900n, forPeople)).toHaveLength(1);
  });

  it.each([
    [{}, "voting", false],
    [{ counting: true }, "counting", false],
    [{ status: 1 }, "deposits", false],
    [{ status: 3 }, "passed", true],
    [{ status: 3, delayed: true }, "waiting", false],
    [{ status: 4 }, "rejected", true],
    [{ status: 5 }, "failed", true],
  ] as const)("%o is in the stage %s", (changes, stage, decided) => {
    expect([stageOf(standing(changes)), isDecided(standing(changes))]).toEqual([stage, decided]);
  });

  it("tells the time that is left", () => {
    expect(timeLeft(undefined, 5n)).toBe("");
    expect(timeLeft({ seconds: 5n, nanos: 0 }, 5n)).toBe("about to end");
    expect(timeLeft({ seconds: 86_405n, nanos: 0 }, 5n)).toBe("1 day left");
  });

  it("says what it would change, or that it says something only", () => {
    const meaning = {
      class: "routine",
      changes: [],
      delay: undefined,
      votingPeriod: undefined,
      messages: [],
      problem: "",
    };
    expect(meaningLines(meaning)).toEqual([
      "no parameter",
      "(it holds no message: it says something, and does nothing)",
      "vote: routine",
    ]);
    expect(meaningLines({ ...meaning, messages: ["/x"], problem: "it is too late" })).toEqual([
      "no parameter",
      "but: it is too late",
      "vote: routine",
    ]);
  });
});

describe("an answer in a draft", () => {
  it.each([
    [span("s", 0n, 9n), "2d", "172800s"],
    [span("s", 0n, 9n), "90s", "90s"],
    [decimal("d", "share", "0", "1"), "25%", "0.250000000000000000"],
    [decimal("d", "share", "0", "1"), "0.25", "0.25"],
    [flag("f"), "yes", true],
    [flag("f"), "false", false],
    [
      coins("c", 0n, 9n),
      "5uweir,7uusdc",
      [
        { denom: "uweir", amount: "5" },
        { denom: "uusdc", amount: "7" },
      ],
    ],
    [list("l", "x", 0n, 9n), '["a"]', ["a"]],
    [integer("i", "x", 0n, 9n), "300", "300"],
  ] as const)("%o: %s becomes %o", (rule, text, json) => {
    expect(valueJson(rule, text, "1")).toEqual(json);
  });

  it("keeps a number a number, and refuses what is none of its kind", () => {
    expect(valueJson(integer("i", "x", 0n, 9n), "300", 5)).toBe(300);
    expect(() => valueJson(flag("f"), "maybe", true)).toThrow("maybe: expected yes or no");
    expect(() => valueJson(coins("c", 0n, 9n), "uweir", [])).toThrow("uweir: expected for example 10000000uweir");
  });
});
