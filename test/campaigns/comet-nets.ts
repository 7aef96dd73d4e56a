/**
 * Networks of the real CometBFT, generated from a seed, disturbed and judged: `[--networks N] [--seed S]`. Needs Go; cuts and a slow disk
 * need root on Linux, and are left out, by name, elsewhere.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { columns } from "../../cli/table.ts";
import {
  isInNamespace,
  loopbackPlaces,
  namespacePlaces,
  runInNamespace,
  whyNoNamespaces,
} from "../cometnets/places.ts";
import { type Abilities, perturbations, planNet } from "../cometnets/plan.ts";
import { type NetResult, runNet } from "../cometnets/run.ts";
import { skewedCometBft } from "../cometnets/skewed.ts";
import { whyNoSlowDisk } from "../cometnets/slowdisk.ts";
import { cometBftBinary, whyNoCometBft } from "../helpers/cometbft.ts";
import type { CampaignOptions } from "./main.ts";

const networks = { full: 24, quick: 3 } as const;

export default async function cometNets({ quick, args }: CampaignOptions): Promise<void> {
  const why = whyNoCometBft();
  if (why !== undefined) {
    console.log(`skipped: ${why}`);
    return;
  }
  const { values } = parseArgs({
    args: [...args],
    options: { networks: { type: "string" }, seed: { type: "string", default: "1" } },
  });
  const count = Number(values.networks ?? (quick ? networks.quick : networks.full));
  const seed = Number(values.seed);
  if (!Number.isInteger(count) || count < 1 || !Number.isInteger(seed) || seed < 0) {
    throw new Error(`--networks ${values.networks} --seed ${values.seed}: expected whole numbers`);
  }
  const noNamespaces = whyNoNamespaces();
  if (noNamespaces === undefined && !isInNamespace()) {
    const code = await runInNamespace(process.argv.slice(1));
    if (code !== 0) throw new Error(`the networks failed: what is above says how`);
    return;
  }
  await runAll(count, seed, quick, noNamespaces);
}

async function runAll(count: number, seed: number, quick: boolean, noNamespaces: string | undefined): Promise<void> {
  const skewed = quick ? { why: "networks are short" } : skewedCometBft();
  const programs = { comet: cometBftBinary(), skewed: "program" in skewed ? skewed.program : undefined };
  const missing = new Map<string, string | undefined>([
    ["cut", noNamespaces],
    ["slow disk", whyNoSlowDisk()],
  ]);
  const abilities: Abilities = {
    kinds: perturbations.filter((kind) => missing.get(kind) === undefined),
    canSkew: programs.skewed !== undefined,
  };
  for (const [kind, why] of missing) if (why !== undefined) console.log(`left out: ${kind} (${why})`);
  if ("why" in skewed) console.log(`left out: a skewed clock (${skewed.why})`);
  console.log(`seeds ${seed} to ${seed + count - 1}, ${availableParallelism()} cores`);
  const results: NetResult[] = [];
  for (let i = 0; i < count; i++) {
    const places = noNamespaces === undefined ? namespacePlaces() : loopbackPlaces();
    try {
      const result = await runNet(planNet(seed + i, abilities, quick), places, programs);
      results.push(result);
      tell(result);
    } finally {
      places.close();
    }
  }
  summarize(results);
}

const longest = (seconds: readonly number[]): string => Math.max(0, ...seconds).toFixed(1);

function tell(result: NetResult): void {
  const { plan, heights, acknowledged, recoverySeconds, lost, diverged, faults, seconds } = result;
  const steps = plan.steps.map(({ kind, node }) => `${kind} ${node}`).join(", ");
  console.log(
    `seed ${plan.seed}: ${steps}; ${heights} heights, ${acknowledged} acknowledged, recovered in ${longest(recoverySeconds)} s at most` +
      ` (${seconds.toFixed(0)} s)`,
  );
  for (const problem of [...lost, ...diverged, ...faults]) console.log(`  FAULT ${problem}`);
}

function summarize(results: readonly NetResult[]): void {
  const heading = [
    "seed",
    "nodes",
    "commit",
    "skew",
    "perturbations",
    "heights",
    "on chain",
    "acknowledged",
    "recovery",
    "lost",
    "diverged",
    "faults",
  ];
  const rows = results.map(({ plan, ...result }) => [
    String(plan.seed),
    `${plan.validators}+${plan.fullNodes}${plan.joinsAfter === undefined ? "" : "+1"}`,
    plan.timeoutCommit,
    plan.skew === undefined ? "-" : `${plan.skew.seconds} s`,
    plan.steps.map(({ kind, node }) => `${kind} ${node}`).join(", "),
    ...[result.heights, result.transactions, result.acknowledged].map(String),
    `${longest(result.recoverySeconds)} s`,
    ...[result.lost, result.diverged, result.faults].map(({ length }) => String(length)),
  ]);
  console.log(`\n${columns([heading, ...rows]).join("\n")}`);
  const sum = (of: (result: NetResult) => number) => results.reduce((total, result) => total + of(result), 0);
  const bad = results.filter(({ lost, diverged, faults }) => lost.length + diverged.length + faults.length > 0);
  console.log(
    `\n${results.length} networks, ${sum(({ plan }) => plan.steps.length)} perturbations, ${sum(({ heights }) => heights)} heights, ` +
      `${sum(({ acknowledged }) => acknowledged)} acknowledged transactions, ${sum(({ lost }) => lost.length)} lost, ` +
      `${sum(({ diverged }) => diverged.length)} diverged, slowest recovery ${longest(results.flatMap(({ recoverySeconds }) => recoverySeconds))} s`,
  );
  if (bad.length > 0)
    throw new Error(`${bad.length} networks with faults, seeds ${bad.map(({ plan }) => plan.seed).join(", ")}`);
}
