/** Evidence's part of genesis.json, with the SDK's JSON. Owns what is refused before the chain starts. */
import { consensusAddress } from "../../chain/address.ts";
import type { Genesis } from "../../chain/module.ts";
import { fieldError, fromJson, refusedAs, shown, toJson } from "../../chain/protojson.ts";
import { strictDecode } from "../../chain/tx/strict.ts";
import { GenesisState } from "../../proto/gen/cosmos/evidence/v1beta1/genesis.ts";
import type { Any } from "../../proto/gen/google/protobuf/any.ts";
import { type Equivocation, equivocationProblem, equivocationUrl, hashOf } from "./equivocation.ts";
import { evidences } from "./state.ts";

export interface EvidenceGenesis {
  readonly evidence: readonly Any[];
}

const at = "app_state.evidence.evidence";

function parse(json: unknown): EvidenceGenesis {
  const { evidence } = fromJson<GenesisState>(GenesisState.$type, json, "app_state.evidence");
  const seen = new Map<string, number>();
  for (const [index, any] of evidence.entries()) {
    const path = `${at}[${index}]`;
    checkEvidence(any, path);
    const hash = hashOf(any).join();
    const earlier = seen.get(hash);
    if (earlier !== undefined) throw fieldError(path, `the evidence of [${earlier}] again`, "each one once");
    seen.set(hash, index);
  }
  return { evidence };
}

function checkEvidence({ typeUrl, value }: Any, path: string): void {
  if (typeUrl !== equivocationUrl) throw fieldError(`${path}.@type`, shown(typeUrl), equivocationUrl);
  const equivocation = strictDecode<Equivocation>(equivocationUrl.slice(1), value);
  const problem = equivocationProblem(equivocation);
  if (problem !== undefined) throw fieldError(path, problem, "evidence of a vote for two blocks");
  const { consensusAddress: text } = equivocation;
  refusedAs(`${path}.consensus_address`, shown(text), "a consensus address", () => consensusAddress.decode(text));
}

export const genesis: Genesis<EvidenceGenesis> = {
  default: () => ({ evidence: [] }),
  parse,
  toJson: ({ evidence }) => toJson(GenesisState.$type, { evidence }),
  init(ctx, { evidence }) {
    for (const any of evidence) evidences.set(ctx, hashOf(any), any);
    return undefined;
  },
  export: (ctx) => ({ evidence: [...evidences.iterate(ctx)].map(([, any]) => any) }),
};
