/**
 * A devnet that runs: the chain in this process, what is downloaded, and a process for each relay, each oracle and the buyer's client. Owns the
 * order in which they start and stop, and that nothing is left of them.
 */
import type { Server } from "node:net";
import { asArray, asObject } from "../../chain/consensus/json.ts";
import { NodeClient } from "../../node/chain/nodeclient.ts";
import { type LocalNode, type NodeOptions, startNode } from "../node.ts";
import { askReserve, reportsFrom } from "../reserve.ts";
import { Buyer, type Downloads } from "./buyer.ts";
import { Child, type ChildSpec, stopAll } from "./children.ts";
import { type ContentServer, serveContent } from "./content.ts";
import { buyerSpec, daemonSpecs } from "./homes.ts";
import { letRelaysJoin } from "./joining.ts";
import { type Devnet, urlOf } from "./places.ts";
import { forwardTo, shapeLine } from "./shaping.ts";
import type { BuyerState, DevnetState, ProcessState } from "./snapshot.ts";
import { auditTroubles } from "./verdict.ts";
import { DevnetWatch } from "./watch.ts";

export interface RunningOptions extends Devnet {
  readonly node: NodeOptions;
  /** What was settled before this start is passed over. */
  readonly isFromNow: boolean;
  /** Says what is being done, once each. */
  readonly step: (words: string) => void;
}

const noDownloads: Downloads = {
  bps: 0,
  bytes: 0,
  downloads: 0,
  wrongChecksums: 0,
  failures: 0,
  trouble: undefined,
};

/** The whole command has 5 s, and the chain stops last. */
const clientStopMillisMax = 1_200;
const stopMillisMax = 1_200;

/** Ended while it was starting. */
export class Stopped extends Error {}

export class RunningDevnet {
  readonly #options: RunningOptions;
  readonly #children: Child[] = [];
  #chainEnding: string | undefined;
  #node: LocalNode | undefined;
  #content: ContentServer | undefined;
  #buyer: Buyer | undefined;
  #watch: DevnetWatch | undefined;
  #forwarder: Server | undefined;
  #starting: Promise<void> | undefined;
  #isStopping = false;

  constructor(options: RunningOptions) {
    this.#options = options;
  }

  /** What ended by itself is said by its ending. */
  get processes(): readonly ProcessState[] {
    return [{ name: "the chain", ending: this.#chainEnding }, ...this.#children];
  }

  get hasChainFailed(): boolean {
    return this.#chainEnding !== undefined;
  }

  get hasFailed(): boolean {
    return this.processes.some(({ ending }) => ending !== undefined);
  }

  // ------------------------------------------------------------------------------------------------------------------- start

  /** Rejects with what did not start, and with Stopped where stop came first. */
  start(): Promise<void> {
    this.#starting = this.#start();
    return this.#starting;
  }

  async #start(): Promise<void> {
    const { step, ...devnet } = this.#options;
    const { plan, places } = devnet;
    step("the chain");
    await this.#startChain();
    step(`${plan.relays.length} relays and ${plan.oracles.length} oracles`);
    this.#spawn(daemonSpecs(devnet));
    await this.#shape(this.#children.slice(0, plan.relays.length));
    this.#content = await serveContent(plan.seed, places.content);
    await this.#allReady();
    await this.#join();
    step("the buyer");
    this.#spawn([buyerSpec(devnet)]);
    await this.#allReady();
    this.#buyer = new Buyer({ proxy: places.proxy, content: this.#content, seed: plan.seed });
    this.#buyer.start();
  }

  async #startChain(): Promise<void> {
    const node = await startNode(this.#options.node);
    this.#node = node;
    node.ended.then((error) => {
      if (!this.#isStopping) this.#chainEnding = `ended by itself: ${error?.message ?? "its halt height is reached"}`;
    });
    const { plan, isFromNow } = this.#options;
    const { relays, oracles } = plan;
    this.#watch = new DevnetWatch({ rpcUrl: node.rpcUrl, relays, oracles, isFromNow });
  }

  #spawn(specs: readonly ChildSpec[]): void {
    this.#requireGoingOn();
    this.#children.push(...specs.map((spec) => new Child(spec)));
  }

  /** Gives each relay its line, where lines are the kernel's. */
  async #shape(relays: readonly Child[]): Promise<void> {
    const { plan, places } = this.#options;
    const { octet } = places;
    if (octet === undefined) return;
    for (const [index, { pid }] of relays.entries()) {
      if (pid !== undefined) await shapeLine({ pid, octet, index, bps: plan.relays[index]!.speedBps });
    }
    this.#forwarder = await forwardTo(places.rpc, places.relayRpc);
  }

  async #allReady(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.ready()));
    this.#requireGoingOn();
  }

  /** Where a devnet goes on, they take part already. */
  async #join(): Promise<void> {
    const { relays } = await this.#watch!.look();
    const waiting = this.#options.plan.relays.filter(({ id }) =>
      relays.some((relay) => relay.id === id && relay.isPaused),
    );
    await letRelaysJoin(new NodeClient(urlOf(this.#options.places.rpc)), waiting);
  }

  #requireGoingOn(): void {
    if (this.#isStopping) throw new Stopped("stopped while it was starting");
  }

  // -------------------------------------------------------------------------------------------------------------------- look

  async look(): Promise<DevnetState> {
    const chain = await this.#watch!.look();
    const downloads = this.#buyer?.state ?? noDownloads;
    return { chain, buyer: { ...downloads, ...(await this.#spending()) }, processes: this.processes };
  }

  /** As the client itself says it. */
  async #spending(): Promise<Pick<BuyerState, "spentMicros" | "relay">> {
    const client = this.#children.find(({ name }) => name === this.#options.plan.buyer.name);
    const status = await client?.ask("status");
    const [session] = asArray(status?.sessions ?? [], "sessions");
    const relay = session === undefined ? undefined : asObject(session, "session").relay;
    return {
      spentMicros: BigInt(String(status?.spent ?? "0")),
      relay: relay === undefined ? undefined : BigInt(String(relay)),
    };
  }

  /** As `weir reserve audit` does it, of one height. */
  async audit(): Promise<string[]> {
    const node = new NodeClient(urlOf(this.#options.places.rpc));
    const height = await node.height();
    const reports = await reportsFrom(node, 0n, height);
    const { report } = await askReserve(node, { epochs: 1n }, height);
    return auditTroubles(reports, report);
  }

  // -------------------------------------------------------------------------------------------------------------------- stop

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#buyer?.stop();
    // The client first: it closes its sessions with its relays.
    const isClient = ({ name }: Child) => name === this.#options.plan.buyer.name;
    await stopAll(this.#children.filter(isClient), clientStopMillisMax);
    await stopAll(this.#children, stopMillisMax);
    // What was being started is there by now, or says that it is not.
    await Promise.allSettled([this.#starting]);
    await this.#content?.close();
    this.#forwarder?.close();
    await this.#node?.close();
  }

  /** At once: what the chain last wrote is whole, and it replays the rest. */
  kill(): void {
    this.#isStopping = true;
    for (const child of this.#children) child.kill();
  }
}
