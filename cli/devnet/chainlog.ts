/** The chain's words of a devnet, in logs/chain.log of its home: the terminal is for the market. */
import { appendFileSync, closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../../chain/log.ts";
import { UsageError } from "../arguments.ts";
import type { Invocation } from "../command.ts";
import type { Home } from "../home.ts";
import { isLogLevel, lineLog, logLevels } from "../log.ts";

export const logFileOf = (folder: string, name: string): string => join(folder, "logs", `${name}.log`);

export function chainLog({ folder }: Home, invocation: Invocation): { readonly log: Log; close(): void } {
  const level = invocation.flag("log-level") ?? "info";
  if (!isLogLevel(level)) throw new UsageError(`--log-level ${level}: expected ${logLevels}`);
  mkdirSync(join(folder, "logs"), { recursive: true, mode: 0o700 });
  const file = openSync(logFileOf(folder, "chain"), "a", 0o600);
  return { log: lineLog((line) => appendFileSync(file, line), level, false), close: () => closeSync(file) };
}
