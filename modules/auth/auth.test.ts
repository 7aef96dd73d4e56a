/** Accounts: what genesis refuses, how they are numbered, what the ante steps see and write, who may change parameters. */
import { describe, expect, it } from "vitest";
import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { authorityAddress } from "../../chain/authority.ts";
import { publicKeyAddress, publicKeyToAny } from "../../chain/crypto/publickey.ts";
import { ModuleAccount } from "../../proto/gen/cosmos/auth/v1beta1/auth.ts";
import { address, addressBytes } from "../../test/helpers/accounts.ts";
import { testChain } from "../../test/helpers/testchain.ts";
import { moduleAccounts } from "../accounts.ts";
import { accountCodec } from "./accountcodec.ts";
import { anteAccounts, auth, ensureAccount, getAccount, getModuleAccount, getParams } from "./index.ts";
import { defaultParams } from "./params.ts";
import { accounts, accountsByNumber, nextAccountNumber } from "./state.ts";

const params = {
  max_memo_characters: "256",
  tx_sig_limit: "7",
  tx_size_cost_per_byte: "10",
  sig_verify_cost_ed25519: "590",
  sig_verify_cost_secp256k1: "1000",
};

const base = (index: number, accountNumber = "0", more: object = {}) => ({
  "@type": "/cosmos.auth.v1beta1.BaseAccount",
  address: address(index),
  pub_key: null,
  account_number: accountNumber,
  sequence: "0",
  ...more,
});

const moduleOf = (name: string, more: object = {}, baseMore: object = {}) => ({
  "@type": "/cosmos.auth.v1beta1.ModuleAccount",
  base_account: { address: accountAddress.encode(moduleAddress(name)), account_number: "0", ...baseMore },
  name,
  permissions: [],
  ...more,
});

const withAccounts = (...list: readonly object[]) => ({ auth: { params, accounts: list } });

const compressedKey = new Uint8Array(33).fill(2);
const keyAny = publicKeyToAny({ scheme: "secp256k1", key: compressedKey });
const keyOwner = publicKeyAddress({ scheme: "secp256k1", key: compressedKey });
const keyJson = { "@type": keyAny.typeUrl, key: Buffer.from(compressedKey).toString("base64") };

