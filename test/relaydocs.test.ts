/** What docs/relay.md and docs/oracle.md say in numbers is what the rules come to; what they tell people to type are commands. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decOne } from "../chain/dec.ts";
import { main } from "../cli/main.ts";
import { measurable } from "../modules/attestation/committee.ts";
import { provenCapacityAt } from "../modules/attestation/oracles.ts";
import { defaultParams as attestation } from "../modules/attestation/params.ts";
import { bandOf, lowerMedian, shortfallOf } from "../modules/attestation/tally.ts";
import { weirEmission } from "../modules/mint/genesis.ts";
import { dayOf } from "../modules/mint/schedule.ts";
import { bondForClaim, bondRateTarget } from "../modules/rewards/bond.ts";
import { covertFactor, covertOne, covertShare } from "../modules/rewards/covert.ts";
import { countedBps } from "../modules/rewards/curve.ts";
import { judgeMisses, overclaimSlash } from "../modules/rewards/judgement.ts";
import { defaultParams as rewards, secondsPerDay } from "../modules/rewards/params.ts";
import { availabilityPay, divisorOf, poolsOf } from "../modules/rewards/pools.ts";
import { most, mulDivDown } from "../modules/rewards/ratio.ts";
import { nextReputation, reputationMin, scoreOf, shownReputation } from "../modules/rewards/reputation.ts";
import { qualityOf } from "../modules/rewards/weight.ts";
import { Oracle } from "../proto/gen/weir/attestation/v1/state.ts";
import { amountIn, decimal, inWeir, percent, rowsUnder } from "./helpers/worked.ts";

const read = (name: string): string => readFileSync(join(import.meta.dirname, "..", "docs", name), "utf8");
const relay = read("relay.md");

const firstDay = dayOf({ ...weirEmission.schedule, start: { seconds: 0n, nanos: 0 } }, 0)!.amount;
const pools = poolsOf(firstDay, 0n, rewards);

/** The first cells are given, the last ones are what comes of them. */
function everyRow(rows: readonly (readonly string[])[], results: number, compute: (...given: string[]) => string[]) {
  expect(rows.length).toBeGreaterThan(1);
  for (const row of rows) {
    const given = row.slice(0, row.length - results);
    expect([...given, ...compute(...given)]).toEqual(row);
  }
}

