/** A store whose every operation is paid for by the SDK's gas schedule (store/gaskv), before it is done. */
import { type GasMeter, storeGas } from "../gas.ts";
import type { Entry, KeyRange, ReadStore, WriteStore } from "./types.ts";

export class GasReadStore implements ReadStore {
  protected readonly gas: GasMeter;
  readonly #reads: ReadStore;

  constructor(store: ReadStore, gas: GasMeter) {
    this.#reads = store;
    this.gas = gas;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    this.gas.consume(storeGas.readFlat, "ReadFlat");
    const value = this.#reads.get(key);
    this.gas.consume(storeGas.readPerByte * BigInt(key.length + (value?.length ?? 0)), "ReadPerByte");
    return value;
  }

  has(key: Uint8Array): boolean {
    this.gas.consume(storeGas.hasFlat, "Has");
    return this.#reads.has(key);
  }

  /** As the SDK charges: the first entry when the iterator opens, then the current entry before each step beyond it. */
  *iterate(range: KeyRange): IterableIterator<Entry> {
    const entries = this.#reads.iterate(range);
    let current = entries.next();
    this.#chargeSeek(current);
    while (!current.done) {
      yield current.value;
      this.#chargeSeek(current);
      current = entries.next();
    }
  }

  #chargeSeek(current: IteratorResult<Entry>): void {
    if (!current.done) {
      const [key, value] = current.value;
      this.gas.consume(storeGas.readPerByte * BigInt(key.length + value.length), "ValuePerByte");
    }
    this.gas.consume(storeGas.iterateNextFlat, "IterNextFlat");
  }
}

export class GasWriteStore extends GasReadStore implements WriteStore {
  readonly #writes: WriteStore;

  constructor(store: WriteStore, gas: GasMeter) {
    super(store, gas);
    this.#writes = store;
  }

  set(key: Uint8Array, value: Uint8Array): void {
    this.gas.consume(storeGas.writeFlat, "WriteFlat");
    this.gas.consume(storeGas.writePerByte * BigInt(key.length + value.length), "WritePerByte");
    this.#writes.set(key, value);
  }

  delete(key: Uint8Array): void {
    this.gas.consume(storeGas.deleteFlat, "Delete");
    this.#writes.delete(key);
  }
}
