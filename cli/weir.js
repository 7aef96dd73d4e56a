#!/usr/bin/env node
/**
 * The `weir` command. Owns running cli/main.ts on a Node that can: this process where it is new enough, the pinned binary otherwise.
 * Plain JavaScript, because an older Node must be able to read it.
 */
import { spawn } from "node:child_process";
import { realpathSync } from "node:fs";
import * as nodeModule from "node:module";
import { constants, homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chooseNode } from "./pinned-node.js";

/** Set in the process that the launcher starts, so that a binary that lies about its version cannot start itself for ever. */
const relaunchedVariable = "WEIR_RELAUNCHED";
const script = realpathSync(fileURLToPath(import.meta.url));
const relaunched = process.env[relaunchedVariable] !== undefined;
delete process.env[relaunchedVariable];

/** Runs the command line in this process. */
async function runHere() {
  if (relaunched) endWithLauncher();
  keepCompiled();
  try {
    const { main } = await import("./main.ts");
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`weir: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  }
}

/**
 * Sources are compiled once and kept, which halves the time of a command. In a folder of the user's own: what stands there is executed, so
 * that a shared temporary folder would not do. Without such a folder everything is compiled anew.
 */
function keepCompiled() {
  const caches = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  nodeModule.enableCompileCache?.(join(caches, "weir"));
}

/** A launcher that was killed outright could pass no signal on: the channel that closes with it says so. */
function endWithLauncher() {
  process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
  process.channel?.unref();
}

/**
 * Runs this script again on `binary`. The child leads a process group of its own: a Ctrl-C at the terminal then reaches it once, through
 * here, and not twice, which `weir start` would take as the order to stop at once.
 * @param {string} binary
 */
function runAgain(binary) {
  const child = spawn(binary, [script, ...process.argv.slice(2)], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    detached: true,
    env: { ...process.env, [relaunchedVariable]: "1" },
  });
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGWINCH"])) {
    process.on(signal, () => child.kill(signal));
  }
  process.on("SIGTSTP", () => {
    child.kill("SIGSTOP");
    process.kill(process.pid, "SIGSTOP");
  });
  process.on("SIGCONT", () => child.kill("SIGCONT"));
  child.on("error", (error) => {
    process.stderr.write(`weir: cannot start ${binary}: ${error.message}\nReinstall it with \`npm ci\`.\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    // A signal that this process survives (or is too slow to die of) becomes the shell's number for it.
    setImmediate(() => process.exit(128 + (constants.signals[signal] ?? 0)));
  });
}

const choice = chooseNode({
  version: process.versions.node,
  platform: process.platform,
  arch: process.arch,
  folder: dirname(script),
  relaunched,
});
if (choice.kind === "here") {
  await runHere();
} else if (choice.kind === "rerun") {
  runAgain(choice.binary);
} else {
  process.stderr.write(`${choice.reason}\n`);
  process.exitCode = 1;
}
