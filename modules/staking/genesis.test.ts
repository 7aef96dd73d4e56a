/** Genesis: what is refused, where and why; that what a chain exports makes the same chain; and that a genesis of the SDK is one of ours. */
import { describe, expect, it } from "vitest";
import { accountAddress, moduleAddress, validatorAddress } from "../../chain/address.ts";
import { sha256 } from "../../chain/crypto/hash.ts";
import { ed25519KeyPair } from "../../chain/crypto/sign.ts";
import { stakedChain } from "../../test/helpers/stakedchain.ts";
import { testChain } from "../../test/helpers/testchain.ts";
import { weir } from "../index.ts";
import { isBonded, isUnbonded, iterateValidators, notBondedPoolName, staking } from "./index.ts";
import { totalPowerMax } from "./validator.ts";

const { genesis } = staking;
const address = (index: number) => sha256(Buffer.from(`genesis ${index}`)).slice(0, 20);
const account = (index: number) => accountAddress.encode(address(index));
const operator = (index: number) => validatorAddress.encode(address(index));
const key = (index: number) =>
  Buffer.from(ed25519KeyPair(sha256(Buffer.from(`${index}`))).publicKey).toString("base64");

const validator = (index: number, change: object = {}) => ({
  operator_address: operator(index),
  consensus_pubkey: { "@type": "/cosmos.crypto.ed25519.PubKey", key: key(index) },
  jailed: false,
  status: "BOND_STATUS_UNBONDED",
  tokens: "5000000",
  delegator_shares: "5000000",
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
  ...change,
});

const delegation = (index: number, shares = "5000000", change: object = {}) => ({
  delegator_address: account(index),
  validator_address: operator(index),
  shares,
  ...change,
});

const entry = (id: string, change: object = {}) => ({
  creation_height: "3",
  completion_time: "2026-01-01T00:00:00Z",
  initial_balance: "7",
  balance: "7",
  unbonding_id: id,
  unbonding_on_hold_ref_count: "0",
  ...change,
});

const unbonding = (index: number, entries: readonly object[]) => ({
  delegator_address: account(index),
  validator_address: operator(0),
  entries,
});

const moved = (id: string) => ({
  creation_height: "3",
  completion_time: "2026-01-01T00:00:00Z",
  initial_balance: "7",
  shares_dst: "7",
  unbonding_id: id,
  unbonding_on_hold_ref_count: "0",
});

const redelegation = (entries: readonly object[]) => ({
  delegator_address: account(5),
  validator_src_address: operator(0),
  validator_dst_address: operator(1),
  entries,
});

const parsed = (change: object) => () => genesis.parse(withState(change));

const withState = (change: object) => ({
  ...(genesis.toJson(genesis.default()) as object),
  validators: [validator(0), validator(1)],
  delegations: [delegation(0), delegation(1)],
  ...change,
});

const params = (change: object) => {
  const { params } = genesis.toJson(genesis.default()) as { params: object };
  return { params: { ...params, ...change } };
};