describe("genesis of auth", () => {
  it.each<readonly [string, unknown, string]>([
    ["no object", 5, "app_state.auth: found 5, expected an object, cosmos.auth.v1beta1.GenesisState"],
    ["no parameters", {}, "app_state.auth.params: found nothing, expected auth's parameters"],
    [
      "a parameter of zero",
      { params: { ...params, tx_sig_limit: "0" } },
      "app_state.auth.params: found invalid tx signature limit: 0, expected every parameter greater than 0",
    ],
    ["a parameter that is left out", { params: {} }, "app_state.auth.params: found invalid tx signature limit: 0"],
    [
      "a parameter that is no number",
      { params: { ...params, tx_sig_limit: "many" } },
      'app_state.auth.params.tx_sig_limit: found "many", expected a whole number',
    ],
    [
      "a stranger",
      { params, account: [] },
      "app_state.auth.account: found a field that does not exist, expected params, accounts",
    ],
    [
      "an account of another kind",
      { params, accounts: [{ "@type": "/cosmos.bank.v1beta1.Params" }] },
      'app_state.auth.accounts[0].@type: found "/cosmos.bank.v1beta1.Params", expected one of /cosmos.auth.v1beta1.BaseAccount, /cosmos.auth.v1beta1.ModuleAccount, /cosmos.vesting.v1beta1.ContinuousVestingAccount',
    ],
    [
      "an account without an address",
      { params, accounts: [base(1, "0", { address: "" })] },
      'app_state.auth.accounts[0].address: found "", expected an address (empty address string is not allowed)',
    ],
    [
      "an address of another chain",
      { params, accounts: [base(1, "0", { address: "cosmos1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnrk363e" })] },
      "expected an address (invalid Bech32 prefix; expected weir, got cosmos)",
    ],
    [
      "an address twice",
      { params, accounts: [base(1), base(2), base(1, "5")] },
      `app_state.auth.accounts[2].address: found ${address(1)} again, as in accounts[0], expected one account for an address`,
    ],
    [
      "an address twice, once in upper case",
      { params, accounts: [base(1), base(1, "5", { address: address(1).toUpperCase() })] },
      "again, as in accounts[0]",
    ],
    [
      "the last account number",
      { params, accounts: [base(1, "18446744073709551615")] },
      "app_state.auth.accounts[0].account_number: found 18446744073709551615, expected at most 18446744073709551614",
    ],
    [
      "another's public key",
      { params, accounts: [base(1, "0", { pub_key: keyJson })] },
      `app_state.auth.accounts[0].pub_key: found the public key of ${accountAddress.encode(keyOwner)}, expected the public key of ${address(1)}`,
    ],
    [
      "a public key that is none",
      { params, accounts: [base(1, "0", { pub_key: { ...keyJson, key: "AA==" } })] },
      'app_state.auth.accounts[0].pub_key: found "/cosmos.crypto.secp256k1.PubKey", expected a public key (',
    ],
    [
      "a module's account at another address",
      { params, accounts: [moduleOf("mint", {}, { address: address(1) })] },
      `app_state.auth.accounts[0].base_account.address: found ${address(1)}, expected ${accountAddress.encode(moduleAddress("mint"))}, the address of module mint`,
    ],
    [
      "a module's account without a name",
      { params, accounts: [moduleOf(" ")] },
      'app_state.auth.accounts[0].name: found " ", expected the name of a module',
    ],
    [
      "a blank permission",
      { params, accounts: [moduleOf("mint", { permissions: ["minter", ""] })] },
      'app_state.auth.accounts[0].permissions[1]: found "", expected a permission',
    ],
    [
      "a module's account without a base",
      { params, accounts: [{ ...moduleOf("mint"), base_account: null }] },
      'app_state.auth.accounts[0].base_account.address: found "", expected an address',
    ],
  ])("is refused with %s", (_what, json, message) => {
    expect(() => auth.genesis.parse(json)).toThrow(message);
  });

  it("numbers accounts that share a number anew, the first keeping it, and goes on behind the last", () => {
    const chain = testChain(withAccounts(base(1, "7"), base(2), base(3), base(4, "7"), base(5, "1"), base(6)));
    const numbers = [1, 2, 3, 4, 5, 6].map((i) => getAccount(chain.context(), addressBytes(i))?.base.accountNumber);
    expect(numbers).toEqual([7n, 0n, 2n, 4n, 1n, 3n]);
    const ofModules = moduleAccounts.map(({ name }) => getModuleAccount(chain.context(), name).base.accountNumber);
    expect(ofModules).toEqual(moduleAccounts.map((_rule, index) => 8n + BigInt(index)));
    expect(nextAccountNumber.peek(chain.context())).toBe(8n + BigInt(moduleAccounts.length));
    expect(chain.broken()).toBeUndefined();
  });

  it("comes back the same from its export", () => {
    const signed = base(0, "3", { address: accountAddress.encode(keyOwner), pub_key: keyJson, sequence: "41" });
    const chain = testChain(withAccounts(signed, base(1, "9"), moduleOf("mint", { permissions: ["minter"] })));
    ensureAccount(chain.context(), addressBytes(77));
    const again = testChain(chain.exported());
    for (const store of ["acc", "bank", "consensus"]) expect(again.entries(store)).toEqual(chain.entries(store));
    expect(again.exported()).toEqual(chain.exported());
  });

  it("is by default without accounts but the module's", () => {
    const chain = testChain();
    expect(getParams(chain.context())).toEqual(defaultParams);
    const texts = (addresses: Iterable<Uint8Array>) =>
      [...addresses].map((bytes) => accountAddress.encode(bytes)).sort();
    const ofModules = moduleAccounts.map(({ name }) => moduleAddress(name));
    expect(texts(accounts.keys(chain.context()))).toEqual(texts(ofModules));
  });
});

