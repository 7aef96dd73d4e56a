/**
 * Several nodes' RPC as one: asks the healthiest, goes on to the next where one does not answer, and leaves a failing one alone for a while. Owns
 * which is asked; does not own what is asked, nor whether an answer is true (light clients judge that).
 */
import { asObject, type JsonObject } from "../../chain/consensus/json.ts";
import type { Clock } from "../clock.ts";
import { type BackoffRules, backoffMillis } from "../daemon/backoff.ts";
import { Failure, retry, textOf } from "../daemon/failure.ts";
import { QueryRefused } from "./nodeclient.ts";
import { type Rpc, RpcRefused, rpcAt } from "./rpc.ts";

export const endpointsMax = 16;
const answerMillisMax = 10_000;
/** A page of a query, a thousand validators: no answer that a daemon asks for is near this. */
const answerBytesMax = 8 << 20;
const restRules: BackoffRules = { firstMillis: 500, longestMillis: 60_000 };
/** The newest answer counts a quarter. */
const latencyWeight = 4;
/** A node so far behind the highest is asked last. */
const lagHeightsMax = 3n;

interface Endpoint {
  readonly rpc: Rpc;
  /** In a row. */
  failures: number;
  restsUntil: number;
  latencyMillis: number;
  height: bigint;
  /** It was seen to serve the right chain; an endpoint of another is never asked again. */
  chain: "unknown" | "right" | "wrong";
  lastProblem: string;
  isProbed: boolean;
}

/** One node is at fault, by silence or by a lie: another may do better. */
export class NodeFault extends Failure {
  constructor(message: string, cause?: unknown) {
    super("retry", message, cause);
  }
}

/** What another node would say as well. */
const isAnswer = (error: unknown): boolean =>
  error instanceof RpcRefused ||
  error instanceof QueryRefused ||
  (error instanceof Failure && !(error instanceof NodeFault));

export interface EndpointStatus {
  readonly url: string;
  readonly isResting: boolean;
  readonly latencyMillis: number;
  readonly height: bigint;
  readonly problem: string;
}

export interface EndpointsOptions {
  readonly urls: readonly string[];
  readonly chainId: string;
  readonly clock: Clock;
  readonly random?: () => number;
  /** Asks one address; another way of asking for tests. */
  readonly open?: (url: string) => Rpc;
}

export class Endpoints implements Rpc {
  readonly #options: EndpointsOptions;
  readonly #endpoints: readonly Endpoint[];

