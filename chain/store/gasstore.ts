/** A store whose every operation is paid for by the SDK's gas schedule (store/gaskv), before it is done. */
import { type GasMeter, storeGas } from "../gas.ts";
import type { Entry, KeyRange, ReadStore, WriteStore } from "./types.ts";

/** Prices of up to so many bytes are worked out once: an operation is priced more often than anything else in a block. */
const pricedLengthMax = 1024;

function pricesPerByte(price: bigint): (length: number) => bigint {
  const prices = Array.from({ length: pricedLengthMax + 1 }, (_, length) => price * BigInt(length));
  return (length) => prices[length] ?? price * BigInt(length);
}

const readPrice = pricesPerByte(storeGas.readPerByte);
const writePrice = pricesPerByte(storeGas.writePerByte);

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
    this.gas.consume(readPrice(key.length + (value === undefined ? 0 : value.length)), "ReadPerByte");
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
      this.gas.consume(readPrice(key.length + value.length), "ValuePerByte");
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
    this.gas.consume(writePrice(key.length + value.length), "WritePerByte");
    this.#writes.set(key, value);
  }

  delete(key: Uint8Array): void {
    this.gas.consume(storeGas.deleteFlat, "Delete");
    this.#writes.delete(key);
  }
}
