/** Which header the user trusts, from the line, a variable or client.toml. Owns the flags; what follows from it is node/chain/lightclient.ts. */
import type { Trust } from "../node/chain/lightclient.ts";
import { type FlagSpec, UsageError } from "./arguments.ts";
import type { Invocation } from "./command.ts";

const hourMillis = 3_600_000;
/** CometBFT's default: a week. */
const trustHoursDefault = "168";
const hashCharacters = 64;

export const trustFlags: readonly FlagSpec[] = [
  { name: "trust-height", value: "N", help: "--prove: a height whose header you trust" },
  { name: "trust-hash", value: "HEX", help: "--prove: the hash of its block, from a source other than this node" },
  { name: "trust-hours", value: "N", help: "--prove: how old that header may be", default: trustHoursDefault },
];

/** Undefined where nothing is pinned. */
export function trustOf(invocation: Invocation): Trust | undefined {
  const [height, hash] = [invocation.flag("trust-height"), invocation.flag("trust-hash")];
  const hours = invocation.flag("trust-hours") ?? "";
  if (height === undefined && hash === undefined) return undefined;
  if (height === undefined || hash === undefined) {
    throw new UsageError("--trust-height and --trust-hash belong together: a height, and the hash of its block");
  }
  if (!/^[1-9]\d{0,17}$/.test(height)) throw new UsageError(`--trust-height ${height}: expected a height, from 1`);
  if (hash.length !== hashCharacters || !/^[0-9a-fA-F]+$/.test(hash)) {
    throw new UsageError(
      `--trust-hash ${hash}: expected ${hashCharacters} hex digits, as \`weir query block\` shows them`,
    );
  }
  if (!/^[1-9]\d{0,5}$/.test(hours)) throw new UsageError(`--trust-hours ${hours}: expected a whole number of hours`);
  return {
    height: BigInt(height),
    hash: hash.toUpperCase(),
    millisMax: Number(hours) * hourMillis,
    chainId: invocation.flag("chain-id"),
  };
}
