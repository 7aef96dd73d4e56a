/**
 * From a destination to a connection: its name is resolved once, an address that is not public is never dialled, and so many at a time at most
 * are waited for. Owns those limits; does not own the policy (exits.ts) nor what is carried afterwards (carrying.ts).
 */
import { Resolver } from "node:dns/promises";
import { connect, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { AddressRefused, addressBytes, type Lookup, resolveOnce } from "../transport/resolve.ts";
import type { Destination } from "./exits.ts";

/** What a client is told; the destination stands in none of it. */
export type DialProblem = "policy" | "unreachable" | "full";

export class DialRefused extends Error {
  readonly problem: DialProblem;

  constructor(problem: DialProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

export interface DiallingLimits {
  /** Names that are asked for at a time. */
  readonly resolvingMax: number;
  readonly resolveMillisMax: number;
  /** Connections that are not there yet. */
  readonly connectingMax: number;
  readonly connectMillisMax: number;
}

export const diallingLimits: DiallingLimits = {
  resolvingMax: 128,
  resolveMillisMax: 5_000,
  connectingMax: 512,
  connectMillisMax: 10_000,
};

/** What waits in a connection to a destination before its writer is told to pause. */
const highWaterMarkBytes = 256 << 10;

/** Public by the registry, and yet of the machine's own network: Azure's host, which hands out secrets. */
const neverDialled: readonly string[] = ["168.63.129.16"];

/** Asks name servers itself: the system's way takes one of the few threads that write vouchers, for as long as a slow server likes. */
function serverLookup(millisMax: number): Lookup {
  const resolver = new Resolver({ timeout: Math.ceil(millisMax / 2), tries: 2, maxTimeout: millisMax });
  return async (host) => {
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const found = [v4, v6].flatMap((one) => (one.status === "fulfilled" ? one.value : []));
    if (found.length === 0 && v4.status === "rejected") throw v4.reason;
    return found;
  };
}

export interface DiallerOptions {
  readonly limits?: DiallingLimits;
  /** Asked each time: the operator may change it. Of a devnet and of tests. */
  allowsPrivate(): boolean;
  readonly lookup?: Lookup;
}

export class Dialler {
  readonly #limits: DiallingLimits;
  readonly #allowsPrivate: () => boolean;
  readonly #lookup: Lookup;
  readonly #hasLookup: boolean;
  #resolving = 0;
  #connecting = 0;

  constructor({ limits = diallingLimits, allowsPrivate, lookup }: DiallerOptions) {
    this.#limits = limits;
    this.#allowsPrivate = allowsPrivate;
    this.#hasLookup = lookup !== undefined;
    this.#lookup = lookup ?? serverLookup(limits.resolveMillisMax);
  }

  /** The literal address to send to. */
  async resolve({ host, isLiteral }: Pick<Destination, "host" | "isLiteral">): Promise<string> {
    const { resolvingMax, resolveMillisMax } = this.#limits;
    if (!isLiteral && this.#resolving >= resolvingMax)
      throw new DialRefused("full", "too many names are being resolved");
    const allowsPrivate = this.#allowsPrivate();
    this.#resolving++;
    try {
      // A devnet's names stand in the system's own table, if anywhere.
      const lookup = allowsPrivate && !this.#hasLookup ? {} : { lookup: this.#lookup };
      const address = await resolveOnce(host, { allowsPrivate, deadlineMillis: resolveMillisMax, ...lookup });
      if (!allowsPrivate && isOwn(address)) throw new DialRefused("policy", "not a public address");
      return address;
    } catch (error) {
      throw error instanceof AddressRefused ? dialRefusedOf(error) : error;
    } finally {
      this.#resolving--;
    }
  }

  async connect(destination: Destination, signal: AbortSignal): Promise<Socket> {
    const host = await this.resolve(destination);
    if (signal.aborted) throw new DialRefused("unreachable", "given up");
    if (this.#connecting >= this.#limits.connectingMax) {
      throw new DialRefused("full", "too many connections are being made");
    }
    this.#connecting++;
    try {
      return await connected(host, destination.port, this.#limits.connectMillisMax, signal);
    } finally {
      this.#connecting--;
    }
  }

  get waiting(): { readonly resolving: number; readonly connecting: number } {
    return { resolving: this.#resolving, connecting: this.#connecting };
  }
}

const dialRefusedOf = (error: AddressRefused): DialRefused =>
  error.message.endsWith("no public address")
    ? new DialRefused("policy", "not a public address")
    : new DialRefused("unreachable", "the name leads nowhere");

/** Of this machine: what listens for its own network alone would take the relay for a neighbour. */
function isOwn(address: string): boolean {
  const bytes = addressBytes(address);
  if (bytes === undefined) return true;
  const own = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((one) => one.address));
  return [...neverDialled, ...own].some((one) => {
    const known = addressBytes(one.split("%", 1)[0]!);
    return known !== undefined && Buffer.compare(known, bytes) === 0;
  });
}

const socketOptions = { allowHalfOpen: true, highWaterMark: highWaterMarkBytes } as const;

function connected(host: string, port: number, millisMax: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, ...socketOptions });
    const settle = (finish: () => void) => {
      clearTimeout(deadline);
      signal.removeEventListener("abort", abort);
      socket.off("error", failed);
      socket.off("connect", done);
      finish();
    };
    const fail = (reason: string) =>
      settle(() => {
        socket.on("error", () => undefined);
        socket.destroy();
        reject(new DialRefused("unreachable", reason));
      });
    const abort = () => fail("given up");
    const failed = (error: NodeJS.ErrnoException) => fail(reasonOf(error));
    const done = () =>
      settle(() => {
        socket.setNoDelay(true);
        resolve(socket);
      });
    const deadline = setTimeout(() => fail(`no connection within ${millisMax} ms`), millisMax);
    signal.addEventListener("abort", abort, { once: true });
    socket.once("error", failed);
    socket.once("connect", done);
  });
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there",
  EHOSTUNREACH: "no way leads there",
  ENETUNREACH: "no way leads there",
  ETIMEDOUT: "nobody answered",
  ECONNRESET: "the other end hung up",
};

/** Without the address, which the system's own text has in it. */
const reasonOf = ({ code }: NodeJS.ErrnoException): string => reasons[code ?? ""] ?? "it cannot be reached";