describe("what the ante steps ask of accounts", () => {
  it("is the number, the sequence and the public key, and nothing for strangers", () => {
    const ctx = testChain(withAccounts(base(1, "5"))).context();
    expect(anteAccounts.account(ctx, addressBytes(2))).toBeUndefined();
    expect(anteAccounts.account(ctx, addressBytes(1))).toEqual({
      address: addressBytes(1),
      accountNumber: 5n,
      sequence: 0n,
      publicKey: undefined,
    });
    expect(anteAccounts.txParams(ctx)).toEqual(defaultParams);
  });

  it("is kept by one write of the account", () => {
    const chain = testChain(withAccounts(base(1, "5")));
    const ctx = chain.context();
    const account = anteAccounts.account(ctx, addressBytes(1))!;
    const before = chain.entries("acc");
    anteAccounts.update(ctx, { ...account, sequence: 1n, publicKey: keyAny });
    expect(anteAccounts.account(ctx, addressBytes(1))).toEqual({ ...account, sequence: 1n, publicKey: keyAny });
    const changed = chain.entries("acc").filter((entry, index) => `${entry}` !== `${before[index]}`);
    expect(changed.map(([key]) => key[0])).toEqual([1]);
    expect(chain.broken()).toBeUndefined();
  });

  it("keeps what kind of account it is", () => {
    const ctx = testChain(withAccounts(moduleOf("mint", { permissions: ["minter"] }))).context();
    const account = anteAccounts.account(ctx, moduleAddress("mint"))!;
    anteAccounts.update(ctx, { ...account, sequence: 1n });
    expect(getModuleAccount(ctx, "mint")).toMatchObject({
      module: { name: "mint", permissions: ["minter"] },
      base: { sequence: 1n },
    });
  });

  it("is a defect when the account is not there", () => {
    const ctx = testChain().context();
    const stranger = { address: addressBytes(1), accountNumber: 0n, sequence: 1n, publicKey: undefined };
    expect(() => anteAccounts.update(ctx, stranger)).toThrow(/was read but is not there/);
  });
});

describe("a module's account", () => {
  it("is not made for a name that is not listed", () => {
    expect(() => getModuleAccount(testChain().context(), "nobody")).toThrow(
      "module account nobody does not exist: list it in modules/accounts.ts",
    );
  });

  it("is not an account that somebody else made there first", () => {
    const taken = base(1, "0", { address: accountAddress.encode(moduleAddress("fee_collector")) });
    expect(() => testChain(withAccounts(taken))).toThrow(/of module fee_collector is not a module account/);
  });
});

describe("new parameters of auth", () => {
  const typeUrl = "/cosmos.auth.v1beta1.MsgUpdateParams";

  it("are taken from governance only", () => {
    const chain = testChain();
    const changed = { ...defaultParams, maxMemoCharacters: 512n };
    const { refusal } = chain.message(typeUrl, { authority: address(1), params: changed });
    expect(refusal).toMatchObject({
      codespace: "gov",
      code: 13,
      message: `invalid authority; expected ${authorityAddress()}, got ${address(1)}: expected gov account as only signer for proposal message`,
    });
    expect(getParams(chain.context())).toEqual(defaultParams);
    expect(chain.message(typeUrl, { authority: authorityAddress(), params: changed }).refusal).toBeUndefined();
    expect(getParams(chain.context())).toEqual(changed);
  });

  it("are signed by the authority that they name, and refused when they are left out", () => {
    const handler = auth.messages[typeUrl]!;
    expect(handler.signers({ authority: "x", params: undefined })).toEqual(["x"]);
    const { refusal } = testChain().message(typeUrl, { authority: authorityAddress(), params: undefined });
    expect(refusal).toMatchObject({ codespace: "undefined", code: 1, message: "invalid tx signature limit: 0" });
  });
});

