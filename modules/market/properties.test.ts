/** Random sequences of what clients and relays do, beside a model that knows nothing of windows' queues, indexes or coins; and pure arithmetic. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decOne, parseDec } from "../../chain/dec.ts";
import { coin, type MarketChain, marketChain, textOf } from "../../test/helpers/marketchain.ts";
import { splitAmount, sumOfShares } from "./split.ts";
import { boundedPrice, movedPrice, utilization } from "./spotprice.ts";
import { amountFor, bytesFor, bytesPerGib, closingBytes, deliveryBytes, uint64Max, voucherBytes } from "./voucher.ts";

const people = ["alice", "bob"] as const;
const price = 50_000n * decOne;

interface ModelSession {
  readonly client: string;
  locked: bigint;
  bytes: bigint;
  ends: bigint;
  isClosing: boolean;
}

/** What everybody has, in plain numbers. */
class Model {
  readonly wallets = new Map<string, bigint>(people.map((name) => [name, 0n]));
  readonly sessions = new Map<bigint, ModelSession>();
  epoch = 0n;
  opened = 0n;
  settled = 0n;

  wallet(name: string): bigint {
    return this.wallets.get(name)!;
  }

  add(name: string, amount: bigint): void {
    this.wallets.set(name, this.wallet(name) + amount);
  }

  open(client: string, locked: bigint, epochs: bigint): boolean {
    if (this.wallet(client) < locked) return false;
    this.add(client, -locked);
    const ends = this.epoch + epochs + 2n;
    this.sessions.set(++this.opened, { client, locked, bytes: 0n, ends, isClosing: false });
    return true;
  }

  /** What a voucher of so many bytes pays; undefined where it is refused. */
  voucher(id: bigint, bytes: bigint): bigint | undefined {
    const session = this.sessions.get(id);
    if (session === undefined || bytes <= session.bytes) return undefined;
    const amount = amountFor(bytes, price);
    if (amount > session.locked) return undefined;
    const paid = amount - amountFor(session.bytes, price);
    session.bytes = bytes;
    this.settled += paid;
    return paid;
  }

  end(id: bigint): void {
    const { client, locked, bytes } = this.sessions.get(id)!;
    this.add(client, locked - amountFor(bytes, price));
    this.sessions.delete(id);
  }

  close(id: bigint): boolean {
    const session = this.sessions.get(id);
    if (session === undefined || session.isClosing) return false;
    session.isClosing = true;
    session.ends = session.ends < this.epoch + 3n ? session.ends : this.epoch + 3n;
    return true;
  }

  nextEpoch(): void {
    this.epoch++;
    for (const [id, { ends }] of [...this.sessions]) if (ends <= this.epoch) this.end(id);
  }
}

type Act =
  | readonly ["top up", number, bigint]
  | readonly ["withdraw", number, bigint]
  | readonly ["open", number, bigint, bigint]
  | readonly ["voucher", bigint, bigint]
  | readonly ["close" | "agree", bigint]
  | readonly ["epoch"];

const who = fc.integer({ min: 0, max: people.length - 1 });
const money = fc.bigInt(10_000n, 3_000_000n);
const session = fc.bigInt(1n, 6n);
const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.tuple(fc.constant("top up" as const), who, money) },
    { weight: 1, arbitrary: fc.tuple(fc.constant("withdraw" as const), who, money) },
    { weight: 4, arbitrary: fc.tuple(fc.constant("open" as const), who, money, fc.bigInt(1n, 4n)) },
    { weight: 8, arbitrary: fc.tuple(fc.constant("voucher" as const), session, fc.bigInt(0n, 30n * bytesPerGib)) },
    { weight: 1, arbitrary: fc.tuple(fc.constant("close" as const), session) },
    { weight: 1, arbitrary: fc.tuple(fc.constant("agree" as const), session) },
    { weight: 2, arbitrary: fc.tuple(fc.constant("epoch" as const)) },
  ),
  { minLength: 10, maxLength: 40 },
);

