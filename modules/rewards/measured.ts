/** What settlement reads of a relay's epoch: registration, bond and tally, as attestation keeps them. Owns no state and no rule. */
import { accountAddress } from "../../chain/address.ts";
import type { ReadContext } from "../../chain/context.ts";
import type { Dec } from "../../chain/dec.ts";
import type { Relay } from "../../proto/gen/weir/attestation/v1/state.ts";
import {
  epochsBehind,
  familyOf,
  minimumBondIn,
  promisesNotice,
  requiredBondFor,
  servesIn,
  type Tally,
  termsAt,
  visibleClaimAt,
} from "../attestation/index.ts";

export interface Measured {
  readonly tally: Tally;
  readonly claimBps: bigint;
  readonly cell: string;
  readonly family: string;
  readonly givesNotice: boolean;
  /** Epochs that its software is behind. */
  readonly lagEpochs: bigint;
  readonly bond: bigint;
  readonly requiredBond: bigint;
  readonly loss: Dec;
  readonly rttRatio: Dec | undefined;
}

/** Of an epoch in which the relay served and could be measured; else undefined. */
export function measuredIn(
  ctx: ReadContext,
  epoch: bigint,
  relay: Relay,
  tallyOf: (relay: bigint) => Tally | undefined,
): Measured | undefined {
  const terms = termsAt(ctx, epoch, relay.id);
  if (!servesIn(terms, epoch)) return undefined;
  const tally = tallyOf(relay.id);
  if (tally === undefined) return undefined;
  const claimBps = visibleClaimAt(ctx, epoch, relay.id);
  const family = familyOf(ctx, epoch, accountAddress.decode(relay.operator));
  return {
    tally,
    claimBps,
    cell: terms.cell,
    family: family === 0n ? "" : `${family}`,
    givesNotice: promisesNotice(ctx, relay),
    lagEpochs: epochsBehind(ctx, relay.softwareVersion, epoch),
    bond: minimumBondIn(ctx, epoch, relay.id),
    requiredBond: requiredBondFor(ctx, claimBps),
    loss: tally.loss ?? 0n,
    rttRatio: tally.rttRatio,
  };
}
