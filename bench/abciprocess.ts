/**
 * An application behind an ABCI socket in a process of its own, for the benches that are the engine. Started as a program it prints one JSON
 * line when it serves, and ends when its input does. `startAbciProcess` is the other side.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ChainApplication } from "../chain/abci/chainapplication.ts";
import { AbciServer } from "../chain/abci/server.ts";
import { inlineVerifier, workerVerifier } from "../chain/crypto/verifier.ts";
import { makeRegistry } from "../chain/definition.ts";
import { silentLog } from "../chain/log.ts";
import { MultiStore } from "../chain/store/multistore.ts";
import { weir } from "../modules/index.ts";
import { chainId } from "./load.ts";

export interface AbciProcessOptions {
  /** Threads that verify signatures. */
  readonly workers: number;
}

/** The application that every one of these benches runs, on a state in a fresh folder. */
export async function openBenchApplication({ workers }: AbciProcessOptions) {
  const directory = mkdtempSync(join(tmpdir(), "weir-bench-abci-"));
  const verifier = workers === 0 ? inlineVerifier() : workerVerifier({ workers });
  const state = await MultiStore.open({ directory, storeNames: makeRegistry(weir.modules).storeNames });
  const application = new ChainApplication({
    definition: weir,
    state,
    verifier,
    minGasPrices: [],
    chainId,
    version: "bench",
    appVersion: 0n,
    log: silentLog,
    queryGasLimit: 0n,
    checkInvariants: false,
    optimisticExecution: true,
  });
  const close = async () => {
    await state.close();
    await verifier.close();
    rmSync(directory, { recursive: true, force: true });
  };
  return { application, directory, close };
}

async function serve(options: AbciProcessOptions): Promise<void> {
  const { application, directory, close } = await openBenchApplication(options);
  const server = await AbciServer.listen({
    app: application,
    address: `unix://${join(directory, "abci.sock")}`,
    log: { ...silentLog, error: (message, fields) => console.error(message, fields) },
    onHalt: (error) => {
      throw error;
    },
  });
  process.stdout.write(`${JSON.stringify({ address: server.address })}\n`);
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === "usage") process.stdout.write(`${JSON.stringify(process.cpuUsage())}\n`);
  }
  await server.close();
  await close();
}

export interface AbciProcess {
  readonly address: string;
  readonly pid: number;
  /** Seconds of CPU that it has used, its workers included. */
  cpuSeconds(): Promise<number>;
  stop(): Promise<void>;
}

export async function startAbciProcess(options: AbciProcessOptions): Promise<AbciProcess> {
  const child: ChildProcess = spawn(process.execPath, [import.meta.filename, JSON.stringify(options)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const { stdin, stdout } = child;
  if (stdout === null || stdin === null) throw new Error("the application's process has no pipes");
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const next = async <T>(): Promise<T> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error("the application's process ended");
    return JSON.parse(value) as T;
  };
  const { address } = await next<{ address: string }>();
  return {
    address,
    pid: child.pid ?? 0,
    async cpuSeconds() {
      stdin.write("usage\n");
      const { user, system } = await next<{ user: number; system: number }>();
      return (user + system) / 1e6;
    },
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      stdin.end();
      await ended;
    },
  };
}

if (import.meta.main) await serve(JSON.parse(process.argv[2] ?? "{}") as AbciProcessOptions);