function act(chain: MarketChain, model: Model, step: Act): void {
  const send = (name: string, value: object) =>
    chain.message(`/weir.market.v1.Msg${name}`, value).refusal === undefined;
  const closing = (signer: string, id: bigint) =>
    send("CloseSession", { signer: textOf(signer), session: id, relaySignature: new Uint8Array(0) });
  if (step[0] === "epoch") {
    chain.epochs(1);
    model.nextEpoch();
  } else if (step[0] === "top up") {
    expect(chain.topUp(people[step[1]]!, step[2]).refusal).toBeUndefined();
    model.add(people[step[1]]!, step[2]);
  } else if (step[0] === "withdraw") {
    const [, index, amount] = step;
    const isPossible = model.wallet(people[index]!) >= amount;
    expect(send("Withdraw", { owner: textOf(people[index]!), amount: coin(amount) })).toBe(isPossible);
    if (isPossible) model.add(people[index]!, -amount);
  } else if (step[0] === "open") {
    const [, index, deposit, epochs] = step;
    const client = people[index]!;
    expect(chain.open({ client, deposit, epochs }).refusal === undefined).toBe(model.open(client, deposit, epochs));
  } else if (step[0] === "voucher") {
    const [, id, bytes] = step;
    if (!model.sessions.has(id)) return;
    const [result] = chain.settle([chain.voucher(id, bytes)]);
    const paid = model.voucher(id, bytes);
    expect(result).toMatchObject({ paid: `${paid ?? 0n}` });
    expect(result!.code === 0).toBe(paid !== undefined);
  } else {
    const [what, id] = step;
    const client = model.sessions.get(id)?.client;
    const done = closing(what === "close" ? textsOf(client) : "operator", id);
    expect(done).toBe(what === "close" ? model.close(id) : client !== undefined);
    if (what === "agree" && done) model.end(id);
  }
}

const textsOf = (client: string | undefined): string => client ?? "alice";

describe("whatever clients and relays do", () => {
  it("leaves everybody with what a plain model says, and every unit accounted for", () => {
    fc.assert(
      fc.property(acts, (steps) => {
        const chain = marketChain();
        chain.addRelay();
        const model = new Model();
        for (const step of steps) {
          act(chain, model, step);
          const broken = chain.broken();
          if (broken !== undefined) throw new Error(broken);
        }
        for (const name of people) {
          expect(chain.wallet(name)).toBe(model.wallet(name) === 0n ? "" : `${model.wallet(name)}uusdc`);
        }
        for (const [id, { bytes }] of model.sessions) expect(chain.session(id).bytes).toBe(bytes);
        expect(settledIn(chain, model.epoch)).toBe(model.settled);
      }),
      { numRuns: 12 },
    );
  }, 60_000);

  const settledIn = (chain: MarketChain, last: bigint): bigint => {
    let sum = 0n;
    for (let epoch = 0n; epoch <= last; epoch++) {
      const { settlement } = chain.query<{ settlement: { value: string } }>("/weir.market.v1.Query/Settled", { epoch });
      sum += BigInt(settlement.value);
    }
    return sum;
  };
});

describe("the cost of bytes", () => {
  const prices = fc.bigInt(1n, 10n ** 26n);

  it("never falls as bytes grow, is paid by as many as it buys, and in steps is never more than a unit a step too much", () => {
    fc.assert(
      fc.property(fc.bigInt(0n, uint64Max), fc.bigInt(0n, 10n ** 12n), prices, (bytes, more, one) => {
        expect(amountFor(bytes + more, one)).toBeGreaterThanOrEqual(amountFor(bytes, one));
        const amount = amountFor(bytes, one);
        const bought = bytesFor(amount, one);
        expect(bought).toBeGreaterThanOrEqual(bytes < uint64Max ? bytes : uint64Max);
        expect(amountFor(bought < uint64Max ? bought : bytes, one)).toBeLessThanOrEqual(amount);
      }),
    );
  });

  it("is shared out to the unit, whatever the shares", () => {
    const shares = fc.array(fc.bigInt(0n, 25n), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 30n), shares, (amount, [burn, direct, oracles, stakers]) => {
        const of = (part: bigint) => (part * decOne) / 100n;
        const rest = decOne - of(burn! + direct! + oracles! + stakers!);
        const split = {
          burn: of(burn!),
          direct: of(direct!),
          oracles: of(oracles!),
          stakers: of(stakers!),
          reserve: rest,
        };
        expect(sumOfShares(split)).toBe(decOne);
        const parts = splitAmount(amount, split);
        expect(Object.values(parts).reduce((sum, part) => sum + part, 0n)).toBe(amount);
        expect(parts.reserve - (amount * rest) / decOne).toBeLessThanOrEqual(4n);
        for (const part of Object.values(parts)) expect(part).toBeGreaterThanOrEqual(0n);
      }),
    );
  });
});

