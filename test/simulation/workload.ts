/** Random blocks from a seed: what users send, good and bad. Owns how much and which; what there is to do stands in operations.ts. */
import { seededRandom } from "../helpers/random.ts";
import type { TestApplication } from "../helpers/testapplication.ts";
import { duties, registerOracle, registerRelay } from "./operations/attestation.ts";
import { createValidator } from "./operations/staking.ts";
import { operations } from "./operations.ts";
import { type Operation, World } from "./world.ts";

const txsPerBlockMax = 16;
/** Validators that the first block makes. */
const founders = 6;
const foundingOracles = 5;
const foundersStake = 150_000_000n;

export interface Made {
  readonly operation: string;
  readonly bytes: Uint8Array;
}

export class Workload {
  readonly world: World;
  readonly #weights = operations.reduce((sum, { weight }) => sum + weight, 0);

  constructor(chain: TestApplication, seed: number) {
    this.world = new World(chain, seededRandom(seed));
  }

  /** What makes an empty chain one that has validators, and something to measure. */
  founding(): Made[] {
    const { world } = this;
    const { accounts } = world.chain;
    const stake = () => foundersStake + world.amount(50_000_000);
    return [
      ...accounts.slice(0, founders).map((account) => createValidator(world, account, stake(), 0)),
      ...accounts.slice(0, foundingOracles).map((account) => registerOracle(world, account)),
      ...accounts.slice(foundingOracles).map((account) => registerRelay(world, account)),
    ].map((bytes) => ({ operation: "found", bytes }));
  }

  block(): Made[] {
    const count = this.world.random.below(txsPerBlockMax + 1);
    const made = Array.from({ length: count }, () => this.#operation()).flatMap(({ name, make }) => {
      const bytes = make(this.world);
      return bytes === undefined ? [] : [{ operation: name, bytes }];
    });
    return [...made, ...duties(this.world)];
  }

  #operation(): Operation {
    let at = this.world.random.below(this.#weights);
    for (const operation of operations) {
      if (at < operation.weight) return operation;
      at -= operation.weight;
    }
    return operations[0]!;
  }
}
