/** Four validators under CometBFT as processes of one release or another: for drills. Owns their homes and processes. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readAccount } from "../../cli/genesis.ts";
import { rpcUrlOf, type Testnet, type TestnetNode } from "../../cli/testnet/layout.ts";
import { makeTestnet } from "../../cli/testnet/make.ts";
import type { NodeProcess } from "../../cli/testnet/processes.ts";
import { makeSenders, type Sender } from "./accountsthatsend.ts";
import { cometBftBinary } from "./cometbft.ts";
import { edit } from "./cometnode.ts";
import { loopbackOfOurOwn } from "./loopback.ts";
import { planInGenesis, type ReleaseProcess, runRelease } from "./release.ts";

export const drillChain = "weir-drill-4";

/** What a drill looks at of one node. */
export interface Executed {
  readonly height: number;
  readonly appHash: string;
}

interface Running extends NodeProcess {
  readonly process: ReleaseProcess;
}

export class DrillNet {
  readonly folder: string;
  readonly testnet: Testnet;
  readonly senders: readonly Sender[];
  #running: Running[] = [];

  private constructor(folder: string, testnet: Testnet, senders: readonly Sender[]) {
    this.folder = folder;
    this.testnet = testnet;
    this.senders = senders;
  }

  /** With an upgrade planned from genesis on; `firstAddress` is the last part of the first node's. */
  static async make(name: string, height: number, firstAddress: number): Promise<DrillNet> {
    const folder = mkdtempSync(join(tmpdir(), "weir-drillnet-"));
    const senders = makeSenders(2);
    const accounts = senders.map(({ address }) => readAccount(address, "1000000000uweir"));
    const out = join(folder, "net");
    const options = { out, validators: 4, chainId: drillChain, firstAddress: loopbackOfOurOwn(firstAddress), accounts };
    const testnet = await makeTestnet(options);
    for (const { home } of testnet.nodes) {
      edit(home.configToml, { consensus: { timeout_commit: "100ms", timeout_propose: "1s" } });
      edit(home.appToml, { telemetry: { enabled: false } });
      planInGenesis(home.genesis, name, height);
    }
    const numbers = accountNumbers(testnet.nodes[0]!.home.genesis);
    const numbered = senders.map((sender) => ({ ...sender, accountNumber: numbers.get(sender.address)! }));
    return new DrillNet(folder, testnet, numbered);
  }

  get processes(): readonly NodeProcess[] {
    return this.#running;
  }

  start(release: string, which: readonly number[] = [0, 1, 2, 3]): void {
    this.#running = which.map((index) => running(release, this.testnet.nodes[index]!));
  }

  /**
   * Each goes on with another release once it has ended by itself, as cosmovisor does it: one that lacked a vote of the last block gets it from
   * those that are back. Exit codes and what was said before.
   */
  swap(release: string): Promise<readonly { readonly code: number | null; readonly said: string }[]> {
    const one = async ({ process, node }: Running, index: number) => {
      const code = await process.ended;
      this.#running[index] = running(release, node);
      return { code, said: process.said() };
    };
    return Promise.all(this.#running.map(one));
  }

  /** Exit codes, once all have ended by themselves. */
  async ended(): Promise<readonly (number | null)[]> {
    return await Promise.all(this.#running.map(({ process }) => process.ended));
  }

  said = (index: number): string => this.#running[index]!.process.said();

  async stop(): Promise<readonly (number | null)[]> {
    for (const { process } of this.#running) process.child.kill("SIGTERM");
    return await this.ended();
  }

  /** `weir rollback` on every node; what each said. */
  rollBack(release: string): Promise<readonly string[]> {
    const one = async ({ home }: TestnetNode): Promise<string> => {
      const rolling = runRelease(release, ["rollback", "--home", home.folder, "--cometbft", cometBftBinary()]);
      if ((await rolling.ended) !== 0) throw new Error(rolling.said());
      return rolling.said();
    };
    return Promise.all(this.testnet.nodes.map(one));
  }

  async remove(): Promise<void> {
    for (const { process } of this.#running) process.child.kill("SIGKILL");
    await this.ended();
    rmSync(this.folder, { recursive: true, force: true });
  }

  url = (index: number): string => rpcUrlOf(this.testnet.nodes[index]!);

  async rpc<T>(index: number, path: string): Promise<T | undefined> {
    try {
      const response = await fetch(`${this.url(index)}/${path}`, { signal: AbortSignal.timeout(10_000) });
      return ((await response.json()) as { readonly result?: T }).result;
    } catch {
      // Not up, or on its way down: whoever polls asks again.
      return undefined;
    }
  }

  /** What the application of each node that answers has executed. */
  async executed(): Promise<readonly Executed[]> {
    const found = await Promise.all(
      this.#running.map(async (_, index) => {
        const answer = await this.rpc<{ response: { last_block_height?: string; last_block_app_hash?: string } }>(
          index,
          "abci_info",
        );
        if (answer === undefined) return [];
        const { last_block_height: height = "0", last_block_app_hash: hash = "" } = answer.response;
        return [{ height: Number(height), appHash: Buffer.from(hash, "base64").toString("hex") }];
      }),
    );
    return found.flat();
  }

  /** What a node knows of a transaction: its height and code. */
  async transaction(index: number, hash: string) {
    const answer = await this.rpc<{ height: string; tx_result: { code: number } }>(index, `tx?hash=0x${hash}`);
    return answer === undefined ? undefined : { height: Number(answer.height), code: answer.tx_result.code };
  }
}

function accountNumbers(path: string): ReadonlyMap<string, bigint> {
  const genesis = JSON.parse(readFileSync(path, "utf8")) as {
    readonly app_state: {
      readonly auth: { readonly accounts: readonly { address: string; account_number: string }[] };
    };
  };
  const { accounts } = genesis.app_state.auth;
  return new Map(accounts.map(({ address, account_number }) => [address, BigInt(account_number)]));
}

function running(release: string, node: TestnetNode): Running {
  const argv = ["start", "--home", node.home.folder, "--engine", "comet", "--cometbft", cometBftBinary()];
  const process = runRelease(release, argv);
  let ending: string | undefined;
  const ended = process.ended.then((code) => {
    ending = `ended with ${code}`;
  });
  return {
    node,
    process,
    ended,
    get ending() {
      return ending;
    },
  };
}
