/** One generated network from its first block to the verdict: load, perturbations, a late joiner. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeHome } from "../../cli/commands/init.ts";
import { readAccount } from "../../cli/genesis.ts";
import { type Home, homeAt, readText } from "../../cli/home.ts";
import { makeTestnet } from "../../cli/testnet/make.ts";
import { edit } from "../helpers/cometnode.ts";
import { seeded } from "../helpers/storeblocks.ts";
import { judge, type Verdict } from "./judge.ts";
import { Load, loadSenders } from "./load.ts";
import { NetNode } from "./node.ts";
import { perturb } from "./perturb.ts";
import type { Places } from "./places.ts";
import type { NetPlan } from "./plan.ts";
import { highest, reachedBy } from "./rpc.ts";

export interface Programs {
  readonly comet: string;
  /** With a clock that an environment variable shifts. */
  readonly skewed: string | undefined;
}

export interface NetResult extends Verdict {
  readonly plan: NetPlan;
  readonly acknowledged: number;
  readonly unanswered: number;
  /** From the end of a perturbation until all nodes were two heights further. */
  readonly recoverySeconds: readonly number[];
  readonly seconds: number;
}

const chainId = "weir-nets-1";
const senderCount = 6;
const startMillisMax = 90_000;
/** The goal. */
const recoverMillisMax = 20_000;
/** Beyond the goal, so that one slow recovery does not hide what comes after it. */
const patienceMillis = 60_000;
const snapshotInterval = 15;

export async function runNet(plan: NetPlan, places: Places, programs: Programs): Promise<NetResult> {
  const folder = mkdtempSync(join(tmpdir(), "weir-nets-"));
  const net = new Net(plan, folder, places, programs);
  const begun = Date.now();
  try {
    await net.make();
    await net.live();
    const verdict = await net.verdict();
    return { plan, ...verdict, ...net.counts, seconds: (Date.now() - begun) / 1_000 };
  } finally {
    await net.kill();
    if (process.env.WEIR_NETS_KEEP === undefined) rmSync(folder, { recursive: true, force: true });
    else console.error(`kept ${folder}`);
  }
}

class Net {
  readonly #plan: NetPlan;
  readonly #folder: string;
  readonly #places: Places;
  readonly #programs: Programs;
  readonly #nodes: NetNode[] = [];
  readonly #senders = loadSenders(senderCount);
  readonly #load: Load;
  readonly #recovery: number[] = [];
  readonly #faults: string[] = [];

  constructor(plan: NetPlan, folder: string, places: Places, programs: Programs) {
    this.#plan = plan;
    this.#folder = folder;
    this.#places = places;
    this.#programs = programs;
    this.#load = new Load(chainId, seeded(plan.seed + 1));
  }

  get counts() {
    const { acknowledged, unanswered } = this.#load;
    // A node that is behind takes what is on chain already once more, and says where it is.
    return {
      acknowledged: new Set(acknowledged.map(({ hash }) => hash)).size,
      unanswered,
      recoverySeconds: this.#recovery,
    };
  }

  async make(): Promise<void> {
    const { validators, fullNodes } = this.#plan;
    const accounts = this.#senders.map(({ address }) => readAccount(address, "1000000000uweir"));
    const { firstAddress } = this.#places;
    const { nodes } = await makeTestnet({
      out: join(this.#folder, "net"),
      validators,
      chainId,
      firstAddress,
      accounts,
    });
    for (const [i, { home, name }] of nodes.entries()) this.#add(name, home, i);
    for (let i = 0; i < fullNodes; i++) this.#addFull(validators + i);
  }

  #add(name: string, home: Home, index: number, flags: readonly string[] = []): NetNode {
    const { skew, timeoutCommit } = this.#plan;
    edit(home.configToml, { consensus: { timeout_commit: timeoutCommit } });
    edit(home.appToml, { "state-sync": { "snapshot-interval": snapshotInterval, "snapshot-keep-recent": 10 } });
    const isSkewed = skew?.node === index && this.#programs.skewed !== undefined;
    const node = new NetNode({
      name,
      home,
      place: this.#places.make(index),
      comet: isSkewed ? this.#programs.skewed! : this.#programs.comet,
      flags,
      environment: isSkewed ? { WEIR_CLOCK_SKEW_SECONDS: String(skew.seconds) } : {},
    });
    this.#nodes.push(node);
    return node;
  }

