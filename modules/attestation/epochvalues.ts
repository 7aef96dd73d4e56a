/**
 * Values that draws read: each holds from an epoch on, so that what happens in an epoch cannot change it any more. Pure; owns which of them
 * are kept.
 */

export interface FromEpoch {
  readonly fromEpoch: bigint;
}

/** An epoch is settled three epochs later, with a page to spare: what it read is kept until then. */
export const epochsRead = 4n;
/** An oracle answers for what it signed longer than an epoch takes to settle. */
export const oracleEpochsRead = 32n;

/** What held in an epoch; undefined before the first value. */
export const valueAt = <T extends FromEpoch>(values: readonly T[], epoch: bigint): T | undefined =>
  values.findLast(({ fromEpoch }) => fromEpoch <= epoch);

/**
 * With one more value, which takes the place of what was announced from then on. What no epoch from `oldest` on reads is left out, so that
 * there is at most one value an epoch that is read, and one before them.
 */
export function withValue<T extends FromEpoch>(values: readonly T[], value: T, oldest: bigint): T[] {
  const list = [...values.filter(({ fromEpoch }) => fromEpoch < value.fromEpoch), value];
  const first = list.findLastIndex(({ fromEpoch }) => fromEpoch <= oldest);
  return first <= 0 ? list : list.slice(first);
}
