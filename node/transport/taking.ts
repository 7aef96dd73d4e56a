/**
 * Takes as many bytes from a stream as belong to what is wanted, and leaves the rest there, so that raw bytes can follow. Owns waiting and its
 * end; does not own what is wanted.
 */
import type { Duplex } from "node:stream";

/** What the other end did wrong, or did not do: its stream is of no more use. */
export class StreamFailure extends Error {}

/**
 * `ready` finds how many of the bytes held so far belong to what is wanted, or undefined where more are needed; what it throws ends the taking.
 * Only one may be taken from a stream at a time.
 */
export function take(
  stream: Duplex,
  deadlineMillis: number,
  ready: (held: Buffer) => number | undefined,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let held: Buffer = Buffer.alloc(0);
    const settle = (finish: () => void) => {
      clearTimeout(deadline);
      stream.off("readable", look);
      stream.off("end", ended);
      stream.off("error", broke);
      stream.off("close", ended);
      finish();
    };
    const fail = (error: unknown) => settle(() => reject(error));
    const broke = (error: Error) => fail(new StreamFailure(`the link broke: ${error.message}`));
    const ended = () => fail(new StreamFailure("the other end hung up"));
    const late = () => fail(new StreamFailure(`nothing whole came within ${deadlineMillis} ms`));
    const look = () => {
      try {
        for (let chunk: Buffer | null = stream.read(); chunk !== null; chunk = stream.read()) {
          held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
          const length = ready(held);
          if (length === undefined) continue;
          if (length < held.length) stream.unshift(held.subarray(length));
          return settle(() => resolve(held.subarray(0, length)));
        }
      } catch (error) {
        fail(error);
      }
    };
    const deadline = setTimeout(late, deadlineMillis);
    stream.on("readable", look);
    stream.once("end", ended);
    stream.once("error", broke);
    stream.once("close", ended);
    look();
  });
}
