/** A state with many validators, delegations and unbondings, built by the modules' own functions. For the bench of mixed blocks. */
import { accountAddress, moduleAddress, validatorAddress } from "../chain/address.ts";
import type { BlockInfo, Context } from "../chain/context.ts";
import { ed25519Address, sha256 } from "../chain/crypto/hash.ts";
import { ed25519KeyPair } from "../chain/crypto/sign.ts";
import { executionContext } from "../chain/execution.ts";
import { unlimitedGasMeter } from "../chain/gas.ts";
import { Journal } from "../chain/store/journal.ts";
import type { MultiStore } from "../chain/store/multistore.ts";
import { defaultConsensusParams } from "../modules/consensus/index.ts";
import { weir } from "../modules/index.ts";
import {
  delegate,
  notBondedPoolName,
  requireUnbondShares,
  requireValidator,
  undelegate,
} from "../modules/staking/index.ts";
import { chainId, denom, type Signer } from "./load.ts";

export interface StakedChain {
  readonly validators: number;
  /** Of each signer, to validators that stand next to each other. */
  readonly delegationsEach: number;
  readonly unbondings: number;
}

export interface BenchValidator {
  /** The operator's. */
  readonly address: Uint8Array;
  readonly text: string;
  readonly consensusAddress: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly tokens: bigint;
}

export const startSeconds = 1_700_000_000n;
export const secondsPerBlock = 5n;

export const blockAt = (height: bigint, proposerAddress: Uint8Array): BlockInfo => ({
  chainId,
  height,
  time: { seconds: startSeconds + secondsPerBlock * height, nanos: 0 },
  proposerAddress,
});

export const makeValidators = (count: number): BenchValidator[] =>
  Array.from({ length: count }, (_, index) => {
    const address = sha256(Buffer.from(`bench operator ${index}`)).slice(0, 20);
    const { publicKey } = ed25519KeyPair(sha256(Buffer.from(`bench consensus key ${index}`)));
    const tokens = 100_000_000_000n + BigInt(index) * 1_000_000n;
    const consensusAddress = ed25519Address(publicKey);
    return { address, text: validatorAddress.encode(address), consensusAddress, publicKey, tokens };
  });

function defaults(name: string): { readonly params: object } {
  const { genesis } = weir.modules.find((module) => module.name === name)!;
  return genesis.toJson(genesis.default()) as { readonly params: object };
}

/** Unbonded, so that genesis bonds them and everybody is told. */
const validatorJson = ({ text, publicKey, tokens }: BenchValidator) => ({
  operator_address: text,
  consensus_pubkey: { "@type": "/cosmos.crypto.ed25519.PubKey", key: Buffer.from(publicKey).toString("base64") },
  jailed: false,
  status: "BOND_STATUS_UNBONDED",
  tokens: `${tokens}`,
  delegator_shares: `${tokens}`,
  description: { moniker: "a validator's name", identity: "", website: "", security_contact: "", details: "" },
  unbonding_height: "0",
  unbonding_time: "1970-01-01T00:00:00Z",
  commission: {
    commission_rates: { rate: "0.1", max_rate: "1", max_change_rate: "1" },
    update_time: "2023-01-01T00:00:00Z",
  },
  min_self_delegation: "1",
  unbonding_on_hold_ref_count: "0",
  unbonding_ids: [],
});

/** Whoever stakes: here nobody signs. */
export type Staker = Pick<Signer, "address">;

function appState(signers: readonly Staker[], validators: readonly BenchValidator[]): Record<string, unknown> {
  const staked = validators.reduce((sum, { tokens }) => sum + tokens, 0n);
  const rich = { coins: [{ denom, amount: "4000000000" }] };
  const pool = accountAddress.encode(moduleAddress(notBondedPoolName));
  const staking = defaults("staking");
  return {
    auth: {
      ...defaults("auth"),
      accounts: signers.map(({ address }, index) => ({
        "@type": "/cosmos.auth.v1beta1.BaseAccount",
        address,
        pub_key: null,
        account_number: `${index}`,
        sequence: "0",
      })),
    },
    bank: {
      ...defaults("bank"),
      balances: [
        { address: pool, coins: [{ denom, amount: `${staked}` }] },
        ...signers.map(({ address }) => ({ address, ...rich })),
      ],
    },
    staking: {
      ...staking,
      params: { ...staking.params, max_validators: validators.length },
      validators: validators.map(validatorJson),
      delegations: validators.map(({ address, text, tokens }) => ({
        delegator_address: accountAddress.encode(address),
        validator_address: text,
        shares: `${tokens}`,
      })),
    },
  };
}

/** Changes of so many items are one height while the state is built. */
const itemsPerHeight = 20_000;

/** Runs `item` for 0 to `count`, some thousands of them a height. */
export function build(state: MultiStore, count: number, item: (ctx: Context, index: number) => void): void {
  for (let from = 0; from < count || from === 0; from += itemsPerHeight) {
    const journal = new Journal(state.latest);
    const height = state.height + 1;
    const ctx = executionContext(journal, blockAt(BigInt(height), new Uint8Array(0)), "finalize", unlimitedGasMeter());
    for (let index = from; index < Math.min(count, from + itemsPerHeight); index++) item(ctx, index);
    state.apply(height, journal.changes());
    state.commit();
  }
}

function beginChain(state: MultiStore, parts: Record<string, unknown>): void {
  const journal = new Journal(state.latest);
  const ctx = executionContext(journal, blockAt(0n, new Uint8Array(0)), "genesis", unlimitedGasMeter());
  weir.consensusParams.set(ctx, defaultConsensusParams);
  for (const { name, genesis } of weir.order.genesis) {
    const part = parts[name] === undefined ? genesis.default() : genesis.parse(parts[name]);
    genesis.init(ctx, part, () => {
      throw new Error("this genesis has no transactions");
    });
  }
  state.apply(1, journal.changes());
  state.commit();
}

export const validatorOf = (
  validators: readonly BenchValidator[],
  signer: number,
  delegation: number,
): BenchValidator => validators[(signer * 7 + delegation) % validators.length]!;

/** The unbondings begin at different heights, so that they come free one after the other, long after the bench. */
export function buildStakes(
  state: MultiStore,
  signers: readonly Staker[],
  validators: readonly BenchValidator[],
  { delegationsEach, unbondings }: StakedChain,
): void {
  beginChain(state, appState(signers, validators));
  const addressOf = signers.map(({ address }) => accountAddress.decode(address));
  build(state, signers.length * delegationsEach, (ctx, index) => {
    const signer = Math.floor(index / delegationsEach);
    const { address } = validatorOf(validators, signer, index % delegationsEach);
    delegate(ctx, addressOf[signer]!, 100_000_000n, requireValidator(ctx, address));
  });
  build(state, unbondings, (ctx, index) => {
    const signer = index % signers.length;
    const { address } = validatorOf(validators, signer, Math.floor(index / signers.length) % delegationsEach);
    undelegate(ctx, addressOf[signer]!, address, requireUnbondShares(ctx, addressOf[signer]!, address, 1_000n));
  });
}
