/**
 * The devnet's buyer: downloads the same content over and over through the local proxy that `weir client connect` opened, and checks what came
 * by its checksum. Owns the downloads; who carries them and what they cost is the client's.
 */
import { createHash } from "node:crypto";
import { type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { RandomStream } from "../../chain/crypto/randomstream.ts";
import type { ContentServer } from "./content.ts";
import { secretOf } from "./plan.ts";

export interface BuyerOptions {
  readonly proxy: { readonly host: string; readonly port: number };
  readonly content: Pick<ContentServer, "host" | "port" | "url" | "checksum">;
  readonly seed: string;
}

export interface Downloads {
  /** Of the last seconds. */
  readonly bps: number;
  readonly bytes: number;
  readonly downloads: number;
  readonly wrongChecksums: number;
  readonly failures: number;
  /** In words: what went wrong last. */
  readonly trouble: string | undefined;
}

/** From the first byte asked for to the last one had; a relay that is measured leaves a buyer a tenth. */
const downloadMillisMax = 120_000;
const speedMillis = 5_000;
/** Between two downloads, as the seed gives it: people pause. */
const pauseMillisMax = 3_000n;
const afterFailureMillis = 1_000;

export class Buyer {
  readonly #options: BuyerOptions;
  readonly #stopping = new AbortController();
  readonly #arrivals: { millis: number; bytes: number }[] = [];
  #bytes = 0;
  #downloads = 0;
  #wrongChecksums = 0;
  #failures = 0;
  #trouble: string | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: BuyerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#ended = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  get state(): Downloads {
    this.#forget();
    const recent = this.#arrivals.reduce((sum, { bytes }) => sum + bytes, 0);
    return {
      bps: (recent * 8_000) / speedMillis,
      bytes: this.#bytes,
      downloads: this.#downloads,
      wrongChecksums: this.#wrongChecksums,
      failures: this.#failures,
      trouble: this.#trouble,
    };
  }

  async #run(): Promise<void> {
    const pauses = new RandomStream(secretOf(this.#options.seed, "pauses"));
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const millis = (await this.#tryOnce()) ? Number(pauses.below(pauseMillisMax)) : afterFailureMillis;
      await pause(millis, signal);
    }
  }

  async #tryOnce(): Promise<boolean> {
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(downloadMillisMax)]);
    try {
      const found = await download(this.#options, signal, (bytes) => this.#arrive(bytes));
      this.#downloads++;
      if (found === this.#options.content.checksum) return true;
      this.#wrongChecksums++;
      this.#trouble = `a download has SHA-256 ${found}, expected ${this.#options.content.checksum}`;
      return false;
    } catch (error) {
      if (this.#stopping.signal.aborted) return false;
      this.#failures++;
      this.#trouble = error instanceof Error ? error.message : String(error);
      return false;
    }
  }

  #arrive(bytes: number): void {
    this.#bytes += bytes;
    this.#arrivals.push({ millis: Date.now(), bytes });
    this.#forget();
  }

  #forget(): void {
    const oldest = Date.now() - speedMillis;
    while (this.#arrivals.length > 0 && this.#arrivals[0]!.millis < oldest) this.#arrivals.shift();
  }
}

function pause(millis: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, millis);
    signal.addEventListener("abort", end);
  });
}

/** The SHA-256 of what came. */
async function download(
  { proxy, content }: BuyerOptions,
  signal: AbortSignal,
  arrive: (bytes: number) => void,
): Promise<string> {
  const tunnel = await openTunnel(proxy, content, signal);
  try {
    const response = await get(content.url, tunnel, signal);
    if (response.statusCode !== 200) throw new Error(`the content server answers ${response.statusCode}`);
    const hash = createHash("sha256");
    for await (const chunk of response as AsyncIterable<Buffer>) {
      hash.update(chunk);
      arrive(chunk.length);
    }
    return hash.digest("hex");
  } finally {
    tunnel.destroy();
  }
}

/** HTTP's CONNECT, as a browser speaks it to a proxy. */
function openTunnel(
  proxy: BuyerOptions["proxy"],
  { host, port }: BuyerOptions["content"],
  signal: AbortSignal,
): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const asked = request({ ...proxy, method: "CONNECT", path: `${host}:${port}`, agent: false, signal });
    asked.once("error", reject);
    asked.once("connect", ({ statusCode, statusMessage }, socket) => {
      if (statusCode === 200) return resolve(socket);
      socket.destroy();
      reject(new Error(`the proxy refuses: ${statusCode} ${statusMessage}`));
    });
    asked.once("response", ({ statusCode, statusMessage }) => {
      asked.destroy();
      reject(new Error(`the proxy refuses: ${statusCode} ${statusMessage}`));
    });
    asked.end();
  });
}

function get(url: string, tunnel: Duplex, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    // An agent, even none, would dial by itself and pass the tunnel by.
    const asked = request(url, { createConnection: () => tunnel as Socket, signal });
    asked.once("error", reject);
    asked.once("response", resolve);
    asked.end();
  });
}