describe("queries of auth", () => {
  const chain = testChain(withAccounts(base(1, "5")));

  it("list every module account by name", () => {
    const { accounts: list } = chain.query<{ accounts: { typeUrl: string; value: Uint8Array }[] }>(
      "/cosmos.auth.v1beta1.Query/ModuleAccounts",
      {},
    );
    const names = list.map(({ typeUrl, value }) => {
      expect(typeUrl).toBe("/cosmos.auth.v1beta1.ModuleAccount");
      return ModuleAccount.decode(value).name;
    });
    expect(names).toEqual(moduleAccounts.map(({ name }) => name));
  });

  it("refuse an address of more than 255 bytes", () => {
    const request = { addressBytes: new Uint8Array(256) };
    expect(() => chain.query("/cosmos.auth.v1beta1.Query/AddressBytesToString", request)).toThrow(
      "address max length is 255, got 256: unknown address: invalid request",
    );
  });

  it("refuse an address of another chain", () => {
    const request = { address: "cosmos1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnrk363e" };
    expect(() => chain.query("/cosmos.auth.v1beta1.Query/Account", request)).toThrow(
      "invalid Bech32 prefix; expected weir, got cosmos: invalid request",
    );
  });
});

describe("invariants of auth", () => {
  const at = (index: number) => Uint8Array.of(1, ...addressBytes(index));
  const stored = (index: number, accountNumber: bigint) =>
    accountCodec.encode({ base: { address: address(index), pubKey: undefined, accountNumber, sequence: 0n } });

  it.each<readonly [string, (chain: ReturnType<typeof testChain>) => void, RegExp]>([
    [
      "an account under another's address",
      (chain) => chain.context().store("acc").set(at(1), stored(2, 0n)),
      /says its address is/,
    ],
    [
      "a number that is used twice",
      (chain) => chain.context().store("acc").set(at(2), stored(2, 0n)),
      /account number 0 is used twice/,
    ],
    [
      "a number beyond the next one",
      (chain) => chain.context().store("acc").set(at(2), stored(2, 99n)),
      /has number 99, but the next one is \d+/,
    ],
    [
      "a number without an index",
      (chain) => chain.context().store("acc").set(at(1), stored(1, 1n)),
      /account number 1/,
    ],
    [
      "an index without an account",
      (chain) => chain.context().store("acc").delete(at(1)),
      /\d+ account numbers are indexed, but there are \d+ accounts/,
    ],
    [
      "an index of another",
      (chain) => {
        const key = Uint8Array.of(...accountsByNumber.prefix, ...new Uint8Array(8));
        chain.context().store("acc").set(key, addressBytes(9));
      },
      /is indexed to/,
    ],
    [
      "no fee collector",
      (chain) => accounts.delete(chain.context(), moduleAddress("fee_collector")),
      /fee_collector is missing/,
    ],
    [
      "a fee collector with a key",
      (chain) => {
        const account = getModuleAccount(chain.context(), "fee_collector");
        accounts.set(chain.context(), moduleAddress("fee_collector"), {
          ...account,
          base: { ...account.base, pubKey: keyAny },
        });
      },
      /has a public key/,
    ],
    [
      "a fee collector that has signed",
      (chain) => {
        const account = getModuleAccount(chain.context(), "fee_collector");
        accounts.set(chain.context(), moduleAddress("fee_collector"), {
          ...account,
          base: { ...account.base, sequence: 1n },
        });
      },
      /has signed/,
    ],
  ])("find %s", (_what, damage, message) => {
    const chain = testChain(withAccounts(base(1)));
    expect(chain.broken()).toBeUndefined();
    damage(chain);
    expect(chain.broken()).toMatch(message);
  });
});
