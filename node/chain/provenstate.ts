/**
 * Entries of the chain's state that nobody can make up: each with its ICS-23 proof against a header whose commit was checked, from a header that
 * the operator trusts. Owns how far that trust has come, which it keeps on disk; the rules are lightverify.ts's and ics23.ts's.
 */
import { headerHash } from "../../chain/consensus/hashes.ts";
import { hexUpper } from "../../chain/consensus/json.ts";
import type { Log } from "../../chain/log.ts";
import type { Clock } from "../clock.ts";
import { pause } from "../daemon/backoff.ts";
import { type Failure, fatal, retry } from "../daemon/failure.ts";
import type { Change, Table } from "../daemon/store.ts";
import { type Endpoints, NodeFault } from "./endpoints.ts";
import { ProofRefused } from "./ics23.ts";
import { appHashAt, headersOf, type Trust } from "./lightclient.ts";
import { HeaderRefused } from "./lightverify.ts";
import { NodeClient } from "./nodeclient.ts";
import { provenValue } from "./provenvalue.ts";

/** A header that was checked. */
export interface TrustedHeader {
  readonly height: bigint;
  /** Upper-case hex. */
  readonly hash: string;
}

export interface KeptTrust {
  readonly table: Table<TrustedHeader>;
  write(changes: readonly Change[]): Promise<void>;
}

export interface ProvenOptions {
  readonly endpoints: Endpoints;
  readonly chainId: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly kept: KeptTrust;
  /** Of the settings; undefined: the first header that all nodes agree on is trusted, once, and said to be. */
  readonly trusted: TrustedHeader | undefined;
  /** Below the time in which stake can be withdrawn. */
  readonly trustMillisMax: number;
}

const newestKey = "newest";
/** Proofs of one height share its header for so long. */
const headerMillisMax = 2_000;
/** For the next block. */
const blockMillisMax = 15_000;
const pollMillis = 150;

interface Basis {
  readonly height: bigint;
  readonly appHash: Uint8Array;
  readonly atMillis: number;
}

export class ProvenState {
  readonly #options: ProvenOptions;
  #basis: Basis | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: ProvenOptions) {
    this.#options = options;
  }

  /** The value of the newest state that can be proven, and of none below `notBefore`; undefined: proven absent. */
  async proven(store: string, key: Uint8Array, notBefore = 0n): Promise<Uint8Array | undefined> {
    const { height, appHash } = await this.#current(notBefore);
    return this.#options.endpoints.withOne(async (rpc) => {
      const question = { path: `/store/${store}/key`, data: key, height, prove: true };
      try {
        return provenValue(await new NodeClient(rpc).abciQuery(question), store, key, appHash);
      } catch (error) {
        if (!(error instanceof ProofRefused)) throw error;
        // Another node may be honest.
        throw new NodeFault(`${rpc.url}: ${error.message}`, error);
      }
    });
  }

  /** Goes on to the newest header, so that trust does not grow too old while nothing is asked. */
  async advance(): Promise<bigint> {
    return (await this.#current(0n)).height;
  }

  /** What is under way is waited for, as it writes; nothing more begins. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last;
  }

  /** One at a time: each begins where the one before arrived. */
  #current(notBefore: bigint): Promise<Basis> {
    const { clock } = this.#options;
    const mine = this.#last.then(async () => {
      if (this.#isClosed) throw retry("the daemon ends");
      const isFresh = this.#basis !== undefined && clock.now() - this.#basis.atMillis < headerMillisMax;
      if (isFresh && this.#basis!.height >= notBefore) return this.#basis!;
      this.#basis = await this.#options.endpoints.withOne(async (rpc) => {
        try {
          return await this.#check(new NodeClient(rpc), notBefore);
        } catch (error) {
          if (!(error instanceof HeaderRefused)) throw error;
          throw this.#refused(error, rpc.url);
        }
      });
      return this.#basis;
    });
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  /** A lie of one node; too old a trust is nobody's, and asks for the operator. */
  #refused(error: HeaderRefused, url: string): Failure {
    if (/too long ago/.test(error.message)) {
      return fatal(`${error.message}: set trust_height and trust_hash in the settings to a block of today`, error);
    }
    return new NodeFault(`${url}: ${error.message}`, error);
  }

  async #check(node: NodeClient, notBefore: bigint): Promise<Basis> {
    const trust = await this.#trust(node);
    const wanted = [trust.height, notBefore + 1n, 2n].reduce((most, height) => (height > most ? height : most));
    const newest = await this.#reached(node, wanted);
    const headers = headersOf(node, trust);
    const header = await headers.header(newest);
    const appHash = await appHashAt(headers, newest - 1n);
    await this.#keep({ height: newest, hash: hexUpper(headerHash(header)) });
    return { height: newest - 1n, appHash, atMillis: this.#options.clock.now() };
  }

  /** The header that shows a state is of the next block: that is waited for, a node that is behind is not. */
  async #reached(node: NodeClient, wanted: bigint): Promise<bigint> {
    const { clock } = this.#options;
    const until = clock.now() + blockMillisMax;
    for (;;) {
      const newest = await node.height();
      if (newest >= wanted) return newest;
      if (newest < wanted - 2n || clock.now() > until) {
        throw new NodeFault(
          `${node.rpc.url} is at height ${newest}; expected ${wanted}, which another node has or promised`,
        );
      }
      await pause(clock, pollMillis);
    }
  }

  async #trust(node: NodeClient): Promise<Trust> {
    const { kept, trusted, trustMillisMax: millisMax, chainId } = this.#options;
    const stored = await kept.table.get(newestKey);
    const newer = stored !== undefined && (trusted === undefined || stored.height >= trusted.height) ? stored : trusted;
    const from = newer ?? (await this.#firstUse(node));
    return { ...from, millisMax, chainId };
  }

  /** Every node that answers has to name the same block; who wants more than that says so in the settings. */
  async #firstUse(node: NodeClient): Promise<TrustedHeader> {
    const height = (await node.height()) - 1n;
    if (height < 1n) throw new NodeFault(`${node.rpc.url} has no second block yet`);
    const { endpoints, log } = this.#options;
    const answers = await Promise.allSettled(
      endpoints.each((rpc) => headersOf(new NodeClient(rpc), undefined).header(height)),
    );
    const hashes = new Set(
      answers.flatMap((answer) => (answer.status === "fulfilled" ? [hexUpper(headerHash(answer.value))] : [])),
    );
    const [hash] = hashes;
    if (hash === undefined) throw retry(`no node in rpc shows the header of height ${height}`);
    if (hashes.size > 1) {
      throw fatal(
        `the nodes in rpc do not agree on block ${height}: set trust_height and trust_hash to one that you know`,
      );
    }
    log.warn("a first header is taken as the nodes tell it: set trust_height and trust_hash to be sure", {
      height,
      hash,
    });
    await this.#keep({ height, hash });
    return { height, hash };
  }

  #keep(header: TrustedHeader): Promise<void> {
    const { table, write } = this.#options.kept;
    return write([table.put(newestKey, header)]);
  }
}