describe("docs/relay.md", () => {
  it("pays a day by the rules", () => {
    everyRow(rowsUnder(relay, "your weight", "all weights"), 1, (weight, all) => {
      const divisor = divisorOf(rewards.referenceBps, amountIn(all!));
      return [inWeir(availabilityPay(pools.availability, amountIn(weight!), divisor))];
    });
  });

  it("counts the traffic of a measured day", () => {
    everyRow(rowsUnder(relay, "claim", "a measured day"), 1, (claim) => {
      const bytes = (amountIn(claim!) * 10n * BigInt(attestation.committeeSize)) / 8n;
      return [`${(bytes + 500_000n) / 1_000_000n} MB`];
    });
  });

  it("judges quality by the rules", () => {
    const rows = rowsUnder(relay, "lost", "answers within");
    everyRow(rows.slice(0, -1), 1, (lost, within) => {
      const loss = amountIn(lost!);
      const rttRatio = (amountIn(within!.replace(" × claimed", " %")) * 100n) / 1n;
      const [byLoss, byTime, beyond] = [
        qualityOf({ loss, rttRatio: undefined }),
        qualityOf({ loss: 0n, rttRatio }),
        qualityOf({ loss: loss + 1n, rttRatio: undefined }),
      ];
      expect(byTime).toBe(byLoss);
      expect(beyond).toBeLessThan(byLoss);
      return [decimal(byLoss / 10n ** 16n, 2)];
    });
    expect(rows.at(-1)!.at(-1)).toBe("0");
  });

  it("follows reputation day by day", () => {
    everyRow(rowsUnder(relay, "measured days without a fault"), 2, (days) => {
      let reputation = reputationMin;
      const count = amountIn(days!);
      for (let day = 0n; day < count; day++) reputation = nextReputation(reputation, scoreOf(1n, 1n, decOne));
      const shown = shownReputation(reputation, count, rewards.probationEpochs);
      return [reputation, shown].map((value) => decimal(value / 10n ** 15n, 3));
    });
    const days = rowsUnder(relay, "measured days without a fault").map(([count]) => amountIn(count!));
    expect(days).toContain(rewards.probationEpochs);
    let [reputation, day] = [reputationMin, 0n];
    for (; reputation < attestation.trustedReputation; day++) reputation = nextReputation(reputation, decOne);
    expect(days).toContain(day);
  });

  it("counts what is transient by the rules", () => {
    everyRow(rowsUnder(relay, "transient in the region"), 2, (together) => {
      const group = amountIn(together!);
      const counted = countedBps(group, rewards.transientFullMbps);
      return [`${decimal(counted / 10n ** 6n, 3)} Gbit/s`, percent((counted * decOne) / group, 1)];
    });
  });

  it("judges covert readings by the rules", () => {
    everyRow(rowsUnder(relay, "buyers get, of what oracles are shown"), 2, (get) => {
      const ratio = Number((amountIn(get!) * covertOne) / decOne);
      const ratios = Array.from({ length: Number(rewards.covertReadings) }, () => ratio);
      const share = covertShare(ratios, rewards.covertReadings)!;
      const slash = share < rewards.covertSlashBelow ? percent(overclaimSlash(decOne - share, rewards), 2) : "nothing";
      return [percent(covertFactor(share, rewards.covertFull), 2), slash];
    });
  });

  it("asks for the bond that the rules ask for", () => {
    everyRow(rowsUnder(relay, "claim", "all measured"), 1, (claim, all) => {
      const rate = bondRateTarget(pools.availability, amountIn(all!), rewards);
      return [inWeir(most(attestation.relayBondMin, bondForClaim(rate, amountIn(claim!))))];
    });
  });

  it("slashes an over-claim by the rules", () => {
    const slashOf = (delivered: bigint) => {
      const shortfall = shortfallOf(delivered, decOne);
      return shortfall > rewards.overclaimTolerance ? overclaimSlash(shortfall, rewards) : undefined;
    };
    everyRow(rowsUnder(relay, "delivered, of the claim"), 1, (delivered) => {
      const slash = slashOf(amountIn(delivered!));
      return [slash === undefined ? "nothing" : percent(slash, 2)];
    });
    const sentence = /claim of (.*?) that delivers (\d+), with (.*? WEIR) bonded, loses (.*? WEIR)\./.exec(relay)!;
    const [, claim, delivered, bond, lost] = sentence;
    const share = (BigInt(delivered!) * 10n ** 6n * decOne) / amountIn(claim!);
    expect(inWeir((amountIn(bond!) * slashOf(share)!) / decOne)).toBe(lost);
  });

  it("vests by the rules", () => {
    const days = rewards.vestingSeconds / secondsPerDay;
    everyRow(rowsUnder(relay, "earned", "at once"), 2, (earned) => {
      const slow = (amountIn(earned!) * rewards.vestingShare) / decOne;
      return [inWeir(amountIn(earned!) - slow), inWeir(slow / days)];
    });
  });

  it("names the thresholds that the parameters have", () => {
    for (const words of [
      `less than ${percent(attestation.badBelow, 0)} of your claim`,
      `${percent(rewards.overclaimSlashMin, 0)} to ${percent(rewards.overclaimSlashMax, 0)}`,
      `at most once in ${rewards.qualityIntervalEpochs} days`,
      `${rewards.downtimeEpochs} days in a row`,
      `last ${rewards.covertReadings} covert readings`,
      `${attestation.unbondingTime.seconds / secondsPerDay} days`,
      `${rewards.claimWindowEpochs} days is burned`,
      `last ${rewards.stableEpochs} days`,
      `${attestation.leaveNotice.seconds / secondsPerDay} days' notice`,
      `Below ${rewards.relayBpsMin / 1_000_000n} Mbit/s`,
      `first ${rewards.probationEpochs} measured days`,
    ]) {
      expect(relay.replaceAll(/\s+/g, " ")).toContain(words);
    }
  });
});

const oracle = read("oracle.md");
const inBps = (bps: bigint): string =>
  bps % 10n ** 9n === 0n ? `${bps / 10n ** 9n} Gbit/s` : `${bps / 10n ** 6n} Mbit/s`;

