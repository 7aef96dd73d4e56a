/**
 * The engine of a simulated chain: validator sets as CometBFT keeps them, votes, proposers, and the faults that a seed asks for:
 * validators that are down, votes that get lost, votes for two blocks, attacks on light clients, clocks that jump.
 */

import type { Timestamp } from "../../chain/context.ts";
import { ed25519Address, sha256 } from "../../chain/crypto/hash.ts";
import { compareBytes } from "../../chain/store/types.ts";
import { type Misbehavior, MisbehaviorType, type ValidatorUpdate } from "../../proto/gen/tendermint/abci/types.ts";
import { BlockIDFlag } from "../../proto/gen/tendermint/types/validator.ts";
import type { Random } from "../helpers/random.ts";
import type { TestApplication } from "../helpers/testapplication.ts";

interface Member {
  readonly address: Uint8Array;
  readonly power: bigint;
}

/** By public key in hex. */
type Members = ReadonlyMap<string, Member>;

/** Chances are one in so many a block, or a block and validator. */
export interface Faults {
  readonly downOneIn: number;
  readonly downBlocksMax: number;
  readonly lostVoteOneIn: number;
  readonly doubleSignOneIn: number;
  readonly jumpOneIn: number;
  readonly jumpSecondsMax: number;
}

export const defaultFaults: Faults = {
  downOneIn: 45,
  downBlocksMax: 25,
  lostVoteOneIn: 20,
  doubleSignOneIn: 12,
  jumpOneIn: 8,
  jumpSecondsMax: 200,
};

/** Heights that evidence may be about. */
const rememberedHeights = 30n;

/** With fewer validators than these nobody is made to fail any more. */
const unharmedMin = 3;

export class SimulatedEngine {
  readonly #chain: TestApplication;
  readonly #random: Random;
  readonly #faults: Faults;
  readonly #sets = new Map<bigint, Members>();
  readonly #times = new Map<bigint, Timestamp>();
  /** Until which height a validator is down. */
  readonly #down = new Map<string, bigint>();
  readonly seen = { absences: 0, doubleSigns: 0, jumps: 0 };

  constructor(chain: TestApplication, random: Random, faults: Faults = defaultFaults) {
    this.#chain = chain;
    this.#random = random;
    this.#faults = faults;
    const genesis = changed(new Map(), chain.genesisValidators);
    // The first block was sealed when the chain was started; what it changed is in force from the next but one on.
    this.#sets.set(chain.height, genesis);
    this.#sets.set(chain.height + 1n, genesis);
    this.#sets.set(chain.height + 2n, changed(genesis, chain.lastUpdates));
    this.#times.set(chain.height, chain.lastBlock().time);
  }

  /** The validators of the next height but one, which is what the chain last asked for. */
  get validators(): readonly Member[] {
    return inOrder(this.#setAt(this.#chain.height + 2n));
  }

  #setAt(height: bigint): Members {
    return this.#sets.get(height) ?? new Map();
  }

  /** What the next block is told. */
  open(): void {
    const chain = this.#chain;
    const last = this.#setAt(chain.height);
    if (this.#happens(this.#faults.jumpOneIn)) this.#jump();
    chain.lastVotes = this.#votes(last);
    chain.misbehavior = this.#happens(this.#faults.doubleSignOneIn) ? this.#doubleSign() : [];
    const proposers = inOrder(this.#setAt(chain.height + 1n));
    chain.proposerAddress = proposers.length === 0 ? new Uint8Array(20) : this.#random.pick(proposers).address;
  }

  /** What the block that was just sealed asked for. */
  follow(updates: readonly ValidatorUpdate[]): void {
    const { height } = this.#chain;
    this.#sets.set(height + 2n, changed(this.#setAt(height + 1n), updates));
    this.#times.set(height, this.#chain.lastBlock().time);
    this.#sets.delete(height - rememberedHeights);
    this.#times.delete(height - rememberedHeights);
  }

  /** Never when only so few are left that the chain might stand still. */
  #happens(oneIn: number): boolean {
    return this.#random.chance(oneIn) && this.#setAt(this.#chain.height + 1n).size >= unharmedMin;
  }

  #jump(): void {
    this.seen.jumps++;
    this.#chain.secondsSkipped += BigInt(1 + this.#random.below(this.#faults.jumpSecondsMax));
  }

  #votes(set: Members) {
    const { BLOCK_ID_FLAG_ABSENT, BLOCK_ID_FLAG_COMMIT, BLOCK_ID_FLAG_NIL } = BlockIDFlag;
    return inOrder(set).map((validator) => {
      if (this.#isAbsent(validator)) return { validator, blockIdFlag: BLOCK_ID_FLAG_ABSENT };
      return { validator, blockIdFlag: this.#random.chance(30) ? BLOCK_ID_FLAG_NIL : BLOCK_ID_FLAG_COMMIT };
    });
  }

  #isAbsent({ address }: Member): boolean {
    const name = hex(address);
    const { height } = this.#chain;
    const { downOneIn, downBlocksMax, lostVoteOneIn } = this.#faults;
    if (this.#happens(downOneIn)) this.#down.set(name, height + BigInt(1 + this.#random.below(downBlocksMax)));
    const isAbsent = (this.#down.get(name) ?? 0n) > height || this.#happens(lostVoteOneIn);
    if (isAbsent) this.seen.absences++;
    return isAbsent;
  }

  /** Of a validator of then; it may be jailed, unbonded or gone by now, and the evidence too old. */
  #doubleSign(): Misbehavior[] {
    const height = this.#random.pick([...this.#times.keys()]);
    const members = inOrder(this.#setAt(height));
    if (members.length === 0) return [];
    this.seen.doubleSigns++;
    return [
      {
        type: this.#random.chance(3) ? MisbehaviorType.LIGHT_CLIENT_ATTACK : MisbehaviorType.DUPLICATE_VOTE,
        validator: this.#random.pick(members),
        height,
        time: this.#times.get(height),
        totalVotingPower: members.reduce((sum, { power }) => sum + power, 0n),
      },
    ];
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

/** As CometBFT orders a set: by power, then by address. */
const inOrder = (set: Members): Member[] =>
  [...set.values()].sort((a, b) => Number(b.power - a.power) || compareBytes(a.address, b.address));

/** As CometBFT takes updates up; what it would refuse, and stop at, throws. */
function changed(set: Members, updates: readonly ValidatorUpdate[]): Members {
  const next = new Map(set);
  const seen = new Set<string>();
  for (const { pubKey, power } of updates) {
    const key = pubKey?.ed25519;
    if (key === undefined) throw new Error("a validator's key is not of ed25519: the engine would stop");
    const name = hex(key);
    if (seen.has(name)) throw new Error(`validator ${name} is updated twice in one block: the engine would stop`);
    seen.add(name);
    if (power < 0n) throw new Error(`validator ${name} gets power ${power}: the engine would stop`);
    if (power === 0n && !next.delete(name))
      throw new Error(`validator ${name} is removed but is none: the engine would stop`);
    if (power > 0n) next.set(name, { address: ed25519Address(key), power });
  }
  return next;
}

/** A seed for a part of a run, so that parts do not share their randomness. */
export const partSeed = (seed: number, part: string): number =>
  Buffer.from(sha256(Buffer.from(`${seed} ${part}`))).readUInt32BE(0);
