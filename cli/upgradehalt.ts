/**
 * A node at the height of an upgrade: what it leaves behind and says. Owns data/upgrade-info.json, which cosmovisor reads, the exit code,
 * and the heights that an operator skips.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type UpgradeHalt, UpgradeNeeded } from "../chain/upgrades.ts";
import { type Parsed, UsageError } from "./arguments.ts";
import type { Invocation } from "./command.ts";
import { type Home, readText, writeText } from "./home.ts";

/** The node waits for another release: a supervisor need not start this one again. */
export const upgradeExitCode = 3;

/** Go's zero time: plans had a time once, and Go's reader of the file wants one. */
const goZeroTime = "0001-01-01T00:00:00Z";
/** How long a validator's engine stays for its peers: one that lacks a vote of the last block would wait for all of them to come back. */
export const lingerMillis = 4_000;
/** It looks every 300 ms by default, and each look starts a program. */
const cosmovisorMillis = 30_000;
const heightsMax = 100;

export const upgradeInfoPath = ({ data }: Home): string => join(data, "upgrade-info.json");

/** Go's JSON of a plan: the height is a number, of any size. */
export const upgradeInfoText = ({ plan, height }: UpgradeHalt): string =>
  `{"name":${JSON.stringify(plan.name)},"time":"${goZeroTime}","height":${height}` +
  `${plan.info === "" ? "" : `,"info":${JSON.stringify(plan.info)}`}}`;

/**
 * Last of all, when nothing of the node runs any more: cosmovisor, which looks for the file, kills what does. Returns the exit code. Cosmovisor
 * misses a process that ends while it looks (it asks `weir status` meanwhile), so that under it the process waits to be ended.
 */
export async function leaveWord(
  { home }: { readonly home: Home },
  error: UpgradeHalt,
  { say, environment }: Pick<Invocation, "say" | "environment">,
  signal: Promise<unknown>,
): Promise<number> {
  if (!(error instanceof UpgradeNeeded)) return 1;
  writeText(upgradeInfoPath(home), upgradeInfoText(error));
  say(
    `The chain goes on with the release of upgrade ${JSON.stringify(error.plan.name)}: start that with this home. Nothing of block ` +
      `${error.height} was executed.\n`,
  );
  if (environment.DAEMON_HOME !== undefined) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, cosmovisorMillis);
    await Promise.race([signal, promise]);
    clearTimeout(timer);
  }
  return upgradeExitCode;
}

/** The upgrade that the node last stopped for; undefined where it never did. */
export function readUpgradeInfo(home: Home): { readonly name: string; readonly height: number } | undefined {
  const path = upgradeInfoPath(home);
  if (!existsSync(path)) return undefined;
  const parsed: unknown = JSON.parse(readText(path, "the node writes it when it stops for an upgrade"));
  const { name, height } = parsed as { readonly name?: unknown; readonly height?: unknown };
  if (typeof name !== "string" || typeof height !== "number")
    throw new Error(`${path} is no plan of an upgrade: expected a name and a height`);
  return { name, height };
}

export function readSkippedHeights(parsed: Parsed): ReadonlySet<bigint> {
  const heights = new Set<bigint>();
  for (const text of parsed.flag("unsafe-skip-upgrades")?.split(",") ?? []) {
    if (!/^[1-9]\d{0,17}$/.test(text))
      throw new UsageError(`--unsafe-skip-upgrades ${text}: expected heights, as 1200 or 1200,1300`);
    heights.add(BigInt(text));
  }
  if (heights.size > heightsMax)
    throw new UsageError(`${heights.size} skipped heights, expected at most ${heightsMax}`);
  return heights;
}
