/** What an operation of the simulation may use: the seed's randomness, the chain's accounts, and the state to choose from. */
import { accountAddress } from "../../chain/address.ts";
import { type GeneratedMessage, messageCodec } from "../../chain/codec.ts";
import type { ReadContext } from "../../chain/context.ts";
import { readContext } from "../../chain/execution.ts";
import { unlimitedGasMeter } from "../../chain/gas.ts";
import { weir } from "../../modules/index.ts";
import type { Random } from "../helpers/random.ts";
import { chainId, denom, type TestAccount, type TestApplication, testAccount } from "../helpers/testapplication.ts";

/** A message with its codec, ready to be signed. */
export interface Said {
  readonly codec: ReturnType<typeof messageCodec>;
  readonly value: unknown;
}

/**
 * One kind of thing that users do. `make` gives the bytes of a transaction, or nothing when there is nothing to do it with. Heavier
 * ones are made more often; about half of what is made should be good.
 */
export interface Operation {
  readonly name: string;
  readonly weight: number;
  make(world: World): Uint8Array | undefined;
}

/** Beyond these, accounts are ones that the chain has not seen. */
const strangers = 40;

export const fee = (gasLimit = 1_000_000n) => ({ amount: [{ denom, amount: 2000n }], gasLimit });

export const said = <M>(message: GeneratedMessage<M>, value: M): Said => ({
  codec: messageCodec(message) as Said["codec"],
  value,
});

/** Of the newest committed state. */
export const queryContext = (chain: TestApplication): ReadContext => {
  const { height, time } = chain.lastBlock();
  const block = { chainId, height, time, proposerAddress: new Uint8Array(0) };
  return readContext(chain.state.latest, block, unlimitedGasMeter());
};

export class World {
  readonly random: Random;
  readonly chain: TestApplication;

  constructor(chain: TestApplication, random: Random) {
    this.chain = chain;
    this.random = random;
  }

  get context(): ReadContext {
    return queryContext(this.chain);
  }

  /** One that can sign. */
  account(): TestAccount {
    return this.random.pick(this.chain.accounts);
  }

  /** Of one that can sign, if that is the owner's. */
  accountOf(address: string): TestAccount | undefined {
    return this.chain.accounts.find((account) => account.address === address);
  }

  /** An address, mostly of an account that there is. */
  address(): string {
    return testAccount(this.random.below(strangers)).address;
  }

  /** From 1 to `max`. */
  amount(max = 1_000_000): bigint {
    return BigInt(1 + this.random.below(max));
  }

  /** One of what a store holds; nothing of an empty one. */
  oneOf<T>(all: Iterable<T>): T | undefined {
    const list = [...all];
    return list.length === 0 ? undefined : this.random.pick(list);
  }

  sign(signer: TestAccount, ...messages: readonly Said[]): Uint8Array {
    return this.chain.sign(signer, { messages: [...messages] }, fee());
  }

  /** A test account counts the sequences it signed with; the chain knows which of them counted. */
  resynchronise(): void {
    const { accounts } = weir.ante;
    const ctx = this.context;
    for (const account of this.chain.accounts)
      account.sequence = accounts.account(ctx, accountAddress.decode(account.address))?.sequence ?? 0n;
  }
}
