/** The journal on disk: one record of each reading and of each epoch, in the daemon's store. Owns the tables and their keys. */
import type { Attestation } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { type Change, type DaemonStore, jsonCodec, numberKeyText, type Table } from "../daemon/store.ts";
import type { EpochRecord, ReadingRecord, Records } from "./journal.ts";
import { workKey } from "./work.ts";

/** Changes of one write. */
const writesMax = 5_000;

const epochKey = numberKeyText;
const readingKey = (epoch: bigint, key: string): string => `${epochKey(epoch)}/${key}`;

export class Journal {
  readonly #store: DaemonStore;
  readonly #epochs: Table<EpochRecord>;
  readonly #readings: Table<ReadingRecord>;

  constructor(store: DaemonStore) {
    this.#store = store;
    this.#epochs = store.table("epochs", jsonCodec<EpochRecord>());
    this.#readings = store.table("readings", jsonCodec<ReadingRecord>());
  }

  async load(): Promise<Records> {
    const [epochs, readings] = await Promise.all([this.#epochs.all(), this.#readings.all()]);
    return { epochs: [...epochs.values()], readings: [...readings.values()] };
  }

  /** An attestation that is there stays: a record of how far its reading is knows nothing of it. */
  async write(epoch: EpochRecord | undefined, readings: readonly ReadingRecord[]): Promise<void> {
    const changes: Change[] = [];
    for (const record of readings) {
      const key = readingKey(record.epoch, workKey(record.relay, record.kind));
      const before = record.attestation === undefined ? await this.#readings.get(key) : undefined;
      const { leaf, attestation } = before ?? {};
      const isSigned = leaf !== undefined && attestation !== undefined;
      changes.push(this.#readings.put(key, isSigned ? { ...record, leaf, attestation } : record));
    }
    await this.#writeAll(changes);
    // The epoch's record says that all of them are signed: it comes last.
    if (epoch !== undefined) await this.#store.write([this.#epochs.put(epochKey(epoch.number), epoch)]);
  }

  async #writeAll(changes: readonly Change[]): Promise<void> {
    for (let at = 0; at < changes.length; at += writesMax) await this.#store.write(changes.slice(at, at + writesMax));
  }

  async forget(epoch: bigint, works: readonly string[]): Promise<void> {
    const changes = works.map((key) => this.#readings.remove(readingKey(epoch, key)));
    await this.#writeAll(changes);
    await this.#store.write([this.#epochs.remove(epochKey(epoch))]);
  }

  /** In the order of the tree. */
  async attestationsOf(epoch: bigint, works: readonly string[]): Promise<Attestation[]> {
    const records = await Promise.all(works.map((key) => this.#readings.get(readingKey(epoch, key))));
    return records
      .filter((record) => record?.attestation !== undefined)
      .sort((left, right) => left!.leaf! - right!.leaf!)
      .map((record) => record!.attestation!);
  }
}
