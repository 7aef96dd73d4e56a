/**
 * What the buyer downloads: a server of pseudo-random bytes on this machine, whose checksum everybody can compute from the seed. Oracles buy
 * the same bytes when they come as ordinary buyers. Owns that server; not who downloads.
 */
import { createCipheriv, createHash } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import { type Address, urlOf } from "./places.ts";
import { secretOf } from "./plan.ts";

/** A few seconds of a relay of 10 Mbps. */
export const contentBytes = 4 << 20;
const connectionsMax = 64;
const requestMillisMax = 120_000;

export interface ContentServer {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** SHA-256, in hexadecimal digits. */
  readonly checksum: string;
  /** That were ever made to it. */
  readonly connections: number;
  close(): Promise<void>;
}

/** A keystream: the same for the same seed, and nothing that a compressor gains by. */
export const contentOf = (seed: string): Buffer =>
  createCipheriv("aes-256-ctr", secretOf(seed, "content"), Buffer.alloc(16)).update(Buffer.alloc(contentBytes));

export const contentPath = "/content.bin";

export async function serveContent(seed: string, at: Address): Promise<ContentServer> {
  const content = contentOf(seed);
  const checksum = createHash("sha256").update(content).digest("hex");
  const server = createServer({ requestTimeout: requestMillisMax }, (request, response) => {
    // Who breaks off is nobody's fault here.
    response.on("error", () => response.destroy());
    answer(request.url ?? "", content, checksum, response);
  });
  server.maxConnections = connectionsMax;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(at.port, at.host, resolve);
  });
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  let connections = 0;
  server.on("connection", () => connections++);
  return {
    ...at,
    url: `${urlOf(at)}${contentPath}`,
    checksum,
    get connections() {
      return connections;
    },
    close,
  };
}

function answer(url: string, content: Buffer, checksum: string, response: ServerResponse): void {
  if (url === contentPath) {
    response.writeHead(200, { "content-type": "application/octet-stream", "content-length": content.length });
    response.end(content);
  } else if (url === "/") {
    const text = `Weir devnet: ${contentPath} has ${content.length} bytes, SHA-256 ${checksum}\n`;
    response.writeHead(200, { "content-type": "text/plain" }).end(text);
  } else response.writeHead(404, { "content-type": "text/plain" }).end("there is / and /content.bin\n");
}
