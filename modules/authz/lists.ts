/** What the lists of addresses within authorizations share. */

/** Addresses in one list: every use goes through them, and pays for each. */
export const listedMax = 1_000;

/** cosmos-sdk gasCostPerIteration of send and stake authorizations. */
export const gasPerListed = 10n;