  /** Without a vote, with the validators as its peers. */
  #addFull(index: number, flags: readonly string[] = []): NetNode {
    const [first] = this.#nodes;
    const home = homeAt(join(this.#folder, "net", `full${index}`));
    const genesis = readText(first!.home.genesis, "it was made just now");
    writeHome(home, { moniker: `full${index}`, chainId, accounts: [], engine: "comet", genesis });
    // The first validator knows all others by address; itself it does not name, which is no loss.
    cpSync(first!.home.configToml, home.configToml);
    const address = this.#addressOf(index);
    edit(home.configToml, {
      "": { moniker: `full${index}` },
      p2p: { laddr: `tcp://${address}:26656` },
      rpc: { laddr: `tcp://${address}:26657` },
    });
    return this.#add(`full${index}`, home, index, flags);
  }

  #addressOf(index: number): string {
    return this.#places.firstAddress.replace(/\d+$/, (last) => String(Number(last) + index));
  }

  async live(): Promise<void> {
    const { steps, joinsAfter } = this.#plan;
    for (const node of this.#nodes) node.start();
    if ((await reachedBy(this.#nodes, 3, startMillisMax)) === undefined)
      throw new Error(`no blocks: ${this.#lastWords()}`);
    this.#load.run(this.#numbered(), () => this.#nodes.filter(({ isRunning }) => isRunning));
    for (const [i, step] of steps.entries()) {
      const fault = await perturb(step, this.#nodes[step.node]!, this.#nodes, this.#plan.spellMillis);
      if (fault !== undefined) this.#faults.push(fault);
      await this.#recovered(step.kind);
      if (i === joinsAfter) await this.#join();
    }
    await this.#load.stop();
  }

  /** Genesis numbers the validators' accounts first. */
  #numbered() {
    const { validators } = this.#plan;
    return this.#senders.map((sender, i) => ({ ...sender, accountNumber: BigInt(validators + i) }));
  }

  async #recovered(what: string): Promise<void> {
    const goal = (await highest(this.#nodes)) + 2;
    const seconds = await reachedBy(this.#nodes, goal, patienceMillis);
    if (seconds !== undefined) this.#recovery.push(seconds);
    if (seconds !== undefined && seconds * 1_000 <= recoverMillisMax) return;
    const heights = await Promise.all(this.#nodes.map(async (node) => `${node.name} ${await highest([node])}`));
    const took = seconds === undefined ? `more than ${patienceMillis / 1_000}` : seconds.toFixed(1);
    this.#faults.push(`after ${what} height ${goal} took ${took} s: ${heights.join(", ")}`);
  }

  async #join(): Promise<void> {
    if ((await reachedBy(this.#nodes, snapshotInterval + 5, patienceMillis)) === undefined) {
      this.#faults.push("there was no snapshot to join by");
      return;
    }
    const [a, b] = this.#nodes;
    const joiner = this.#addFull(this.#nodes.length, ["--state-sync-rpc", `${a!.url},${b!.url}`]);
    joiner.start();
    await this.#recovered("a join by state sync");
    if (!/state sync trusts block/.test(joiner.log())) this.#faults.push(`${joiner.name} did not join by state sync`);
  }

  async verdict(): Promise<Verdict> {
    const { acknowledged } = this.#load;
    const goal = Math.max(await highest(this.#nodes), ...acknowledged.map(({ height }) => height));
    if ((await reachedBy(this.#nodes, goal, patienceMillis)) === undefined) {
      this.#faults.push(`not all nodes came to height ${goal}`);
    }
    const verdict = await judge(this.#nodes, acknowledged);
    const stop = async (node: NetNode) => {
      const code = await node.stop();
      if (code !== 0) this.#faults.push(`${node.name} ended with ${code ?? "SIGKILL"}: ${node.log().slice(-300)}`);
    };
    await Promise.all(this.#nodes.map(stop));
    return { ...verdict, faults: [...this.#faults, ...verdict.faults] };
  }

  #lastWords(): string {
    return this.#nodes.map((node) => `${node.name}: ${node.log().slice(-200)}`).join("\n");
  }

  async kill(): Promise<void> {
    for (const node of this.#nodes) {
      node.signalApp("SIGKILL");
      node.signalEngine("SIGKILL");
      await node.untilGone();
    }
  }
}
