/** A slice of the capture study: what the rules are for. */
import { describe, expect, it } from "vitest";
import { captureRate, rulesets } from "./capture.ts";

const [short, , , strict] = rulesets as [
  (typeof rulesets)[0],
  (typeof rulesets)[0],
  (typeof rulesets)[0],
  (typeof rulesets)[0],
];
const attempts = 3;

describe("an attacker", () => {
  it("with a third of the stake captures a chain of short votes, and not one of classes and delays", () => {
    expect(captureRate(short, 0.34, attempts)).toBe(1);
    expect(captureRate(strict, 0.34, attempts)).toBe(0);
  });

  it("with most of the stake captures any", () => {
    expect(captureRate(strict, 0.7, attempts)).toBe(1);
  });
});
