/** Random blocks from a seed: what users send, good and bad. Owns how much and which; what there is to do stands in operations.ts. */
import { seededRandom } from "../helpers/random.ts";
import type { TestApplication } from "../helpers/testapplication.ts";
import { createValidator } from "./operations/staking.ts";
import { operations } from "./operations.ts";
import { type Operation, World } from "./world.ts";

const txsPerBlockMax = 14;
/** Validators that the first block makes. */
const founders = 6;
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

  /** What makes an empty chain one that has validators. */
  founding(): Made[] {
    const stake = () => foundersStake + this.world.amount(50_000_000);
    return this.world.chain.accounts
      .slice(0, founders)
      .map((account) => ({ operation: "found", bytes: createValidator(this.world, account, stake(), 0) }));
  }

  block(): Made[] {
    const count = this.world.random.below(txsPerBlockMax + 1);
    return Array.from({ length: count }, () => this.#operation()).flatMap(({ name, make }) => {
      const bytes = make(this.world);
      return bytes === undefined ? [] : [{ operation: name, bytes }];
    });
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
