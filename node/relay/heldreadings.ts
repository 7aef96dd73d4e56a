/**
 * Readings of this relay on disk, from their delivery until they are of no more use: each with its path, how far it is on its way, and the batch it
 * went in. Owns their form in the daemon's store; does not own what is due (step.ts).
 */
import { messageCodec } from "../../chain/codec.ts";
import { AttestationRange } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { type DaemonStore, jsonCodec, type Table } from "../daemon/store.ts";
import { type Held, heldKey } from "./step.ts";

interface Stored {
  readonly held: Held;
  /** Of this one reading, or of neighbours: then each of them has it. */
  readonly range: Uint8Array;
}

const rangeCodec = messageCodec(AttestationRange);

export class HeldReadings {
  readonly #store: DaemonStore;
  readonly #table: Table<Stored>;

  constructor(store: DaemonStore) {
    this.#store = store;
    this.#table = store.table<Stored>("readings", jsonCodec<Stored>());
  }

  async all(): Promise<Held[]> {
    return [...(await this.#table.all()).values()].map(({ held }) => held);
  }

  /** What is there already stays as it is: it may be on its way. Resolves to what is on disk now. */
  async keep(ranges: readonly AttestationRange[]): Promise<Held[]> {
    const kept: Held[] = [];
    for (const range of ranges) {
      const bytes = rangeCodec.encode(range);
      for (const one of heldIn(range)) {
        const known = await this.#table.get(heldKey(one));
        if (known === undefined) await this.#store.write([this.#table.put(heldKey(one), { held: one, range: bytes })]);
        kept.push(known?.held ?? one);
      }
    }
    return kept;
  }

  async mark(keys: readonly string[], changes: Pick<Held, "stage" | "batch">): Promise<void> {
    const writes = [];
    for (const key of keys) {
      const known = await this.#table.get(key);
      if (known !== undefined) writes.push(this.#table.put(key, { ...known, held: { ...known.held, ...changes } }));
    }
    await this.#store.write(writes);
  }

  /** As the chain takes them: neighbours once, in ascending order. */
  async ranges(keys: readonly string[]): Promise<AttestationRange[]> {
    const found = new Map<string, AttestationRange>();
    for (const key of [...keys].sort()) {
      const stored = await this.#table.get(key);
      if (stored === undefined) continue;
      found.set(Buffer.from(stored.range).toString("base64"), rangeCodec.decode(stored.range));
    }
    return [...found.values()];
  }

  async forget(keys: readonly string[]): Promise<void> {
    await this.#store.write(keys.map((key) => this.#table.remove(key)));
  }
}

const heldIn = ({ epoch, oracle, attestations }: AttestationRange): Held[] =>
  attestations.map(({ kind, measuredBps, relaySignature }) => ({
    epoch,
    oracle,
    kind,
    measuredBps,
    isCountersigned: relaySignature.length > 0,
    stage: "kept",
    batch: 0,
  }));
