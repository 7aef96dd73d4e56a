/**
 * Releases for tests: this one, and the next one, made of these sources and test/release/next.ts in the place of modules/index.ts. Owns the
 * folders; each has the launcher bin/weir, as an unpacked release has it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..", "..");

/** The release that these sources are. */
export const thisRelease = root;

/** A migration that gives every node another state: what a release must never do. */
const diverging = `
import { randomBytes } from "node:crypto";
moreMigrations.migrate = (ctx) => ctx.store("blockcount").set(Uint8Array.of(7), new Uint8Array(randomBytes(8)));
`;

/** Made in a folder that does not exist yet; returns it. */
export function makeNextRelease(folder: string, { isBad = false } = {}): string {
  mkdirSync(folder);
  for (const part of ["bin", "chain", "cli", "modules", "node"]) {
    cpSync(join(root, part), join(folder, part), { recursive: true, filter: (path) => !path.endsWith(".test.ts") });
  }
  for (const part of ["proto", "node_modules", "package.json"]) symlinkSync(join(root, part), join(folder, part));
  renameSync(join(folder, "modules", "index.ts"), join(folder, "modules", "first.ts"));
  writeModules(folder, isBad);
  return folder;
}

/** The release that a bad one should have been, in its place. */
export const mendRelease = (folder: string): void => writeModules(folder, false);

function writeModules(folder: string, isBad: boolean): void {
  const source = readFileSync(join(root, "test", "release", "next.ts"), "utf8")
    .replaceAll('"../../modules/index.ts"', '"./first.ts"')
    .replaceAll('"../../modules/', '"./')
    .replaceAll('"../../chain/', '"../chain/');
  writeFileSync(join(folder, "modules", "index.ts"), isBad ? `${source}${diverging}` : source);
}

export interface ReleaseProcess {
  readonly child: ChildProcess;
  /** All that it wrote. */
  said(): string;
  /** Its exit code; null where a signal ended it. */
  readonly ended: Promise<number | null>;
}

/** `weir …` of a release, by its launcher. */
export function runRelease(
  release: string,
  argv: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): ReleaseProcess {
  const child = spawn(join(release, "bin", "weir"), argv, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => {
      output += String(text);
    });
  }
  const ended = once(child, "close").then(([code]) => code as number | null);
  return { child, said: () => output, ended };
}

/** Writes the plan of an upgrade into a genesis that was made already. */
export function planInGenesis(path: string, name: string, height: number): void {
  const genesis = JSON.parse(readFileSync(path, "utf8")) as { app_state: Record<string, unknown> };
  genesis.app_state.upgrade = { plan: { name, height: String(height), info: "for a test" } };
  writeFileSync(path, `${JSON.stringify(genesis, null, 2)}\n`);
}
