/** Everything that users of a simulated chain do, by weight. A module joins with one line. */
import { bankOperations } from "./operations/bank.ts";
import { beaconOperations } from "./operations/beacon.ts";
import { distributionOperations } from "./operations/distribution.ts";
import { grantOperations } from "./operations/grants.ts";
import { slashingOperations } from "./operations/slashing.ts";
import { stakingOperations } from "./operations/staking.ts";
import { vestingOperations } from "./operations/vesting.ts";
import type { Operation } from "./world.ts";

export const operations: readonly Operation[] = [
  ...bankOperations,
  ...beaconOperations,
  ...distributionOperations,
  ...grantOperations,
  ...stakingOperations,
  ...slashingOperations,
  ...vestingOperations,
];
