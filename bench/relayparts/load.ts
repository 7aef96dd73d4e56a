/** A buyer at full speed in a process of its own, so that who measures beside it has a core's attention: downloads until its input ends. */
import { once } from "node:events";
import type { Address } from "../../node/transport/transport.ts";
import { Buyer } from "./buyer.ts";
import { wishes } from "./ends.ts";

export interface LoadOptions {
  readonly relay: Address;
  readonly relayKeyHex: string;
  readonly seedHex: string;
  readonly source: Address;
  readonly connections: number;
}

async function load({ relay, relayKeyHex, seedHex, source, connections }: LoadOptions): Promise<void> {
  const at = { address: relay, publicKey: Uint8Array.from(Buffer.from(relayKeyHex, "hex")) };
  const buyer = new Buyer(at, 99n, Uint8Array.from(Buffer.from(seedHex, "hex")));
  await buyer.open();
  for (let index = 0; index < connections; index++) {
    const { stream } = await buyer.forward(source);
    stream.on("data", (chunk: Buffer) => buyer.count(chunk.length));
    stream.write(Buffer.of(wishes.send));
  }
  console.log("{}");
  process.stdin.resume();
  await once(process.stdin, "end");
  process.exit(0);
}

if (import.meta.main) await load(JSON.parse(process.argv[2]!) as LoadOptions);
