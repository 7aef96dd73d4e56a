/** Long random histories of a market under compliance: whatever people, issuers, the committee and votes do, blocks go on and nobody loses a coin. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Flow } from "../../proto/gen/weir/compliance/v1/state.ts";
import { type CompliantChain, compliantChain, issuerText, rule } from "../../test/helpers/compliantchain.ts";
import { addressOf, coin, stable, textOf } from "../../test/helpers/marketchain.ts";
import { balanceOf, supplyOf } from "../bank/index.ts";
import { accountFreeze } from "../circuit/index.ts";

const people = ["alice", "bob", "carol", "seller", "operator"] as const;
type Person = (typeof people)[number];
const person = fc.constantFrom(...people);
const amount = fc.bigInt(1n, 3_000n);

type Step = readonly [name: keyof typeof steps, who: Person, other: Person, amount: bigint];

const split = { burn: "0.5", direct: "0.4", reserve: "0.05", oracles: "0.03", stakers: "0.02" };

interface Played {
  readonly chain: CompliantChain;
  readonly sessions: { id: bigint; bytes: bigint }[];
}

const steps = {
  send: ({ chain }: Played, who: Person, other: Person, of: bigint) => void chain.send(who, other, of),
  topUp: ({ chain }: Played, who: Person, other: Person, of: bigint) => void chain.topUp(who, of * 1_000n, other),
  withdraw({ chain }: Played, who: Person, _: Person, of: bigint) {
    chain.message("/weir.market.v1.MsgWithdraw", { owner: textOf(who), amount: coin(of) });
  },
  open({ chain, sessions }: Played, who: Person) {
    const { events } = chain.open({ client: who, deposit: 2_000_000n });
    const opened = events.find(({ type }) => type === "session_opened");
    const id = opened?.attributes.find(({ key }) => key === "session")?.value;
    if (id !== undefined) sessions.push({ id: BigInt(id), bytes: 0n });
  },
  settle({ chain, sessions }: Played, _: Person, __: Person, of: bigint) {
    for (const session of sessions) {
      session.bytes += of << 16n;
      const open = chain.query<{ sessions: { id: bigint }[] }>("/weir.market.v1.Query/Sessions", {}).sessions;
      if (open.some(({ id }) => id === session.id)) chain.settle([chain.voucher(session.id, session.bytes)]);
    }
  },
  offer: ({ chain }: Played, who: Person, _: Person, of: bigint) => void chain.offer(who, of * 1_000_000n, "0.0101"),
  redeem: ({ chain }: Played, who: Person, _: Person, of: bigint) => void chain.redeem(who, of * 1_000n),
  freeze: ({ chain }: Played, who: Person, _: Person, of: bigint) => void chain.freeze([who], 1n + (of % 200n)),
  lift: ({ chain }: Played, _: Person, __: Person, of: bigint) => void chain.lift(of % 10n),
  credential: ({ chain }: Played, who: Person) => void chain.credential(who),
  revoke({ chain }: Played, who: Person) {
    chain.say("RevokeCredential", { revoker: issuerText, issuer: issuerText, subject: textOf(who), kind: "identity" });
  },
  claim({ chain }: Played) {
    for (const who of people) chain.say("ClaimHeld", { owner: textOf(who) });
  },
  rule({ chain }: Played, _: Person, __: Person, of: bigint) {
    const limits = [Flow.FLOW_RECEIVE, Flow.FLOW_TOP_UP, Flow.FLOW_REDEEM].map((flow) => ({
      flow,
      amount: `${of * 10n}`,
    }));
    if (of % 7n === 0n) chain.govern("RemoveDenomRule", { denom: stable });
    else chain.govern("SetDenomRule", { rule: rule({ limits, freezable: of % 5n > 0n }) });
  },
  turn: ({ chain }: Played) => void chain.turn(),
  wait: ({ chain }: Played, _: Person, __: Person, of: bigint) => chain.wait(of * 60n),
};

const step: fc.Arbitrary<Step> = fc.tuple(
  fc.constantFrom(...(Object.keys(steps) as (keyof typeof steps)[])),
  person,
  person,
  amount,
);

const balances = (chain: CompliantChain) => people.map((name) => balanceOf(chain.context(), addressOf(name), stable));

/** Those that are frozen and cannot take even their own out. */
function shut(chain: CompliantChain): boolean[] {
  const ctx = chain.context();
  const isFreezable = chain.query<{ rules: { freezable: boolean }[] }>("/weir.compliance.v1.Query/Rules", {}).rules[0]
    ?.freezable;
  return people.map((name) => {
    const freeze = accountFreeze(ctx, textOf(name), stable);
    return isFreezable === true && freeze !== undefined && freeze.exitsOpen.seconds > ctx.block.time.seconds;
  });
}

/** A session is open from the start, and what it pays an operator without a credential is soon more than the limit. */
function begin(): Played {
  const chain = compliantChain(rule({ limits: rule().limits.map(({ flow }) => ({ flow, amount: "2000" })) }), {
    split,
  });
  chain.addRelay();
  const played: Played = { chain, sessions: [] };
  steps.credential(played, "alice");
  steps.topUp(played, "alice", "alice", 4_000n);
  steps.open(played, "alice");
  expect(played.sessions).toHaveLength(1);
  return played;
}

describe("whatever happens under compliance", () => {
  it("blocks go on, nothing is lost, and what an account has that is frozen stays as it is", () => {
    const seen = { held: 0, claimed: 0, frozen: 0 };
    fc.assert(
      fc.property(fc.array(step, { minLength: 30, maxLength: 60 }), (history) => {
        const played = begin();
        const { chain } = played;
        const supply = supplyOf(chain.context(), stable);
        for (const [name, who, other, of] of history) {
          const [before, wasShut] = [balances(chain), shut(chain)];
          const waited = people.map((one) => chain.held(one));
          // Blocks check every invariant, and throw.
          steps[name](played, who, other, of);
          const [after, isShut] = [balances(chain), shut(chain)];
          for (const [index, one] of people.entries()) {
            if (wasShut[index] && isShut[index]) expect([one, after[index]]).toEqual([one, before[index]]);
            if (isShut[index]) seen.frozen++;
            if (chain.held(one) !== waited[index]) seen[name === "claim" ? "claimed" : "held"]++;
          }
          expect(supplyOf(chain.context(), stable)).toBe(supply);
          expect(chain.broken()).toBeUndefined();
        }
        // Without a rule all that waits is its owner's to take.
        chain.govern("RemoveDenomRule", { denom: stable });
        steps.claim(played);
        for (const one of people) expect(chain.held(one)).toBe("");
      }),
      { numRuns: 12, seed: 7 },
    );
    for (const [what, count] of Object.entries(seen)) expect(`${what} ${count > 0}`).toBe(`${what} true`);
  });
});
