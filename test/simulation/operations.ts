/** Everything that users of a simulated chain do, by weight. A module joins with one line. */
import { attestationOperations } from "./operations/attestation.ts";
import { bankOperations } from "./operations/bank.ts";
import { beaconOperations } from "./operations/beacon.ts";
import { complianceOperations } from "./operations/compliance.ts";
import { distributionOperations } from "./operations/distribution.ts";
import { emergencyOperations } from "./operations/emergencies.ts";
import { govOperations } from "./operations/gov.ts";
import { grantOperations } from "./operations/grants.ts";
import { marketOperations } from "./operations/market.ts";
import { registryOperations } from "./operations/registry.ts";
import { reserveOperations } from "./operations/reserve.ts";
import { rewardsOperations } from "./operations/rewards.ts";
import { slashingOperations } from "./operations/slashing.ts";
import { stakingOperations } from "./operations/staking.ts";
import { vestingOperations } from "./operations/vesting.ts";
import type { Operation } from "./world.ts";

export const operations: readonly Operation[] = [
  ...attestationOperations,
  ...bankOperations,
  ...beaconOperations,
  ...complianceOperations,
  ...distributionOperations,
  ...emergencyOperations,
  ...govOperations,
  ...grantOperations,
  ...registryOperations,
  ...marketOperations,
  ...reserveOperations,
  ...rewardsOperations,
  ...stakingOperations,
  ...slashingOperations,
  ...vestingOperations,
];
