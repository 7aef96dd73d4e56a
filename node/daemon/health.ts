/**
 * What a daemon tells those who watch it, over HTTP: /metrics for Prometheus, /health for whoever restarts it, /status for its own commands. Owns
 * the listening and its limits. It is for this machine: nothing here names a destination, a client or a secret.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "../../chain/server/metrictext.ts";
import type { Clock } from "../clock.ts";
import type { Address } from "../transport/transport.ts";

const connectionsMax = 20;
const requestMillisMax = 5_000;
const headerBytesMax = 8_192;
const requestsPerSecondMax = 50;
const answerBytesMax = 4 << 20;

export interface Health {
  readonly isHealthy: boolean;
  /** What is wrong, a sentence each; also of a healthy daemon. */
  readonly problems: readonly string[];
}

export interface HealthOptions {
  readonly address: Address;
  readonly registry: Registry;
  readonly clock: Clock;
  health(): Health;
  /** JSON, bigint as text. */
  status(): unknown;
}

export interface HealthServer {
  readonly address: Address;
  close(): Promise<void>;
}

interface Answer {
  readonly code: number;
  readonly text: string;
  readonly type?: string;
}

const json = (code: number, value: unknown): Answer => ({
  code,
  text: `${JSON.stringify(value, (_, item) => (typeof item === "bigint" ? String(item) : item))}\n`,
  type: "application/json",
});

function answerTo({ url = "/", method }: IncomingMessage, options: HealthOptions): Answer {
  if (method !== "GET" && method !== "HEAD") return { code: 405, text: "expected GET\n" };
  const path = url.split("?", 1)[0];
  if (path === "/metrics") {
    return { code: 200, text: options.registry.text(), type: "text/plain; version=0.0.4; charset=utf-8" };
  }
  if (path === "/status") return json(200, options.status());
  if (path === "/health") {
    const { isHealthy, problems } = options.health();
    return json(isHealthy ? 200 : 503, { healthy: isHealthy, problems });
  }
  return { code: 404, text: "there are /metrics, /health and /status here\n" };
}

export async function serveHealth(options: HealthOptions): Promise<HealthServer> {
  const { address, clock } = options;
  const limit = rateLimit(clock);
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const answer = limit() ? safely(() => answerTo(request, options)) : { code: 429, text: "too many requests\n" };
    const text = answer.text.length > answerBytesMax ? "the answer is too long\n" : answer.text;
    response.writeHead(answer.code, {
      "content-type": answer.type ?? "text/plain; charset=utf-8",
      "content-length": Buffer.byteLength(text),
    });
    response.end(request.method === "HEAD" ? undefined : text);
    request.resume();
  };
  const server = createServer({ maxHeaderSize: headerBytesMax, requestTimeout: requestMillisMax }, onRequest);
  server.maxConnections = connectionsMax;
  server.headersTimeout = requestMillisMax;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(address.port, address.host, resolve);
  });
  return {
    address: { host: address.host, port: (server.address() as AddressInfo).port },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** What cannot be read is said to be so; the daemon's work goes on. */
function safely(answer: () => Answer): Answer {
  try {
    return answer();
  } catch (error) {
    return { code: 500, text: `this cannot be read: ${error instanceof Error ? error.message : error}\n` };
  }
}

function rateLimit(clock: Clock): () => boolean {
  let from = clock.now();
  let count = 0;
  return () => {
    if (clock.now() - from >= 1_000) {
      from = clock.now();
      count = 0;
    }
    count += 1;
    return count <= requestsPerSecondMax;
  };
}
