/** Schedules and tracking against the answers of the SDK's vesting accounts, and what must hold whatever the numbers are. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addCoins, type Coins, formatCoins, isAllGte, minCoins, subtractCoins } from "../../chain/coins.ts";
import { parseCoins } from "../../chain/deccoins.ts";
import { Any } from "../../proto/gen/google/protobuf/any.ts";
import { type Account, accountFromAny, accountToAny } from "./account.ts";
import { accountCodec } from "./accountcodec.ts";
import {
  lockedVesting,
  periodsEnd,
  type Schedule,
  trackDelegation,
  trackUndelegation,
  type VestingPart,
  vestedCoins,
  vestingCoins,
  vestingProblem,
} from "./vesting.ts";

interface Step {
  readonly kind: "look" | "delegate" | "undelegate";
  readonly time: string;
  readonly amount?: string;
  readonly vested: string;
  readonly vesting: string;
  readonly locked: string;
  readonly account: string;
}

const vectors = JSON.parse(readFileSync("test/vectors/vesting.json", "utf8")) as {
  readonly histories: readonly { readonly name: string; readonly start: string; readonly steps: readonly Step[] }[];
  readonly problems: readonly { readonly name: string; readonly account: string; readonly error: string }[];
};

const bytesOf = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
const hexOf = (account: Account) => Buffer.from(accountCodec.encode(account)).toString("hex");

/** Go leaves a denomination of which nothing has vested yet among what has. */
const withoutZeros = (text: string) =>
  text
    .split(",")
    .filter((coin) => !/^0[a-z]/.test(coin))
    .join(",");

function apply(part: VestingPart, { kind, time, amount = "" }: Step): VestingPart {
  if (kind === "delegate") return trackDelegation(part, BigInt(time), parseCoins(amount));
  return kind === "undelegate" ? trackUndelegation(part, parseCoins(amount)) : part;
}

describe("a vesting account of the SDK", () => {
  for (const { name, start, steps } of vectors.histories)
    it(`vests, locks and tracks as Go has it, and has its bytes: ${name}`, () => {
      let account = accountCodec.decode(bytesOf(start));
      expect(hexOf(account)).toBe(start);
      for (const step of steps) {
        account = { ...account, vesting: apply(account.vesting!, step) };
        const now = BigInt(step.time);
        expect(formatCoins(vestedCoins(account.vesting!, now))).toBe(withoutZeros(step.vested));
        expect(formatCoins(vestingCoins(account.vesting!, now))).toBe(step.vesting);
        expect(formatCoins(lockedVesting(account.vesting!, now))).toBe(step.locked);
        expect(hexOf(account)).toBe(step.account);
      }
    });

  for (const { name, account, error } of vectors.problems)
    it(`is refused in Go's words: ${name}`, () => {
      const read = accountFromAny(Any.decode(bytesOf(account)))!;
      expect(vestingProblem(read.vesting!) ?? "").toBe(error);
    });
});

// ----------------------------------------------------------------------------------------------------------------- properties

const amount = fc.oneof(fc.bigInt(1n, 1_000n), fc.bigInt(1n, 1n << 200n));
const coins = fc.tuple(fc.option(amount, { nil: 0n }), amount).map(
  ([uusdc, uweir]): Coins =>
    [
      { denom: "uusdc", amount: uusdc },
      { denom: "uweir", amount: uweir },
    ].filter((coin) => coin.amount > 0n),
);
const time = fc.bigInt(0n, 10_000n);

const periods = fc.array(fc.record({ lengthSeconds: fc.bigInt(1n, 2_000n), amount: coins }), {
  minLength: 1,
  maxLength: 5,
});

const part: fc.Arbitrary<VestingPart> = fc
  .tuple(fc.constantFrom("continuous", "delayed", "periodic", "permanent"), time, time, coins, periods)
  .map(([kind, startTime, length, total, list]) => {
    const nothing = { delegatedFree: [], delegatedVesting: [] };
    if (kind !== "periodic") {
      const schedule = (kind === "continuous" ? { kind, startTime } : { kind }) as Schedule;
      const endTime = kind === "permanent" ? 0n : startTime + length + 1n;
      return { schedule, originalVesting: total, ...nothing, endTime };
    }
    const originalVesting = list.map((period) => period.amount).reduce(addCoins, []);
    const endTime = periodsEnd(startTime, list);
    return { schedule: { kind, startTime, periods: list }, originalVesting, ...nothing, endTime };
  });

const add = (a: Coins, b: Coins) => formatCoins(addCoins(a, b));

describe("vesting", () => {
  it("only ever goes on, from nothing at the start to everything at the end", () => {
    fc.assert(
      fc.property(part, time, time, (given, a, b) => {
        const [earlier, later] = a < b ? [a, b] : [b, a];
        expect(isAllGte(vestedCoins(given, later), vestedCoins(given, earlier))).toBe(true);
        expect(add(vestedCoins(given, a), vestingCoins(given, a))).toBe(formatCoins(given.originalVesting));
        const isPermanent = given.schedule.kind === "permanent";
        expect(vestingCoins(given, given.endTime)).toEqual(isPermanent ? given.originalVesting : []);
      }),
    );
  });

  it("never locks more than is vesting, nor what is delegated, whatever is delegated when", () => {
    const steps = fc.array(fc.record({ isBack: fc.boolean(), after: fc.bigInt(0n, 500n), amount: coins }), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(part, steps, (start, list) => {
        let now = 0n;
        let given = start;
        let delegated: Coins = [];
        for (const { isBack, after, amount } of list) {
          now += after;
          const moved = isBack ? minCoins(amount, delegated) : amount;
          if (moved.length === 0) continue;
          given = isBack ? trackUndelegation(given, moved) : trackDelegation(given, now, moved);
          delegated = isBack ? subtractCoins(delegated, moved) : addCoins(delegated, moved);
          expect(add(given.delegatedFree, given.delegatedVesting)).toBe(formatCoins(delegated));
          expect(vestingProblem(given)).toBeUndefined();
          const locked = lockedVesting(given, now);
          expect(isAllGte(vestingCoins(given, now), locked)).toBe(true);
          expect(isAllGte(addCoins(locked, given.delegatedVesting), vestingCoins(given, now))).toBe(true);
        }
      }),
    );
  });

  it("is stored as one of the SDK's four accounts", () => {
    fc.assert(
      fc.property(part, (vesting) => {
        const account: Account = {
          base: { address: "a", pubKey: undefined, accountNumber: 1n, sequence: 2n },
          vesting,
        };
        const any = accountToAny(account);
        expect(any.typeUrl).toMatch(/^\/cosmos\.vesting\.v1beta1\./);
        expect(accountFromAny(any)).toEqual(account);
      }),
    );
  });
});