describe("docs/oracle.md", () => {
  it("counts capacity by the rules", () => {
    everyRow(rowsUnder(oracle, "declared", "highest median read"), 2, (declared, read) => {
      const terms = [{ fromEpoch: 0n, declaredBps: amountIn(declared!) }];
      const of = Oracle.fromPartial({ terms, proven: [{ fromEpoch: 1n, bps: amountIn(read!) }] });
      const capacity = provenCapacityAt(of, 2n, attestation.unprovenBps);
      return [inBps(capacity), inBps(measurable(capacity))];
    });
  });

  it("counts what a day of reading takes", () => {
    everyRow(rowsUnder(oracle, "relays", "their claims"), 2, (relays, claims, oracles) => {
      const readings = (amountIn(relays!) * BigInt(attestation.committeeSize)) / amountIn(oracles!);
      const bytes = (readings * 10n * amountIn(claims!)) / 8n;
      return [`${readings}`, `${decimal(bytes / 10n ** 7n, 2)} GB`];
    });
  });

  it("pays by the rules", () => {
    expect(oracle).toContain(`On the first day ${inWeir(pools.oracles)}`);
    everyRow(rowsUnder(oracle, "your accepted readings", "of all"), 1, (accepted, all) => [
      inWeir(mulDivDown(pools.oracles, amountIn(accepted!), amountIn(all!))),
    ]);
    everyRow(rowsUnder(oracle, "readings in Mbit/s", "median"), 2, (readings) => {
      const values = readings!.split(" ").map(BigInt);
      const median = lowerMedian(values)!;
      return [`${median}`, `${bandOf(values, median, attestation)}`];
    });
  });

  it("judges silence by the rules", () => {
    everyRow(rowsUnder(oracle, "assigned", "missed"), 2, (assigned, missed) => {
      const { isPaid, slash } = judgeMisses(amountIn(assigned!), amountIn(missed!), rewards);
      return [isPaid ? "yes" : "no", slash === 0n ? "nothing" : percent(slash, 2)];
    });
  });

  it("slashes a bond by the rules", () => {
    const bond = attestation.oracleBondMin;
    expect(oracle).toContain(`From a bond of ${inWeir(bond)}`);
    everyRow(rowsUnder(oracle, "slashed", "you lose"), 1, (slashed) => [inWeir((bond * amountIn(slashed!)) / decOne)]);
    for (const slash of [attestation.equivocationSlash, attestation.outlierSlash]) {
      expect(oracle).toContain(`| ${percent(slash, 1)}`);
    }
  });
});

/** Those that stand on a line of a block, and those in the text. */
const commandsOf = (text: string): string[] => [
  ...[...text.matchAll(/^weir [^\n]+$/gm)].map(([line]) => line),
  ...[...text.matchAll(/`(weir [a-z][^`]+)`/g)].map(([, line = ""]) => line),
];

async function helpOf(words: readonly string[]): Promise<{ code: number; out: string }> {
  let out = "";
  const write = (part: string) => {
    out += part;
  };
  const code = await main([...words, "--help"], { environment: {}, out: write, err: write });
  return { code, out };
}

describe.each([
  ["docs/relay.md", relay, 25],
  ["docs/oracle.md", oracle, 12],
])("%s", (_name, text, atLeast) => {
  it("names commands that there are, with flags that they have", async () => {
    const commands = commandsOf(text);
    expect(commands.length).toBeGreaterThan(atLeast);
    for (const line of commands) {
      const words = line.split(" ").slice(1);
      const flags = words.flatMap((word) => /^(--[a-z.-]+)/.exec(word)?.[1] ?? []);
      const { code, out } = await helpOf(words.filter((word) => !word.startsWith("-")));
      expect(code, `${line}: ${out}`).toBe(0);
      const depth = ["tx", "query"].includes(words[0]!) ? 3 : 2;
      expect(out, line).toContain(`weir ${words.slice(0, depth).join(" ")}`);
      for (const flag of flags) expect(out, line).toContain(flag);
    }
  });

  it("names events that the chain emits", () => {
    const modules = ["attestation/events.ts", "attestation/readingsevents.ts", "rewards/events.ts"];
    const sources = modules.map((path) => readFileSync(join(import.meta.dirname, "..", "modules", path), "utf8"));
    for (const [, name] of text.matchAll(/^\| `([A-Za-z_]+)`/gm)) expect(sources.join("\n"), name).toContain(name);
  });
});
