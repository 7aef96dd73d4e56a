/**
 * The cometbft program: where it is, which version it is, how it comes here. Owns the one version that this node runs with and the words
 * that say how to get it; comet.ts runs it.
 */
import { execFile, spawn } from "node:child_process";
import { constants, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { access } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { cometVersion } from "./state.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export const cometModule = `github.com/cometbft/cometbft/cmd/cometbft@v${cometVersion}`;
export const installCommand = `go install ${cometModule}`;

const programName = process.platform === "win32" ? "cometbft.exe" : "cometbft";
/** It only prints a line. */
const versionMillisMax = 10_000;

/** Where `weir comet install` puts it: a folder of the user's own. */
export const ownProgram = (environment: Environment): string =>
  join(
    environment.XDG_CACHE_HOME || join(environment.HOME || homedir(), ".cache"),
    "weir",
    "comet",
    `v${cometVersion}`,
    programName,
  );

export interface ProgramSearch {
  /** By --cometbft. */
  readonly flag: string | undefined;
  /** By app.toml. */
  readonly configured: string | undefined;
  readonly environment: Environment;
}

/** The first that is there and can be run; what was named and is not there is refused, never passed over. */
export async function findComet({ flag, configured, environment }: ProgramSearch): Promise<string> {
  for (const [named, by] of [
    [flag, "--cometbft"],
    [configured, "cometbft in app.toml"],
  ] as const) {
    if (named === undefined || named === "") continue;
    if (await isProgram(named)) return named;
    throw new Error(`${by} says ${named}, which is no program that can be run: ${howToInstall}`);
  }
  const folders = (environment.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  for (const path of [...folders.map((folder) => join(folder, programName)), ownProgram(environment)]) {
    if (await isProgram(path)) return path;
  }
  throw new Error(`cometbft is not on the PATH: ${howToInstall}`);
}

const howToInstall =
  `\`weir comet install\` builds v${cometVersion} with Go, or run \`${installCommand}\` yourself and name the program by ` +
  "--cometbft, by cometbft in app.toml, or put it on the PATH";

const isProgram = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

/** Refuses another version: what it would write and vote may not be what this application knows. */
export async function checkCometVersion(program: string): Promise<void> {
  let found: string;
  try {
    const { stdout } = await promisify(execFile)(program, ["version"], { timeout: versionMillisMax });
    found = stdout.trim();
  } catch (error) {
    throw new Error(`${program} does not say which version it is (${messageOf(error)}): ${howToInstall}`);
  }
  // Built from a checkout it adds the commit: 0.38.25+1a2b3c4.
  if (found.split("+")[0]?.replace(/^v/, "") === cometVersion) return;
  throw new Error(`${program} is CometBFT ${found}, and this node runs with ${cometVersion}: ${howToInstall}`);
}

/** Builds it with Go into the user's cache; `say` is given what Go prints. */
export async function installComet(environment: Environment, say: (text: string) => void): Promise<string> {
  const program = ownProgram(environment);
  if (existsSync(program)) return program;
  const folder = join(program, "..");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const building = mkdtempSync(join(folder, "build-"));
  try {
    await runGo(["install", cometModule], { ...environment, GOBIN: building }, say);
    renameSync(join(building, programName), program);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  return program;
}

function runGo(argv: readonly string[], environment: Environment, say: (text: string) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("go", argv, { env: environment, stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.on("data", (text) => say(String(text)));
    child.stderr.on("data", (text) => say(String(text)));
    child.once("error", (error) => {
      reject(new Error(`Go cannot be run (${error.message}): install it from https://go.dev/dl and try again`));
    });
    child.once("close", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`\`${installCommand}\` ended with ${code}; what it said is above`));
    });
  });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
