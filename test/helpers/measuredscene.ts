/** One epoch of a test chain that was measured and is not submitted yet: what a test may submit, in whole, in part or otherwise. */
import { expect } from "vitest";
import { attestationBytes, attestationKind } from "../../modules/attestation/attestationbytes.ts";
import { readings } from "../../modules/attestation/readingsstate.ts";
import type { Attestation, AttestationRange } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { type Committed, type Due, MeasuredChain, type MeasuredOptions, signed } from "./measuredchain.ts";
import { testBlock } from "./testchain.ts";

const isOvert = ({ kind }: Due) => kind === attestationKind.overt;

export interface Measured {
  readonly chain: MeasuredChain;
  readonly epoch: bigint;
  /** Of the first oracle, committed to and not submitted. */
  readonly committed: Committed;
}

/** In the third block of the epoch after one that was measured: `changed` is what oracle 1 attests instead. */
export function measured(
  changed: (honest: Attestation[], chain: MeasuredChain, dues: readonly Due[]) => Attestation[] = (honest) => honest,
  options: Partial<MeasuredOptions> = {},
): Measured {
  const params = { covert_rate: "0" };
  const chain = new MeasuredChain({ oracles: 4, relays: 4, params, checksInvariants: false, ...options });
  chain.epochs(1);
  chain.toLastBlock();
  const { epoch } = chain;
  const oracle = chain.oracles[0]!;
  const dues = chain.due(oracle).filter(isOvert);
  const honest = dues.map((due) => chain.attest(due, epoch));
  const committed = chain.treeOf(oracle, epoch, changed(honest, chain, dues));
  expect(chain.commit(committed)).toBeUndefined();
  chain.toNextEpoch();
  chain.block();
  chain.block();
  expect(chain.epoch).toBe(epoch + 1n);
  return { chain, epoch, committed };
}

export const codesOf = (chain: MeasuredChain, ranges: readonly AttestationRange[]) =>
  chain.submit(ranges).map(({ code }) => code);

export const relaysRead = ({ chain, epoch }: Measured) =>
  [...readings.iterate(chain.chain.context(), { leading: [epoch] })].flatMap(([[, relay], { readings: list }]) =>
    list.map(({ oracle }) => `${oracle}→${relay}`),
  );

/** The same reading signed anew, as its oracle would. */
export const resigned = (
  chain: MeasuredChain,
  epoch: bigint,
  attestation: Attestation,
  changes: Partial<Attestation>,
) => {
  const oracle = chain.oracles[0]!;
  const value = { ...attestation, ...changes };
  const place = { chainId: testBlock.chainId, epoch, oracle: oracle.id };
  return { ...value, signature: signed(oracle.keys, attestationBytes(place, value)) };
};
