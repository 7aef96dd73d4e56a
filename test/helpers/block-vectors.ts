/** test/vectors/blocks.json: what CometBFT itself answers (docs/vectors/blocks). */
import { readFileSync } from "node:fs";

interface Hashed {
  readonly proto: string;
  readonly hash: string;
}

export interface SetStep {
  readonly changes: readonly { readonly key: number; readonly power: string }[];
  readonly turns: number;
  readonly validators: readonly { readonly key: number; readonly power: string; readonly priority: string }[];
  readonly proposer: number;
  readonly hash: string;
  readonly refused?: boolean;
}

export interface BlockVectors {
  readonly chainId: string;
  readonly headers: readonly Hashed[];
  readonly commits: readonly (Hashed & { readonly signBytes: readonly string[] })[];
  readonly proposals: readonly { readonly proto: string; readonly signBytes: string }[];
  readonly blocks: readonly (Hashed & {
    readonly sizes: readonly number[];
    readonly dataHash: string;
    readonly total: number;
    readonly partHash: string;
    readonly parts: readonly { readonly index: number; readonly proto: string }[];
  })[];
  readonly txProofs: readonly {
    readonly txs: readonly string[];
    readonly hash: string;
    readonly proofs: readonly { readonly index: number; readonly proto: string }[];
  }[];
  readonly params: readonly Hashed[];
  readonly results: readonly { readonly results: readonly string[]; readonly hash: string }[];
  readonly evidence: readonly Hashed[];
  readonly medians: readonly {
    readonly votes: readonly { readonly nanos: string; readonly weight: string }[];
    readonly median: string;
  }[];
  readonly validatorKeys: readonly string[];
  readonly validatorSets: readonly (readonly SetStep[])[];
  readonly rpc: readonly { readonly name: string; readonly proto: string; readonly json: unknown }[];
  readonly keyFiles: {
    readonly validatorKey: unknown;
    readonly stateBefore: unknown;
    readonly stateAfter: unknown;
    readonly vote: string;
    readonly nodeKey: unknown;
    readonly nodeId: string;
  };
  readonly queries: readonly { readonly query: string; readonly text?: string; readonly error?: string }[];
}

const file = new URL("../vectors/blocks.json", import.meta.url);

export const blockVectors = JSON.parse(readFileSync(file, "utf8")) as BlockVectors;

export const fromHex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
