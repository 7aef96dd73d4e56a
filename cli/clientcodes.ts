/** Top-up codes at the command line: asked for, read from files, taken over one by one. Owns that; how a code is written is node/client/topupcode.ts's. */
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { codeSigner, inWallet } from "../node/client/accounts.ts";
import { type Redeemed, redeemCode } from "../node/client/codes.ts";
import { parseCode } from "../node/client/topupcode.ts";
import { UsageError } from "./arguments.ts";
import type { ClientHome } from "./clienthome.ts";
import type { Invocation } from "./command.ts";
import { promptsOf } from "./keyring/flags.ts";

export const codesMax = 1_000;
const fileBytesMax = 1 << 20;

/** A line a code; what begins with # is a note. */
export function readCodes(path: string): readonly string[] {
  const bytes = readFileSync(path);
  if (bytes.length > fileBytesMax) throw new UsageError(`${path} has ${bytes.length} bytes: is it a file of codes?`);
  const lines = bytes
    .toString("utf8")
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  if (lines.length === 0 || lines.length > codesMax)
    throw new UsageError(`${path} has ${lines.length} codes; expected 1 to ${codesMax}`);
  return lines;
}

/** Never over a file that is there, and readable by nobody else. On disk when it returns. */
export function writeCodes(path: string, head: string, codes: readonly string[]): void {
  const file = openSync(path, "wx", 0o600);
  try {
    writeSync(file, `${[...head.split("\n").map((line) => `# ${line}`), ...codes].join("\n")}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** On the line, in a file, or asked for. A code in groups with spaces is one code. */
export async function codesOf(invocation: Invocation): Promise<readonly string[]> {
  const file = invocation.flag("code-file");
  const { positionals } = invocation;
  if (file !== undefined && positionals.length > 0)
    throw new UsageError("codes stand on the line or in --code-file, not in both");
  if (file !== undefined) return readCodes(file);
  if (positionals.length > 0) return positionals.every(looksWhole) ? positionals : [positionals.join(" ")];
  const typed = await promptsOf(invocation).line("Top-up code:");
  if (typed === undefined || typed.trim() === "") {
    throw new UsageError("no code was given: type it behind the command, when asked, or name a file with --code-file");
  }
  return [typed];
}

const wholeCharactersMin = 36;
const looksWhole = (text: string): boolean => text.replace(/[^0-9a-z]/gi, "").length >= wholeCharactersMin;

export interface Taken extends Redeemed {
  /** What lies in its wallet now. */
  readonly inWallet: bigint;
}

/** All are looked at before the first is taken, so that a slip of the pen in the second leaves nothing half done. */
export async function takeCodes({ purse, store }: ClientHome, codes: readonly string[]): Promise<readonly Taken[]> {
  const { chain } = purse.sender;
  const secrets = codes.map((code) => parseCode(code, chain.chainId));
  const taken: Taken[] = [];
  for (const secret of secrets) {
    const redeemed = await redeemCode(purse, store, secret);
    const { address, denom } = redeemed.wallet;
    taken.push({ ...redeemed, inWallet: await inWallet(chain, address, denom) });
    secret.fill(0);
  }
  return taken;
}

export const codeAddress = (chainId: string, code: string): string =>
  codeSigner(chainId, parseCode(code, chainId)).address;
