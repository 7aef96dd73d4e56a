/**
 * Headers of a node that somebody believes. Owns the way from a header that the user trusts to the one that is asked for, and how many
 * are fetched; the rules are lightverify.ts. Without a trusted header the node's word is taken, and said to be.
 */
import { asArray, asInteger, asObject } from "../../chain/consensus/json.ts";
import { now } from "../../chain/consensus/time.ts";
import { validatorsMax } from "../../chain/consensus/validators.ts";
import { type LightHeader, readHeader, readSignedHeader, readValidator } from "./lightjson.ts";
import {
  HeaderRefused,
  hashOf,
  type LightBlock,
  TooFewKnown,
  verifyBelow,
  verifyConsistent,
  verifyHeader,
  verifyTwoThirds,
} from "./lightverify.ts";
import type { NodeClient } from "./nodeclient.ts";

/** From the trusted header to the one asked for. */
const headersMax = 500;
const validatorsPerPage = 100;

/** A header that somebody trusts. */
export interface Trust {
  readonly height: bigint;
  /** Upper-case hex. */
  readonly hash: string;
  readonly millisMax: number;
  /** Where it is known. */
  readonly chainId: string | undefined;
}

export interface BelievedHeaders {
  header(height: bigint): Promise<LightHeader>;
  /** In a sentence, for who has to judge: why they are believed. */
  readonly reason: string;
}

export const headersOf = (node: NodeClient, trust: Trust | undefined): BelievedHeaders =>
  trust === undefined ? taken(node) : new LightClient(node, trust);

const taken = (node: NodeClient): BelievedHeaders => ({
  header: async (height) => requireHeight(readHeader(await node.header(height)), height),
  reason:
    "That header is this node's word, and nothing else was asked: with --trust-height and --trust-hash of a block that you know " +
    "from elsewhere, its validators' signatures are checked.",
});

function requireHeight(header: LightHeader, height: bigint): LightHeader {
  if (header.height === height) return header;
  throw new HeaderRefused(`the node answers with the header of height ${header.height} where ${height} was asked for`);
}

class LightClient implements BelievedHeaders {
  readonly #node: NodeClient;
  readonly #trust: Trust;
  readonly #believed = new Map<bigint, LightHeader>();
  #start: LightBlock | undefined;
  #fetched = 0;

  constructor(node: NodeClient, trust: Trust) {
    this.#node = node;
    this.#trust = trust;
  }

  get reason(): string {
    const { height, hash } = this.#trust;
    return `That header is believed because of the one of height ${height} with the hash ${hash}, which you trust; ${this.#fetched} were checked.`;
  }

  async header(height: bigint): Promise<LightHeader> {
    const known = this.#believed.get(height);
    if (known !== undefined) return known;
    const start = await this.#trusted();
    const above = this.#believed.get(height + 1n);
    if (above !== undefined) return this.#below(above, height);
    return height < this.#trust.height ? this.#below(start.header, height) : this.#above(start, height);
  }

  async #trusted(): Promise<LightBlock> {
    const { height, hash, chainId } = this.#trust;
    if (this.#start !== undefined) return this.#start;
    const block = await this.#fetch(height);
    const found = hashOf(block);
    if (found !== hash) {
      throw new HeaderRefused(
        `the node's block of height ${height} has the hash ${found}, and you trust ${hash}: it is of another chain, or it lies`,
      );
    }
    verifyConsistent(block, chainId ?? block.header.chainId);
    verifyTwoThirds(block);
    this.#start = block;
    this.#believed.set(height, block.header);
    return block;
  }

  /** As far as a third of the known validators reaches; where it does not, through a header in between. */
  async #above(start: LightBlock, height: bigint): Promise<LightHeader> {
    const clock = { now: now(), trustMillisMax: this.#trust.millisMax };
    let trusted = start;
    const ahead = [height];
    while (trusted.header.height < height) {
      const next = await this.#fetch(ahead.at(-1)!);
      try {
        verifyHeader(trusted, next, clock);
        trusted = next;
        this.#believed.set(next.header.height, next.header);
        ahead.pop();
      } catch (error) {
        if (!(error instanceof TooFewKnown)) throw error;
        ahead.push((trusted.header.height + next.header.height) / 2n);
      }
    }
    return trusted.header;
  }

  /** Step by step: each header names the one below it. */
  async #below(start: LightHeader, height: bigint): Promise<LightHeader> {
    let above = start;
    while (above.height > height) {
      this.#count();
      const at = above.height - 1n;
      const header = requireHeight(readHeader(await this.#node.header(at)), at);
      verifyBelow(above, header);
      this.#believed.set(at, header);
      above = header;
    }
    return above;
  }

  async #fetch(height: bigint): Promise<LightBlock> {
    this.#count();
    const answer = await this.#node.rpc.call("commit", { height: String(height) });
    const signed = readSignedHeader(answer.signed_header);
    requireHeight(signed.header, height);
    return { ...signed, validators: await this.#validators(height) };
  }

  #count(): void {
    this.#fetched += 1;
    if (this.#fetched <= headersMax) return;
    throw new Error(`more than ${headersMax} headers lie between: trust one that is nearer to the height asked for`);
  }

  async #validators(height: bigint) {
    const all: unknown[] = [];
    for (let page = 1; ; page++) {
      const params = { height: String(height), page: String(page), per_page: String(validatorsPerPage) };
      const answer = await this.#node.rpc.call("validators", params);
      const found = asArray(asObject(answer, "validators").validators, "validators");
      const total = Number(asInteger(answer.total, "total"));
      all.push(...found);
      if (total > validatorsMax) throw new Error(`the node says that there are ${total} validators`);
      if (found.length === 0 || all.length >= total) return all.map(readValidator);
    }
  }
}

/** The app hash of the state at `height`, which the header above it shows. */
export async function appHashAt(headers: BelievedHeaders, height: bigint): Promise<Uint8Array> {
  const { appHash } = await headers.header(height + 1n);
  if (appHash.length === 0) throw new Error(`the header of height ${height + 1n} shows no app hash`);
  return appHash;
}