describe("a genesis of stakes is refused for", () => {
  it.each<[string, object, RegExp]>([
    ["a field that is not there", { delegation: [] }, /app_state\.staking\.delegation: found a field that does not/],
    ["parameters", params({ max_validators: 0 }), /staking\.params: found max validators must be positive: 0/],
    ["too many validators", params({ max_validators: 10_001 }), /max validators must be at most 10000: 10001/],
    ["too many entries", params({ max_entries: 1_001 }), /max entries must be at most 1000: 1001/],
    ["too much history", params({ historical_entries: 10_001 }), /historical entries must be at most 10000/],
    ["too long a time", params({ unbonding_time: "9223372037s" }), /unbonding time must be at most 9223372036s/],
    ["one operator twice", { validators: [validator(0), validator(0)] }, /validators\[1\]: found weirvaloper.* again/],
    [
      "one key twice",
      { validators: [validator(0), validator(1, { consensus_pubkey: validator(0).consensus_pubkey })] },
      /validators\[1\]\.consensus_pubkey: found .* again, expected each one once/,
    ],
    ["no key", { validators: [validator(0, { consensus_pubkey: null })] }, /consensus_pubkey: found .*a public key/],
    ["no operator", { validators: [validator(0, { operator_address: account(0) })] }, /begins with weirvaloper/],
    ["no status", { validators: [validator(0, { status: "BOND_STATUS_UNSPECIFIED" })] }, /\.status: found 0, expected/],
    [
      "a jailed validator that is bonded",
      { validators: [validator(0, { status: "BOND_STATUS_BONDED", jailed: true })] },
      /jailed: found true of a bonded/,
    ],
    [
      "a bonded validator without power",
      { validators: [validator(0, { status: "BOND_STATUS_BONDED", tokens: "999999" })] },
      /tokens: found 999999, expected at least 1000000 of a bonded validator/,
    ],
    [
      "more bonded validators than seats",
      {
        ...params({ max_validators: 1 }),
        validators: [0, 1].map((index) => validator(index, { status: "BOND_STATUS_BONDED" })),
      },
      /validators: found 2 that are bonded, expected at most max_validators, 1/,
    ],
    ["tokens below zero", { validators: [validator(0, { tokens: "-1" })] }, /\.tokens: found -1, expected 0 or more/],
    ["no shares", { validators: [validator(0, { delegator_shares: "0" })] }, /delegator_shares: found 0/],
    ["numbers", { validators: [validator(0, { tokens: "" })] }, /staking\.validators\[0\]/],
    [
      "more power than can be counted",
      { validators: [validator(0, { tokens: `${(totalPowerMax + 1n) * 1_000_000n}` })] },
      /a voting power of .* in all/,
    ],
    ["a delegation twice", { delegations: [delegation(0), delegation(0)] }, /delegations\[1\]: found .* again/],
    ["a delegation to nobody", { delegations: [delegation(7)] }, /expected a validator of this genesis/],
    ["an empty delegation", { delegations: [delegation(0, "0")] }, /shares: found 0, expected shares above 0/],
    ["a bad delegator", { delegations: [delegation(0, "1", { delegator_address: "x" })] }, /an address that begins/],
    ["shares that nobody has", { delegations: [delegation(0)] }, /fewer than the delegator_shares of weirvaloper/],
    [
      "entries without a number of their own",
      { unbonding_delegations: [unbonding(5, [entry("4"), entry("4")])] },
      /entries\[1\]\.unbonding_id: found 4 again/,
    ],
    [
      "a number of both kinds",
      { unbonding_delegations: [unbonding(5, [entry("4")])], redelegations: [redelegation([moved("4")])] },
      /redelegations\[0\]\.entries\[0\]\.unbonding_id: found 4 again/,
    ],
    [
      "a number that was not given yet",
      { unbonding_delegations: [unbonding(5, [entry("4")])], last_unbonding_id: "3" },
      /unbonding_id: found 4, expected at most last_unbonding_id, 3/,
    ],
    ["no last number", { last_unbonding_id: 3 }, /last_unbonding_id: found 3, expected a whole number as text/],
    ["no entries", { unbonding_delegations: [unbonding(5, [])] }, /entries: found none, expected at least one/],
    ["no moves", { redelegations: [redelegation([])] }, /redelegations\[0\]\.entries: found none/],
    [
      "an unbonding twice",
      { unbonding_delegations: [unbonding(5, [entry("1")]), unbonding(5, [entry("2")])] },
      /unbonding_delegations\[1\]: found .* again/,
    ],
    [
      "a route twice",
      { redelegations: [redelegation([moved("1")]), redelegation([moved("2")])] },
      /redelegations\[1\]: found .* again/,
    ],
    [
      "a negative balance",
      { unbonding_delegations: [unbonding(5, [entry("1", { balance: "-1" })])] },
      /balance: found -1, expected 0 or more/,
    ],
    [
      "a last power of nobody",
      { last_validator_powers: [{ address: operator(0), power: "5" }] },
      /last_validator_powers\[0\]\.address: .* expected a bonded validator of this genesis/,
    ],
    [
      "a last power of nothing",
      {
        validators: [validator(0, { status: "BOND_STATUS_BONDED" }), validator(1)],
        last_validator_powers: [{ address: operator(0), power: "0" }],
      },
      /power: found 0, expected a voting power above 0/,
    ],
  ])("%s", (_name, change, words) => {
    expect(parsed(change)).toThrow(words);
  });

  it("a pool that does not hold what is staked", () => {
    expect(() => testChain({ staking: withState({}) })).toThrow(
      /app_state\.bank\.balances of not_bonded_tokens_pool: found "", expected "10000000uweir", what app_state\.staking adds up to/,
    );
  });
});

const pool = (amount: string) => ({
  params: { send_enabled: [], default_send_enabled: true },
  balances: [{ address: accountAddress.encode(moduleAddress(notBondedPoolName)), coins: [{ denom: "uweir", amount }] }],
});

describe("a genesis of stakes", () => {
  it("makes validators of the strongest, and tells the engine", () => {
    const chain = testChain({ staking: withState(params({ max_validators: 1 })), bank: pool("10000000") });
    const all = [...iterateValidators(chain.context())];
    expect([all.filter(isBonded).length, all.filter(isUnbonded).length]).toEqual([1, 1]);
    expect(chain.broken()).toBeUndefined();
  });

  it("of the SDK, which has no last number, goes on counting after the highest that is in use", () => {
    const change = {
      unbonding_delegations: [unbonding(5, [entry("41")])],
      redelegations: [redelegation([moved("17")])],
    };
    const chain = testChain({ staking: withState(change), bank: pool("10000007") });
    expect(chain.exported().staking).toMatchObject({ last_unbonding_id: "41" });
    expect(chain.broken()).toBeUndefined();
  });

  it("of a chain that ran makes the same stores again, but for the past blocks' headers", () => {
    const chain = stakedChain({ staking: { max_validators: 2 } });
    chain.delegate(5, 1, 30_000_000n);
    chain.undelegate(5, 1, 1_000n);
    chain.redelegate(0, 0, 1, 500n);
    chain.redelegate(0, 0, 2, 5n);
    chain.live();
    chain.undelegate(0, 0, 7n);
    chain.delegate(6, 2, 30_000_000n);
    chain.live();
    const { height, time } = chain.context().block;
    const again = testChain(chain.exported(), weir, { height, time });
    const stored = (of: typeof again) => of.entries("staking").filter(([key]) => key[0] !== 0x50);
    expect(stored(again)).toEqual(stored(chain));
    expect(again.exported()).toEqual(chain.exported());
    expect(again.broken()).toBeUndefined();
  });
});
