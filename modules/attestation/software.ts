/** Versions of the software that relays and oracles run: which one is governed, and how far behind a reported one is. */
import type { Context, ReadContext } from "../../chain/context.ts";
import type { SoftwareVersion } from "../../proto/gen/weir/attestation/v1/state.ts";
import { versionNotLater } from "./errors.ts";
import { softwareGoverned } from "./events.ts";
import { nextEpoch } from "./records.ts";
import * as state from "./state.ts";

/** Older ones are forgotten: who has not reached the oldest of these is that far behind. */
export const versionsKept = 16;

const pattern = /^(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})$/;

export const isVersion = (text: string): boolean => pattern.test(text);

/** Below 0 when `left` is older. Nothing is older than all. */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [left, right].map((text) => text.split(".").map(Number));
  for (let part = 0; part < 3; part++) {
    const difference = (a![part] ?? -1) - (b![part] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

export const governedVersions = (ctx: ReadContext): readonly SoftwareVersion[] =>
  state.software.get(ctx)?.versions ?? [];

/** In ascending order, each once. */
export function versionsProblem(versions: readonly SoftwareVersion[]): string | undefined {
  if (versions.length > versionsKept) return `${versions.length} versions; expected ${versionsKept} at most`;
  for (const [index, { version, sinceEpoch }] of versions.entries()) {
    if (!isVersion(version)) return `"${version.slice(0, 32)}" is no version; expected one such as 1.4.0`;
    const before = versions[index - 1];
    if (before === undefined) continue;
    if (compareVersions(version, before.version) <= 0) return `${version} is not later than ${before.version}`;
    if (sinceEpoch < before.sinceEpoch) return `${version} is governed before ${before.version}`;
  }
  return undefined;
}

/** Counts from the next open on. */
export function governSoftware(ctx: Context, version: string): bigint {
  const versions = governedVersions(ctx);
  const last = versions.at(-1);
  if (last !== undefined && compareVersions(version, last.version) <= 0) throw versionNotLater(version, last.version);
  const sinceEpoch = nextEpoch(ctx);
  state.software.set(ctx, { versions: [...versions, { version, sinceEpoch }].slice(-versionsKept) });
  ctx.emit(softwareGoverned(version, sinceEpoch));
  return sinceEpoch;
}

/** Epochs since the first governed version that `reported` has not reached; 0 where there is none. */
export function epochsBehind(ctx: ReadContext, reported: string, epoch: bigint): bigint {
  const missing = governedVersions(ctx).find(({ version }) => compareVersions(reported, version) < 0);
  return missing === undefined || missing.sinceEpoch > epoch ? 0n : epoch - missing.sinceEpoch;
}
