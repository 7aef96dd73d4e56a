/** Coming and going, denials and families, as epochs see them; every order of them is compared with a model in registrymodel.test.ts. */
import { describe, expect, it } from "vitest";
import { parseDec } from "../../chain/dec.ts";
import { Notice } from "../../proto/gen/weir/attestation/v1/tx.ts";
import {
  accountOf,
  nameOf,
  type RegistryChain,
  registryChain,
  transportKey,
  weirs,
} from "../../test/helpers/registrychain.ts";
import {
  changeTrust,
  familyOf,
  jailOracle,
  latestTrust,
  oracle,
  oracleSubject,
  oraclesAtOpen,
  probationReputation,
  promisesNotice,
  relay,
  relayAtOpen,
  relaySubject,
  resetClaim,
  type Subject,
  slashOracle,
  slashRelay,
  standingNow,
  termsAt,
} from "./index.ts";
import { standingText } from "./standing.ts";
import * as state from "./state.ts";

const of = (operator: number, subject: Subject) => ({ operator: nameOf(operator), subject });

const standing = (chain: RegistryChain, id = 1n): string => {
  const found = relay(chain.context(), id);
  return found === undefined ? "forgotten" : standingText(standingNow(found, chain.epoch()));
};

/** Epochs in which it takes part, of those that are read. */
const epochsOf = (chain: RegistryChain, id = 1n): number[] => {
  const read = Array.from({ length: 5 }, (_, index) => chain.epoch() - BigInt(index)).filter((epoch) => epoch >= 0n);
  return read
    .filter((epoch) => relayAtOpen(chain.context(), epoch, id) !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
};

describe("a relay that pauses", () => {
  it("takes no part from the next open on, and again after it resumed", () => {
    const chain = registryChain();
    chain.registerRelay(0);
    chain.epochs(2);
    expect(chain.send("MsgPause", of(0, relaySubject(1n))).refusal).toBeUndefined();
    expect(chain.send("MsgPause", of(0, relaySubject(1n))).refusal).toMatchObject({ code: 15 });
    expect(chain.send("MsgResume", of(1, relaySubject(1n))).refusal).toMatchObject({ code: 5 });
    chain.epochs(1);
    chain.send("MsgResume", of(0, relaySubject(1n)));
    chain.epochs(1);
    expect(epochsOf(chain)).toEqual([1, 2, 4]);
  });
});

describe("a relay that drains", () => {
  it("serves for so many whole epochs more, and is paused then", () => {
    const chain = registryChain();
    chain.registerRelay(0);
    chain.epochs(1);
    expect(chain.send("MsgDrain", { operator: nameOf(0), relay: 1n, epochs: 0n }).refusal).toMatchObject({ code: 6 });
    expect(chain.send("MsgDrain", { operator: nameOf(0), relay: 1n, epochs: 31n }).refusal).toMatchObject({ code: 6 });
    expect(chain.send("MsgDrain", { operator: nameOf(0), relay: 1n, epochs: 2n }).refusal).toBeUndefined();
    expect([...state.search.keys(chain.context())]).toEqual([]);
    chain.epochs(2);
    expect(standing(chain)).toBe("draining");
    chain.epochs(1);
    expect(standing(chain)).toBe("paused");
    expect(epochsOf(chain)).toEqual([1, 2, 3]);
    expect(chain.send("MsgResume", of(0, relaySubject(1n))).refusal).toBeUndefined();
    chain.epochs(1);
    expect(epochsOf(chain)).toEqual([1, 2, 3, 5]);
  });
});

describe("a relay that leaves", () => {
  it("is gone at the end of the epoch, unbonds then, and is forgotten once nobody has anything in it", () => {
    const chain = registryChain();
    chain.registerRelay(0);
    chain.bond(1, relaySubject(1n), weirs(5));
    chain.epochs(1);
    chain.send("MsgLeave", of(0, relaySubject(1n)));
    expect(chain.unbond(0, relaySubject(1n), weirs(1_000)).refusal).toMatchObject({ code: 21 });
    expect(standing(chain)).toBe("leaving");
    chain.epochs(1);
    expect(standing(chain)).toBe("gone");
    expect(epochsOf(chain)).toEqual([1]);
    expect(chain.send("MsgResume", of(0, relaySubject(1n))).refusal).toMatchObject({ code: 15 });
    expect(chain.bond(1, relaySubject(1n), weirs(5)).refusal).toMatchObject({ code: 15 });
    expect(chain.unbond(0, relaySubject(1n), weirs(1_000)).refusal).toBeUndefined();
    chain.epochs(12);
    expect(standing(chain)).toBe("gone");
    expect(chain.unbond(1, relaySubject(1n), weirs(5)).refusal).toBeUndefined();
    chain.epochs(8);
    expect(standing(chain)).toBe("forgotten");
    for (const collection of [state.keys, state.bonds, state.departures, state.operators, state.cellMembers]) {
      expect([...collection.iterate(chain.context())]).toEqual([]);
    }
    expect(chain.registerRelay(1, { transportKey: transportKey("relay 0", 1) }).refusal).toBeUndefined();
    expect(relay(chain.context(), 2n)).toBeDefined();
  });

  it("takes its word back until then", () => {
    const chain = registryChain();
    chain.registerRelay(0);
    chain.epochs(1);
    chain.send("MsgLeave", of(0, relaySubject(1n)));
    chain.send("MsgResume", of(0, relaySubject(1n)));
    chain.epochs(3);
    expect(standing(chain)).toBe("active");
    expect([...state.departures.iterate(chain.context())]).toEqual([]);
  });

  it("serves until its notice is over, where it gives notice", () => {
    const chain = registryChain({ params: { leaveNotice: { seconds: 250n, nanos: 0 } } });
    chain.registerRelay(0, { notice: Notice.NOTICE_LONG });
    chain.epochs(1);
    expect(promisesNotice(chain.context(), relay(chain.context(), 1n)!)).toBe(true);
    chain.send("MsgLeave", of(0, relaySubject(1n)));
    chain.epochs(4);
    expect(standing(chain)).toBe("gone");
    expect(epochsOf(chain)).toEqual([1, 2, 3, 4]);
  });
});

describe("a jailed oracle", () => {
  it("takes no part until its operator ends it, not before its time and not without its bond", () => {
    const chain = registryChain();
    chain.registerOracle(0);
    chain.epochs(1);
    chain.attempt((ctx) => {
      jailOracle(ctx, 1n, 4n, "test");
      slashOracle(ctx, 1n, { fraction: parseDec("0.01"), sinceEpoch: 0n, reason: "test" });
    });
    chain.epochs(1);
    const drawn = () => oraclesAtOpen(chain.context(), chain.epoch()).map(({ id }) => id);
    const unjail = () => chain.send("MsgUnjail", { operator: nameOf(0), oracle: 1n }).refusal;
    expect(drawn()).toEqual([]);
    expect(chain.send("MsgResume", of(0, oracleSubject(1n))).refusal).toMatchObject({ code: 15 });
    expect(unjail()).toMatchObject({ code: 25 });
    chain.epochs(2);
    expect(unjail()).toMatchObject({ code: 16 });
    chain.bond(0, oracleSubject(1n), weirs(500));
    expect(unjail()).toBeUndefined();
    expect(unjail()).toMatchObject({ code: 26 });
    chain.epochs(1);
    expect(drawn()).toEqual([1n]);
  });

  it("that was leaving leaves", () => {
    const chain = registryChain();
    chain.registerOracle(0);
    chain.epochs(1);
    chain.send("MsgLeave", of(0, oracleSubject(1n)));
    chain.attempt((ctx) => jailOracle(ctx, 1n, 9n, "test"));
    expect(chain.send("MsgResume", of(0, oracleSubject(1n))).refusal).toMatchObject({ code: 25 });
    chain.epochs(1);
    expect(standingText(oracle(chain.context(), 1n)!.standing)).toBe("gone");
    chain.attempt((ctx) => jailOracle(ctx, 1n, 99n, "test"));
    expect(oracle(chain.context(), 1n)!.jailedUntil).toBe(9n);
  });
});

describe("who has lost most of its bond", () => {
  it("takes no part while that is so", () => {
    const chain = registryChain();
    chain.registerRelay(0);
    chain.registerOracle(1);
    chain.epochs(1);
    const half = { sinceEpoch: 0n, reason: "test" };
    chain.attempt((ctx) => {
      slashRelay(ctx, 1n, { ...half, fraction: parseDec("0.5") });
      slashOracle(ctx, 1n, { ...half, fraction: parseDec("0.50000001") });
    });
    chain.epochs(1);
    expect(relayAtOpen(chain.context(), 2n, 1n)).toBeDefined();
    expect(oraclesAtOpen(chain.context(), 2n)).toEqual([]);
    expect(oraclesAtOpen(chain.context(), 1n)).toHaveLength(1);
    chain.attempt((ctx) => void slashRelay(ctx, 1n, { ...half, fraction: parseDec("0.01") }));
    chain.epochs(1);
    expect(relayAtOpen(chain.context(), 3n, 1n)).toBeUndefined();
    chain.bond(2, relaySubject(1n), weirs(100));
    chain.epochs(1);
    expect(relayAtOpen(chain.context(), 4n, 1n)).toBeDefined();
  });
});

describe("a denied operator", () => {
  it("is kept out with all that it has, and begins again in probation", () => {
    const chain = registryChain();
    chain.registerRelay(0);
    chain.registerRelay(0, { transportKey: transportKey("second", 0) });
    chain.registerOracle(0);
    chain.send("MsgPause", of(0, relaySubject(2n)));
    chain.attempt((ctx) => changeTrust(ctx, 1n, { reputation: parseDec("0.9"), stable: true }));
    chain.epochs(1);
    const deny = () => chain.govern("MsgDeny", { operator: nameOf(0), reason: "serves malware" }).refusal;
    expect(deny()).toBeUndefined();
    expect(deny()).toMatchObject({ code: 34 });
    chain.epochs(1);
    expect(oraclesAtOpen(chain.context(), 2n)).toEqual([]);
    expect([...state.search.keys(chain.context())]).toEqual([]);
    for (const refused of [
      chain.registerRelay(0, { transportKey: transportKey("third", 0) }),
      chain.send("MsgResume", of(0, relaySubject(2n))),
      chain.bond(1, relaySubject(1n), weirs(5)),
    ]) {
      expect(refused.refusal).toMatchObject({ code: 14, message: expect.stringContaining("serves malware") });
    }
    expect(chain.govern("MsgPardon", { operator: nameOf(1) }).refusal).toMatchObject({ code: 33 });
    expect(chain.govern("MsgPardon", { operator: nameOf(0) }).refusal).toBeUndefined();
    chain.epochs(1);
    expect([epochsOf(chain, 1n), epochsOf(chain, 2n)]).toEqual([[1, 3], []]);
    expect(oraclesAtOpen(chain.context(), 3n)).toHaveLength(1);
    expect(latestTrust(chain.context(), 1n)).toMatchObject({ reputation: probationReputation, stable: false });
  });

  it("may leave, and is paid what is left to it", () => {
    const chain = registryChain();
    chain.registerRelay(0);
    chain.govern("MsgDeny", { operator: nameOf(0), reason: "r" });
    chain.send("MsgLeave", of(0, relaySubject(1n)));
    chain.epochs(1);
    expect(chain.unbond(0, relaySubject(1n), weirs(1_000)).refusal).toBeUndefined();
    chain.epochs(10);
    expect(standing(chain)).toBe("forgotten");
  });

  it.each([
    ["somebody", { authority: nameOf(1), operator: nameOf(0), reason: "r" }, { codespace: "gov", code: 13 }],
    ["governance without a reason", { operator: nameOf(0), reason: "" }, { code: 6 }],
    ["governance with too long a reason", { operator: nameOf(0), reason: "x".repeat(257) }, { code: 6 }],
  ])("is denied by no word of %s", (_who, message, refusal) => {
    expect(registryChain().govern("MsgDeny", message).refusal).toMatchObject(refusal);
  });
});

describe("a claim that is reset", () => {
  it("holds from the next open on, and within what can be claimed", () => {
    const chain = registryChain();
    chain.registerRelay(0);
    chain.epochs(1);
    chain.attempt((ctx) => resetClaim(ctx, 1n, 30_000_000n));
    chain.epochs(1);
    chain.attempt((ctx) => resetClaim(ctx, 1n, 0n));
    chain.epochs(1);
    const claims = [1n, 2n, 3n].map((epoch) => termsAt(chain.context(), epoch, 1n)?.claimedBps);
    expect(claims).toEqual([100_000_000n, 30_000_000n, 1_000_000n]);
  });
});

describe("a family", () => {
  const invite = (chain: RegistryChain, by: number, invited: number) =>
    chain.send("MsgInviteToFamily", { operator: nameOf(by), invited: nameOf(invited), name: "kin" });
  const join = (chain: RegistryChain, who: number, family: bigint) =>
    chain.send("MsgJoinFamily", { operator: nameOf(who), family }).refusal;
  const leave = (chain: RegistryChain, who: number) => chain.send("MsgLeaveFamily", { operator: nameOf(who) }).refusal;
  const at = (chain: RegistryChain, epoch: bigint, who: number) => familyOf(chain.context(), epoch, accountOf(who));

  it("is of those who were invited and joined, from the next open on, and left only some epochs later", () => {
    const chain = registryChain({ params: { familyLeaveEpochs: 2n } });
    chain.registerRelay(0);
    expect(invite(chain, 1, 2).refusal).toMatchObject({ code: 30 });
    expect(invite(chain, 0, 1).refusal).toBeUndefined();
    expect(join(chain, 2, 1n)).toMatchObject({ code: 29 });
    expect(join(chain, 1, 1n)).toBeUndefined();
    chain.epochs(1);
    expect([at(chain, 0n, 0), at(chain, 1n, 0), at(chain, 1n, 1)]).toEqual([0n, 1n, 1n]);
    expect(leave(chain, 1)).toBeUndefined();
    expect(leave(chain, 1)).toMatchObject({ code: 28 });
    expect(leave(chain, 2)).toMatchObject({ code: 28 });
    chain.epochs(3);
    expect([1n, 2n, 3n, 4n].map((epoch) => at(chain, epoch, 1))).toEqual([1n, 1n, 1n, 0n]);
  });

  it("is one at a time, and none goes round in a circle", () => {
    const chain = registryChain({ params: { familyLeaveEpochs: 2n } });
    for (const operator of [0, 1, 2]) chain.registerRelay(operator);
    invite(chain, 0, 1);
    invite(chain, 1, 2);
    invite(chain, 2, 0);
    expect(join(chain, 1, 1n)).toMatchObject({ code: 27 });
    expect([0, 1, 2].map((who) => leave(chain, who))).toEqual([undefined, undefined, undefined]);
    // Families without members are gone, and what they offered with them.
    expect(join(chain, 1, 1n)).toMatchObject({ code: 29 });
    expect(invite(chain, 1, 2).refusal).toMatchObject({ code: 27 });
    chain.epochs(4);
    expect(invite(chain, 1, 2).refusal).toBeUndefined();
    expect(join(chain, 2, 4n)).toBeUndefined();
    chain.epochs(1);
    expect([0, 1, 2].map((who) => at(chain, chain.epoch(), who))).toEqual([0n, 4n, 4n]);
  });

  it("invites so many at a time, and not for ever", () => {
    const chain = registryChain();
    chain.registerRelay(0);
    const inviteSome = (seed: number) => {
      const invited = accountOf(1_000 + seed);
      return chain.attempt((ctx) => {
        const { execute } = chain.definition.modules[0]!.messages["/weir.attestation.v1.MsgInviteToFamily"]!;
        execute(ctx, { operator: nameOf(0), invited: nameOf(1_000 + seed), name: "" });
        expect(invited.length).toBe(20);
      }).refusal;
    };
    for (let seed = 0; seed < 64; seed++) expect(inviteSome(seed)).toBeUndefined();
    expect(inviteSome(64)).toMatchObject({ code: 13 });
    chain.epochs(30);
    expect(join(chain, 1_001, 1n)).toMatchObject({ code: 29 });
    expect(inviteSome(64)).toBeUndefined();
    expect([...state.invitations.iterate(chain.context())]).toHaveLength(1);
    chain.block();
  });

  it("has a name of so many bytes, and nobody invites oneself", () => {
    const chain = registryChain();
    chain.registerRelay(0);
    const message = { operator: nameOf(0), invited: nameOf(1), name: "x".repeat(65) };
    expect(chain.send("MsgInviteToFamily", message).refusal).toMatchObject({ code: 6 });
    expect(invite(chain, 0, 0).refusal).toMatchObject({ code: 6 });
  });
});
