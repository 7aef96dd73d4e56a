import { describe, expect, it } from "vitest";
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import { parseCoins } from "../../chain/deccoins.ts";
import { commands } from "./commands.ts";
import { creationFromFile } from "./validatorfile.ts";

const address = new Uint8Array(20).fill(7);
const operator = accountAddress.encode(address);

const file = {
  pubkey: { "@type": "/cosmos.crypto.ed25519.PubKey", key: "oWg2ISpLF405Jcm2vXV+2v4fnjodh6aafuIdeoW+rUw=" },
  amount: "1000000uweir",
  moniker: "north",
  website: "https://example.org",
  "commission-rate": "0.1",
  "commission-max-rate": "0.2",
  "commission-max-change-rate": "0.01",
  "min-self-delegation": "1",
};

const create = (change: object) => creationFromFile({ ...file, ...change }, operator, parseCoins);

describe("the file of create-validator", () => {
  it("is simd's", () => {
    expect(create({ security: "ops@example.org" })).toMatchObject({
      description: {
        moniker: "north",
        website: "https://example.org",
        securityContact: "ops@example.org",
        details: "",
      },
      commission: { rate: "100000000000000000", maxRate: "200000000000000000", maxChangeRate: "10000000000000000" },
      minSelfDelegation: "1",
      validatorAddress: validatorAddress.encode(address),
      pubkey: { typeUrl: "/cosmos.crypto.ed25519.PubKey" },
      value: { denom: "uweir", amount: "1000000" },
    });
  });

  it.each([
    [{ moniker: undefined }, /^the file has no moniker; expected \{"pubkey"/],
    [{ "commission-rate": "" }, /^the file has no commission-rate; expected/],
    [{ "commission-rate": 0.1 }, /^commission-rate is 0.1; expected text in quotes$/],
    [{ "commission-rate": "ten" }, /failed to set decimal string/],
    [{ amount: "1uweir,2uusdc" }, /^amount "1uweir,2uusdc" is not one coin$/],
    [{ amount: "0uweir" }, /^amount "0uweir" is not one coin$/],
    [{ pubkey: undefined }, /^the file has no pubkey: `weir comet show-validator` prints a node's$/],
    [{ pubkey: { "@type": "ed25519" } }, /^pubkey.@type: found "ed25519", expected a type URL/],
    [{ monkier: "north" }, /^the file has a field monkier; known are pubkey, amount,/],
  ])("is refused with what is wrong in it: %j", (change, words) => {
    expect(() => create(change)).toThrow(words);
  });

  it.each([[null], [[]], ["north"]])("is an object, not %j", (json) => {
    expect(() => creationFromFile(json, operator, parseCoins)).toThrow(/^expected \{"pubkey"/);
  });
});

const shown = (query: string, answer: object) =>
  commands.queries[`/cosmos.staking.v1beta1.Query/${query}`]!.shown!(answer, (digits) => `<${digits}>`);

const validator = (moniker: string, tokens: string, change: object = {}) => ({
  operator_address: `weirvaloper1${moniker}`,
  status: "BOND_STATUS_BONDED",
  jailed: false,
  tokens,
  description: { moniker },
  unbonding_time: "2026-12-12T10:00:00.123Z",
  commission: { commission_rates: { rate: "0.125000000000000000" } },
  ...change,
});

describe("what people are shown", () => {
  it("of validators, the strongest first", () => {
    const pagination = { next_key: null, total: "4" };
    const validators = [
      validator("weak", "9"),
      validator("strong", "10"),
      validator("leaving", "8", { status: "BOND_STATUS_UNBONDING", jailed: true }),
      validator("a name that nobody would like to read", "7", { status: "BOND_STATUS_UNBONDED", commission: null }),
    ];
    expect(shown("Validators", { validators, pagination })).toEqual({
      pagination,
      validators: [
        { moniker: "strong", status: "validates", tokens: "<10>", commission: "12.5%", operator: "weirvaloper1strong" },
        { moniker: "weak", status: "validates", tokens: "<9>", commission: "12.5%", operator: "weirvaloper1weak" },
        {
          moniker: "leaving",
          status: "jailed, unbonds 2026-12-12T10:00:00Z",
          tokens: "<8>",
          commission: "12.5%",
          operator: "weirvaloper1leaving",
        },
        expect.objectContaining({ moniker: "a name that nobody woul…", status: "waits", commission: "0%" }),
      ],
    });
  });

  it("of delegations and of what leaves, a row each", () => {
    const balance = { denom: "uweir", amount: "5" };
    const delegation = { delegator_address: "d", validator_address: "v", shares: "5.500000000000000000" };
    const row = { delegator: "d", validator: "v", balance };
    expect(shown("DelegatorDelegations", { delegation_responses: [{ delegation, balance }] })).toEqual({
      delegation_responses: [row],
    });
    expect(shown("Delegation", { delegation_response: { delegation, balance } })).toEqual({
      delegation_response: { ...row, shares: "5.5" },
    });
    const entry = { creation_height: "3", completion_time: "2026-12-12T10:00:00Z", balance: "6" };
    const unbond = { delegator_address: "d", validator_address: "v", entries: [entry, { ...entry, balance: "7" }] };
    const rows = ["<6>", "<7>"].map((tokens) => ({
      delegator: "d",
      validator: "v",
      tokens,
      free: "2026-12-12T10:00:00Z",
      since_height: "3",
    }));
    expect(shown("UnbondingDelegation", { unbond })).toEqual({ unbond: rows });
    expect(shown("DelegatorUnbondingDelegations", { unbonding_responses: [unbond] })).toEqual({
      unbonding_responses: rows,
    });
    const redelegation = { delegator_address: "d", validator_src_address: "v", validator_dst_address: "w" };
    const moved = { redelegation, entries: [{ redelegation_entry: entry, balance: "8" }] };
    expect(shown("Redelegations", { redelegation_responses: [moved] })).toEqual({
      redelegation_responses: [{ from: "v", to: "w", tokens: "<8>", until: "2026-12-12T10:00:00Z" }],
    });
  });
});

describe("what somebody is about to sign", () => {
  const words = {
    who: (text: string) => text,
    coins: ([coin]: readonly { amount: string }[]) => coin!.amount,
    message: () => [],
  };
  const described = (name: string, message: object) =>
    commands.messages[`/cosmos.staking.v1beta1.${name}`]!.describe!(message, words as never).join("\n");

  it("is said of a new validator and of what changes of one", () => {
    expect(described("MsgCreateValidator", create({}))).toBe(
      `Makes the validator "north", ${validatorAddress.encode(address)}\n` +
        "  with 1000000 of its own, never less than 1\n  for a commission of 10%, at most 20%, 1% more a day",
    );
    const build = commands.messages["/cosmos.staking.v1beta1.MsgEditValidator"]!.arguments!.build;
    const flags: Readonly<Record<string, string>> = { "commission-rate": "0.08", details: "" };
    const edit = build({ flag: (name: string) => flags[name], from: () => operator } as never);
    expect(edit).toMatchObject({ commissionRate: "80000000000000000", minSelfDelegation: "" });
    expect(described("MsgEditValidator", edit)).toBe(
      `Changes the validator ${validatorAddress.encode(address)}\n  details becomes ""\n  the commission becomes 8%`,
    );
  });
});
