/**
 * A relay's end of links, in a process of its own: what it receives it sends back, either as a relay does while it is measured or as the bare
 * loop that this is compared with. Prints one JSON line when it listens; ends when its input does.
 */
import { once } from "node:events";
import { echo } from "../node/measurement/echo.ts";
import { tlsTransport } from "../node/transport/tls.ts";
import type { Link } from "../node/transport/transport.ts";

export interface RelayProcessOptions {
  readonly seedHex: string;
  readonly publicKeyHex: string;
  readonly nonceHex: string;
  readonly isBare: boolean;
}

const bytesMax = 1n << 60n;

async function serve({ seedHex, publicKeyHex, nonceHex, isBare }: RelayProcessOptions): Promise<void> {
  const identity = { seed: Buffer.from(seedHex, "hex"), publicKey: Buffer.from(publicKeyHex, "hex") };
  const nonce = Buffer.from(nonceHex, "hex");
  const listener = await tlsTransport(identity).listen({
    address: { host: "127.0.0.1", port: 0 },
    connectionsMax: 64,
    connectionsPerAddressMax: 64,
    handshakeMillisMax: 10_000,
    onLink: (link) => {
      if (isBare) bareEcho(link);
      else void echo(link, nonce, { bytesMax });
    },
    onRefused: (reason) => console.error(reason),
  });
  console.log(JSON.stringify(listener.address));
  process.stdin.resume();
  await once(process.stdin, "end");
  process.exit(0);
}

function bareEcho({ stream }: Link): void {
  stream.on("data", (chunk: Buffer) => {
    if (!stream.write(chunk)) stream.pause();
  });
  stream.on("drain", () => stream.resume());
  stream.on("error", () => stream.destroy());
}

if (import.meta.main) await serve(JSON.parse(process.argv[2]!) as RelayProcessOptions);
