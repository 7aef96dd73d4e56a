/** GET /metrics for Prometheus, on an address of its own. Owns the listening and its limits; the numbers are a Registry's. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "./metrictext.ts";

const connectionsMax = 20;
const requestMillisMax = 5_000;
const headerBytesMax = 8_192;

export interface MetricsOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly registry: Registry;
  /** Brings up to date what is not counted as it happens; a scrape waits for it. */
  readonly refresh?: () => Promise<void>;
}

export class MetricsServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async listen({ host, port, registry, refresh }: MetricsOptions): Promise<MetricsServer> {
    const server = createServer(
      { maxHeaderSize: headerBytesMax, requestTimeout: requestMillisMax },
      (request, response) => {
        const end = (status: number, text: string, type = "text/plain; charset=utf-8") => {
          response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(text) });
          response.end(request.method === "HEAD" ? undefined : text);
        };
        const path = (request.url ?? "/").split("?")[0];
        if (path === "/") return end(200, "The metrics of this node, for Prometheus: /metrics\n");
        if (path !== "/metrics") return end(404, "there is only /metrics here\n");
        if (request.method !== "GET" && request.method !== "HEAD") return end(405, "expected GET\n");
        void scrape(registry, refresh).then(
          (text) => end(200, text, "text/plain; version=0.0.4; charset=utf-8"),
          () => end(500, "the metrics could not be read\n"),
        );
      },
    );
    server.maxConnections = connectionsMax;
    server.headersTimeout = requestMillisMax;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, resolve);
    });
    return new MetricsServer(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

async function scrape(registry: Registry, refresh: MetricsOptions["refresh"]): Promise<string> {
  await refresh?.();
  return registry.text();
}
