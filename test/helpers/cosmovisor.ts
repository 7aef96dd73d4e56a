/** The real cosmovisor, built once by Go into .cache/ (which git ignores), and the folders that it runs releases from. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Home } from "../../cli/home.ts";

export const cosmovisorVersion = "v1.5.0";
const cache = join(import.meta.dirname, "..", "..", ".cache", "cosmovisor", cosmovisorVersion);
const module = "cosmossdk.io/tools/cosmovisor";

/** By a module that needs it: `go install` asks a proxy for a module of the program's whole path, which not every proxy answers. */
export function cosmovisorBinary(): string {
  const program = join(cache, "cosmovisor");
  if (existsSync(program)) return program;
  mkdirSync(cache, { recursive: true });
  const building = mkdtempSync(join(cache, "build-"));
  const go = (...argv: string[]) => execFileSync("go", argv, { cwd: building, stdio: "pipe" });
  try {
    writeFileSync(join(building, "go.mod"), `module weir/build\n\ngo 1.24\n\nrequire ${module} ${cosmovisorVersion}\n`);
    writeFileSync(
      join(building, "tools.go"),
      `//go:build tools\n\npackage tools\n\nimport _ "${module}/cmd/cosmovisor"\n`,
    );
    go("mod", "tidy");
    go("build", "-o", "cosmovisor", `${module}/cmd/cosmovisor`);
    renameSync(join(building, "cosmovisor"), program);
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
  return program;
}

/** `genesis` runs first, the release of `upgrade` from its height on. */
export function cosmovisorFolders(
  home: Home,
  genesis: string,
  upgrade: { readonly name: string; readonly release: string },
): void {
  const folder = join(home.folder, "cosmovisor");
  mkdirSync(join(folder, "upgrades"), { recursive: true });
  symlinkSync(genesis, join(folder, "genesis"));
  symlinkSync(upgrade.release, join(folder, "upgrades", upgrade.name));
}

export interface Cosmovisor {
  readonly child: ChildProcess;
  said(): string;
  /** Ends it and the node that it runs. */
  stop(): Promise<void>;
}

export function runCosmovisor(home: Home, argv: readonly string[]): Cosmovisor {
  const environment = {
    ...process.env,
    DAEMON_NAME: "weir",
    DAEMON_HOME: home.folder,
    DAEMON_RESTART_AFTER_UPGRADE: "true",
    DAEMON_SHUTDOWN_GRACE: "10s",
    UNSAFE_SKIP_BACKUP: "true",
    TMPDIR: tmpdir(),
  };
  // A process group, because cosmovisor ends before the node that it ends.
  const child = spawn(cosmovisorBinary(), ["run", ...argv, "--home", home.folder], {
    env: environment,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => {
      output += String(text);
    });
  }
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const stop = async () => {
    if (child.pid !== undefined) killGroup(child.pid);
    await closed;
  };
  return { child, said: () => output, stop };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}
