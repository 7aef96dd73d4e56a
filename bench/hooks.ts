/** What blocks cost before and after their transactions: each module's hooks with 200 validators, of whom some are absent. */
import { accountAddress, moduleAddress, validatorAddress } from "../chain/address.ts";
import type { BlockInfo, EngineReport } from "../chain/context.ts";
import { nothingReported } from "../chain/context.ts";
import { ed25519Address, sha256 } from "../chain/crypto/hash.ts";
import { ed25519KeyPair } from "../chain/crypto/sign.ts";
import { makeRegistry } from "../chain/definition.ts";
import { executionContext } from "../chain/execution.ts";
import { uncountedGas, unlimitedGasMeter } from "../chain/gas.ts";
import { Journal } from "../chain/store/journal.ts";
import { MultiStore } from "../chain/store/multistore.ts";
import { defaultConsensusParams } from "../modules/consensus/index.ts";
import { weir } from "../modules/index.ts";
import { inflationGenesis, mint } from "../modules/mint/index.ts";
import type { BenchOptions, Figure } from "./figure.ts";

const validatorCount = 200;
const absentOneIn = 20;
const tokens = 1_000_000_000n;
const denom = "uweir";

interface Staker {
  readonly address: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly tokens: bigint;
}

const stakers: readonly Staker[] = Array.from({ length: validatorCount }, (_, index) => ({
  address: sha256(Buffer.from(`staker ${index}`)).slice(0, 20),
  publicKey: ed25519KeyPair(sha256(Buffer.from(`key ${index}`))).publicKey,
  tokens: tokens + BigInt(index) * 1_000_000n,
}));

function defaults(name: string): { readonly params: object } {
  const { genesis } = weir.modules.find((module) => module.name === name)!;
  return genesis.toJson(genesis.default()) as { readonly params: object };
}

/** Unbonded, so that genesis bonds them and everybody is told. */
const validatorJson = ({ address, publicKey, tokens }: Staker) => ({
  operator_address: validatorAddress.encode(address),
  consensus_pubkey: { "@type": "/cosmos.crypto.ed25519.PubKey", key: Buffer.from(publicKey).toString("base64") },
  jailed: false,
  status: "BOND_STATUS_UNBONDED",
  tokens: `${tokens}`,
  delegator_shares: `${tokens}`,
  description: { moniker: "v", identity: "", website: "", security_contact: "", details: "" },
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

function appState(): Record<string, unknown> {
  const total = stakers.reduce((sum, staker) => sum + staker.tokens, 0n);
  const pool = accountAddress.encode(moduleAddress("not_bonded_tokens_pool"));
  const staking = defaults("staking");
  return {
    // By inflation, so that every block has something to share out.
    mint: mint.genesis.toJson(inflationGenesis(denom)),
    bank: { ...defaults("bank"), balances: [{ address: pool, coins: [{ denom, amount: `${total}` }] }] },
    staking: {
      ...staking,
      params: { ...staking.params, max_validators: validatorCount },
      validators: stakers.map(validatorJson),
      delegations: stakers.map((staker) => ({
        delegator_address: accountAddress.encode(staker.address),
        validator_address: validatorAddress.encode(staker.address),
        shares: `${staker.tokens}`,
      })),
    },
  };
}

const blockAt = (height: bigint): BlockInfo => ({
  chainId: "bench-1",
  height,
  time: { seconds: 1_700_000_000n + 5n * height, nanos: 0 },
  proposerAddress: ed25519Address(stakers[0]!.publicKey),
});

const reportAt = (height: number): EngineReport => ({
  ...nothingReported,
  lastVotes: stakers.map(({ publicKey, tokens }, index) => ({
    address: ed25519Address(publicKey),
    power: tokens / 1_000_000n,
    isAbsent: (index + height) % absentOneIn === 0,
  })),
});

async function begun(): Promise<MultiStore> {
  const state = await MultiStore.open({ storeNames: makeRegistry(weir.modules).storeNames });
  const journal = new Journal(state.latest);
  const ctx = executionContext(journal, blockAt(0n), "genesis", unlimitedGasMeter());
  weir.consensusParams.set(ctx, defaultConsensusParams);
  const parts = appState();
  for (const { name, genesis } of weir.order.genesis) {
    const part = parts[name] === undefined ? genesis.default() : genesis.parse(parts[name]);
    genesis.init(ctx, part, () => {
      throw new Error("this genesis has no transactions");
    });
  }
  state.apply(1, journal.changes());
  state.commit();
  return state;
}

/** Microseconds. */
function timed(samples: Map<string, number[]>, name: string, body: () => void): void {
  const start = process.hrtime.bigint();
  body();
  const list = samples.get(name) ?? [];
  list.push(Number(process.hrtime.bigint() - start) / 1000);
  samples.set(name, list);
}

export default async function* hooks({ quick }: BenchOptions): AsyncIterable<Figure> {
  const state = await begun();
  const [warming, measured] = quick ? [20, 60] : [100, 1000];
  const samples = new Map<string, number[]>();
  for (let height = 2; height < 2 + warming + measured; height++) {
    if (height === 2 + warming) samples.clear();
    const report = reportAt(height);
    const journal = new Journal(state.latest);
    const ctx = executionContext(journal, blockAt(BigInt(height)), "finalize", uncountedGas);
    timed(samples, "all hooks", () => {
      for (const module of weir.order.beginBlock)
        timed(samples, `begin ${module.name}`, () => module.beginBlock!(ctx, report));
      for (const module of weir.order.endBlock) timed(samples, `end ${module.name}`, () => module.endBlock!(ctx));
    });
    timed(samples, "hash and commit", () => {
      state.apply(height, journal.changes());
      state.commit();
    });
  }
  await state.close();
  const params = { validators: validatorCount, absent: `1 in ${absentOneIn}` };
  for (const [name, list] of samples) yield { bench: `hooks.${name}`, unit: "µs", params, samples: list };
}