  constructor(options: EndpointsOptions) {
    const { urls, open = openRpc } = options;
    if (urls.length === 0 || urls.length > endpointsMax) {
      throw new Failure("fatal", `${urls.length} addresses of nodes in rpc; expected 1 to ${endpointsMax}`);
    }
    this.#options = options;
    this.#endpoints = urls.map((url) => ({
      rpc: open(url),
      failures: 0,
      restsUntil: 0,
      latencyMillis: 0,
      height: 0n,
      chain: "unknown",
      lastProblem: "",
      isProbed: false,
    }));
  }

  get url(): string {
    return this.#endpoints.map(({ rpc }) => rpc.url).join(", ");
  }

  get status(): readonly EndpointStatus[] {
    const now = this.#options.clock.now();
    return this.#endpoints.map(({ rpc, restsUntil, latencyMillis, height, lastProblem }) => ({
      url: rpc.url,
      isResting: restsUntil > now,
      latencyMillis: Math.round(latencyMillis),
      height,
      problem: lastProblem,
    }));
  }

  call(method: string, params?: JsonObject): Promise<JsonObject> {
    return this.withOne((rpc) => rpc.call(method, params));
  }

  /**
   * Several calls of the same node, so that its answers fit together; all again at the next one where it fails. A refusal is an answer.
   * Rejects with a Failure of the kind retry where none answers.
   */
  async withOne<T>(operation: (rpc: Rpc) => Promise<T>): Promise<T> {
    const problems: string[] = [];
    for (const endpoint of this.#inOrder()) {
      try {
        await this.#requireChain(endpoint);
        return await operation(this.#timed(endpoint));
      } catch (error) {
        if (isAnswer(error)) throw error;
        this.#failed(endpoint, textOf(error));
        problems.push(textOf(error));
      }
    }
    if (this.#endpoints.every(({ chain }) => chain === "wrong")) {
      throw new Failure("fatal", this.#endpoints.map(({ lastProblem }) => lastProblem).join("; "));
    }
    throw retry(problems.join("; "));
  }

  /** Something of every node of this chain, each for itself. */
  each<T>(operation: (rpc: Rpc) => Promise<T>): Promise<T>[] {
    return this.#endpoints.map(async (endpoint) => {
      await this.#requireChain(endpoint);
      return operation(this.#timed(endpoint));
    });
  }

  /** Looks whether nodes that failed and have rested are back; nobody waits for it. */
  probe(): void {
    const now = this.#options.clock.now();
    for (const endpoint of this.#endpoints) {
      if (endpoint.failures === 0 || endpoint.restsUntil > now || endpoint.isProbed) continue;
      endpoint.isProbed = true;
      this.#requireChain(endpoint)
        .catch((error: unknown) => this.#failed(endpoint, textOf(error)))
        .finally(() => {
          endpoint.isProbed = false;
        });
    }
  }

  /** The node that is asked first rests: it answers, but its chain stands still. */
  distrust(reason: string): void {
    const first = this.#inOrder()[0];
    if (first !== undefined && this.#endpoints.length > 1) this.#failed(first, reason);
  }

  #inOrder(): readonly Endpoint[] {
    const now = this.#options.clock.now();
    const highest = this.#endpoints.reduce((most, { height }) => (height > most ? height : most), 0n);
    const rank = ({ restsUntil, failures, height, latencyMillis }: Endpoint): number =>
      (restsUntil > now ? 1e9 : failures > 0 ? 1e8 : 0) + (highest - height > lagHeightsMax ? 1e6 : 0) + latencyMillis;
    return this.#endpoints.filter(({ chain }) => chain !== "wrong").toSorted((a, b) => rank(a) - rank(b));
  }

  #timed(endpoint: Endpoint): Rpc {
    const { clock } = this.#options;
    return {
      url: endpoint.rpc.url,
      call: async (method, params) => {
        const began = clock.now();
        const answer = await endpoint.rpc.call(method, params);
        endpoint.latencyMillis += (clock.now() - began - endpoint.latencyMillis) / latencyWeight;
        endpoint.failures = 0;
        endpoint.restsUntil = 0;
        endpoint.lastProblem = "";
        if (method === "status") endpoint.height = heightIn(answer);
        return answer;
      },
    };
  }

  async #requireChain(endpoint: Endpoint): Promise<void> {
    if (endpoint.chain === "right") return;
    const { chainId } = this.#options;
    const status = await this.#timed(endpoint).call("status");
    const found = String(asObject(status.node_info, "node_info").network);
    endpoint.chain = found === chainId ? "right" : "wrong";
    if (endpoint.chain === "right") return;
    throw new NodeFault(
      `${endpoint.rpc.url} is of the chain ${found}, and this daemon of ${chainId}: correct rpc or chain_id`,
    );
  }

  #failed(endpoint: Endpoint, problem: string): void {
    const { clock, random = Math.random } = this.#options;
    endpoint.restsUntil = clock.now() + backoffMillis(restRules, endpoint.failures, random());
    endpoint.failures += 1;
    endpoint.lastProblem = problem;
    // It may come back as another: a devnet begins anew at the same address.
    if (endpoint.chain === "right") endpoint.chain = "unknown";
  }
}

const openRpc = (url: string): Rpc =>
  rpcAt(url, { millisMax: answerMillisMax, bytesMax: answerBytesMax, advice: "see rpc in the settings" });

const heightIn = (status: JsonObject): bigint =>
  BigInt(String(asObject(status.sync_info, "sync_info").latest_block_height));
