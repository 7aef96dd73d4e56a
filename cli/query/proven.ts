/**
 * A query answered here instead of by the node: the module's own code runs over entries that the node hands out one by one, each with an
 * ICS-23 proof against a header's app hash. Owns that loop. Whom to trust for the header is node/chain/lightclient.ts's.
 */
import { hexUpper } from "../../chain/consensus/json.ts";
import { ChainError, QueryError } from "../../chain/errors.ts";
import { readContext } from "../../chain/execution.ts";
import { unlimitedGasMeter } from "../../chain/gas.ts";
import type { AnyQueryHandler } from "../../chain/module.ts";
import type { ReadStore, ReadStores } from "../../chain/store/types.ts";
import { appHashAt, type BelievedHeaders } from "../../node/chain/lightclient.ts";
import type { NodeClient } from "../../node/chain/nodeclient.ts";
import { provenValue } from "../../node/chain/provenvalue.ts";

/** Entries that one answer may be made of. */
const entriesMax = 200;

export interface ProvenAnswer {
  readonly response: object;
  readonly height: bigint;
  /** Of the header above. */
  readonly appHash: string;
  readonly entries: number;
}

/** The module's code asks for an entry that is not here yet. */
class Missing extends Error {
  readonly store: string;
  readonly key: Uint8Array;

  constructor(store: string, key: Uint8Array) {
    super("an entry is still to be fetched");
    this.store = store;
    this.key = key;
  }
}

class ProvenStores implements ReadStores {
  readonly #entries = new Map<string, Uint8Array | undefined>();

  store(name: string): ReadStore {
    const get = (key: Uint8Array) => {
      const id = idOf(name, key);
      if (!this.#entries.has(id)) throw new Missing(name, key.slice());
      return this.#entries.get(id)?.slice();
    };
    return {
      get,
      has: (key) => get(key) !== undefined,
      iterate: () => {
        throw new Error(
          "this answer is made of a range of entries, and ICS-23 proves single ones: ask for one entry, or leave --prove out",
        );
      },
    };
  }

  set(name: string, key: Uint8Array, value: Uint8Array | undefined): void {
    if (this.#entries.size >= entriesMax) throw new Error(`this answer is made of more than ${entriesMax} entries`);
    this.#entries.set(idOf(name, key), value);
  }

  get size(): number {
    return this.#entries.size;
  }
}

const idOf = (name: string, key: Uint8Array): string => `${name}/${Buffer.from(key).toString("hex")}`;

/** `asked` 0: the newest height whose app hash a header shows. */
export async function proveAnswer(
  node: NodeClient,
  headers: BelievedHeaders,
  handler: AnyQueryHandler,
  request: object,
  asked: bigint,
): Promise<ProvenAnswer> {
  const height = asked === 0n ? (await node.height()) - 1n : asked;
  if (height < 2n) throw new Error("there are no proofs of the first height: ask again after the next block");
  const appHash = await appHashAt(headers, height);
  const { time, chainId } = await headers.header(height);
  const stores = new ProvenStores();
  const block = { chainId, height, time, proposerAddress: new Uint8Array() };
  for (;;) {
    const response = run(handler, request, () => readContext(stores, block, unlimitedGasMeter()));
    if (!(response instanceof Missing)) {
      return { response, height, appHash: hexUpper(appHash), entries: stores.size };
    }
    stores.set(response.store, response.key, await fetchEntry(node, response, height, appHash));
  }
}

function run(
  handler: AnyQueryHandler,
  request: object,
  context: () => ReturnType<typeof readContext>,
): object | Missing {
  try {
    return handler.run(context(), request);
  } catch (error) {
    if (error instanceof Missing) return error;
    if (error instanceof ChainError || error instanceof QueryError) throw new Error(error.message);
    throw error;
  }
}

async function fetchEntry(node: NodeClient, { store, key }: Missing, height: bigint, appHash: Uint8Array) {
  const answer = await node.abciQuery({ path: `/store/${store}/key`, data: key, height, prove: true });
  return provenValue(answer, store, key, appHash);
}
