/** Carries bytes between a program and a stream through a relay, each direction ending by itself, and counts them. Owns no decision about money. */
import type { Duplex, Readable, Writable } from "node:stream";
import type { Forwarded } from "./paidsession.ts";

interface Way {
  readonly from: Readable;
  readonly to: Writable;
  count(bytes: number): void;
}

function along({ from, to, count }: Way): void {
  from.on("data", (chunk: Buffer) => {
    count(chunk.length);
    if (to.write(chunk)) return;
    from.pause();
    to.once("drain", () => from.resume());
  });
  from.once("end", () => to.end());
  // Whoever looked for the first words has left it paused.
  from.resume();
}

/** Resolves when both are closed. */
export function carry(local: Duplex, forwarded: Forwarded): Promise<void> {
  const { stream, link, sent, received } = forwarded;
  const closed = (of: Duplex) =>
    new Promise<void>((resolve) => (of.closed ? resolve() : of.once("close", () => resolve())));
  local.on("error", () => link.reset());
  stream.on("error", () => local.destroy());
  local.once("close", () => {
    if (!stream.readableEnded || !stream.writableFinished) link.reset();
  });
  stream.once("close", () => {
    if (!local.readableEnded || !local.writableFinished) local.destroy();
  });
  along({ from: local, to: stream, count: sent });
  along({ from: stream, to: local, count: received });
  return Promise.all([closed(local), closed(stream)]).then(() => undefined);
}