describe("a spot price", () => {
  const rules = {
    genesisPrice: 50_000n * decOne,
    targetUtilization: parseDec("0.15"),
    priceStepMax: parseDec("0.125"),
    priceRange: 20n,
  };

  it("moves toward demand by at most a step, and stays in its range", () => {
    fc.assert(
      fc.property(fc.bigInt(2_500n, 1_000_000n), fc.bigInt(0n, decOne), (units, used) => {
        const before = boundedPrice(units * decOne, rules);
        const after = movedPrice(before, used, rules);
        const step = (before * rules.priceStepMax) / decOne + 1n;
        expect(after - before).toBeLessThanOrEqual(step);
        expect(before - after).toBeLessThanOrEqual(step);
        if (used > rules.targetUtilization) expect(after).toBeGreaterThanOrEqual(before);
        else expect(after).toBeLessThanOrEqual(before);
        expect(boundedPrice(after, rules)).toBe(after);
      }),
    );
  });

  it("of an idle cell reaches the bottom of its range and no lower, and comes back", () => {
    let now = rules.genesisPrice;
    for (let epoch = 0; epoch < 40; epoch++) now = movedPrice(now, 0n, rules);
    expect(now).toBe(rules.genesisPrice / 20n);
    expect(movedPrice(now, decOne, rules)).toBe((now * 9n) / 8n);
  });

  it("knows nothing of demand without capacity, and no use above all of it", () => {
    expect(utilization({ settledBytes: 5n, measuredBps: 0n, nanos: 5n })).toBeUndefined();
    expect(utilization({ settledBytes: uint64Max, measuredBps: 1n, nanos: 1n })).toBe(decOne);
    const second = { settledBytes: 125_000n, measuredBps: 4_000_000n, nanos: 1_000_000_000n };
    expect(utilization(second)).toBe(decOne / 4n);
  });
});

describe("signed bytes", () => {
  const words = fc.record({
    chainId: fc.string({ maxLength: 20 }),
    session: fc.bigInt(0n, uint64Max),
    bytes: fc.bigInt(0n, uint64Max),
    amount: fc.bigInt(0n, (1n << 128n) - 1n),
    nonce: fc.bigInt(0n, uint64Max),
  });

  it("are the same for the same terms alone", () => {
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
    fc.assert(
      fc.property(words, words, (a, b) => {
        const same = JSON.stringify(Object.values(a).map(String)) === JSON.stringify(Object.values(b).map(String));
        expect(hex(voucherBytes(a)) === hex(voucherBytes(b))).toBe(same);
        expect(hex(voucherBytes(a))).not.toBe(hex(closingBytes(a)));
        expect(hex(deliveryBytes({ ...a, deliveredBytes: a.nonce }))).not.toBe(hex(voucherBytes(a)));
      }),
    );
  });

  it("stand as written here: a change of a byte would shut daemons out", () => {
    const terms = { chainId: "weir-1", session: 258n, bytes: 3n, amount: (1n << 64n) + 5n, nonce: 7n };
    const domain = (name: string) => `${name.length.toString(16).padStart(2, "0")}${Buffer.from(name).toString("hex")}`;
    const word = (value: bigint) => value.toString(16).padStart(16, "0");
    const tail = [258n, 3n, 1n, 5n, 7n].map(word).join("");
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
    expect(hex(voucherBytes(terms))).toBe(`${domain("weir/market/voucher")}${domain("weir-1")}${tail}`);
    expect(hex(closingBytes(terms))).toBe(`${domain("weir/market/closing")}${domain("weir-1")}${tail}`);
    const delivery = { chainId: "weir-1", session: 258n, bytes: 3n, deliveredBytes: 4n };
    expect(hex(deliveryBytes(delivery))).toBe(
      `${domain("weir/market/delivery")}${domain("weir-1")}${[258n, 3n, 4n].map(word).join("")}`,
    );
    expect(() => voucherBytes({ ...terms, amount: 1n << 128n })).toThrow(RangeError);
  });
});
