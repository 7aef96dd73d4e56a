/** How much one message may hold, before anything is looked up. Pure; what fields of a reading may hold is attestationbytes.ts. */
import { proofLength } from "../../chain/crypto/ecvrf.ts";
import type { AttestationRange } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { attestationSignatureBytes } from "./attestationbytes.ts";
import { hashLength, pathLengthMax } from "./leaves.ts";

/** About what fits into a transaction, and what workers verify in a tenth of a second. */
export const attestationsMax = 1_000;
export const rangesMax = 256;

/** Undefined when all is well. */
export function submissionProblem(ranges: readonly AttestationRange[]): string | undefined {
  if (ranges.length === 0 || ranges.length > rangesMax) return `${ranges.length} ranges; expected 1 to ${rangesMax}`;
  const count = ranges.reduce((sum, { attestations }) => sum + attestations.length, 0);
  if (count > attestationsMax) return `${count} attestations; expected at most ${attestationsMax} in a message`;
  for (const [index, range] of ranges.entries()) {
    const problem = rangeProblem(range);
    if (problem !== undefined) return `ranges[${index}]: ${problem}`;
  }
  return undefined;
}

function rangeProblem({ path, attestations, vrfProof }: AttestationRange): string | undefined {
  if (attestations.length === 0) return "no attestations; expected one or more";
  if (path.length > pathLengthMax) return `a path of ${path.length} hashes; expected at most ${pathLengthMax}`;
  if (path.some(({ length }) => length !== hashLength)) return `a hash in path has not ${hashLength} bytes`;
  if (vrfProof.length !== 0 && vrfProof.length !== proofLength) {
    return `vrf_proof has ${vrfProof.length} bytes; expected ${proofLength}, or none`;
  }
  const badSignature = attestations.find(
    ({ relaySignature: { length } }) => length !== 0 && length !== attestationSignatureBytes,
  );
  if (badSignature === undefined) return undefined;
  return `relay_signature has ${badSignature.relaySignature.length} bytes; expected ${attestationSignatureBytes}, or none`;
}
