/**
 * What one address and all together may have: connections, requests in a second, bytes of bodies under way. Owns the counts; what is
 * answered to those beyond is rpc.ts and rpc-websocket.ts.
 */

export interface FairnessLimits {
  readonly connectionsPerAddressMax: number;
  /** Calls in a second of one address, those in batches and over websockets counted one by one. */
  readonly requestsPerSecondMax: number;
  /** Of all requests that are being read at the same time. */
  readonly bodyBytesTotalMax: number;
}

export const defaultFairnessLimits: FairnessLimits = {
  connectionsPerAddressMax: 450,
  requestsPerSecondMax: 20_000,
  bodyBytesTotalMax: 64 << 20,
};

/** Addresses whose requests are counted at the same time: the counts of all start anew when there are more. */
const countedAddressesMax = 10_000;
const windowMillis = 1_000;

export class Fairness {
  readonly #limits: FairnessLimits;
  readonly #connections = new Map<string, number>();
  readonly #requests = new Map<string, number>();
  #windowEnd = 0;
  #bodyBytes = 0;

  constructor(limits: FairnessLimits) {
    this.#limits = limits;
  }

  /** False when the address has as many as it may; the caller cuts the connection, and otherwise releases it when it ends. */
  connect(address: string): boolean {
    const count = this.#connections.get(address) ?? 0;
    if (count >= this.#limits.connectionsPerAddressMax) return false;
    this.#connections.set(address, count + 1);
    return true;
  }

  disconnect(address: string): void {
    const count = this.#connections.get(address) ?? 0;
    if (count <= 1) this.#connections.delete(address);
    else this.#connections.set(address, count - 1);
  }

  /** A text for the client when it asks too much. */
  refusal(address: string, requests = 1): string | undefined {
    const now = Date.now();
    if (now >= this.#windowEnd || this.#requests.size >= countedAddressesMax) {
      this.#requests.clear();
      this.#windowEnd = now + windowMillis;
    }
    const count = (this.#requests.get(address) ?? 0) + requests;
    this.#requests.set(address, count);
    const { requestsPerSecondMax } = this.#limits;
    if (count <= requestsPerSecondMax) return undefined;
    return `more than ${requestsPerSecondMax} requests in a second; try again in a second`;
  }

  /** False when too much is being read already; every byte taken is given back by `release`. */
  take(bytes: number): boolean {
    if (this.#bodyBytes + bytes > this.#limits.bodyBytesTotalMax) return false;
    this.#bodyBytes += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#bodyBytes -= bytes;
  }
}
