import { describe, expect, it } from "vitest";
import { weir } from "../../modules/index.ts";
import { type Fee, type TxBody, TxRaw } from "../../proto/gen/cosmos/tx/v1beta1/tx.ts";
import {
  type Actor,
  actor,
  anteChain,
  block,
  type Circumstances,
  chainId,
  changed,
  coins,
  ed25519Actor,
  send,
} from "../../test/helpers/antechain.ts";
import { parseDecCoins } from "../deccoins.ts";
import { sdk } from "../errors.ts";
import { signTx, unsignedForSimulation } from "./build.ts";

const alice = actor(1);
const bob = actor(2);
const edith = ed25519Actor(3);
const stranger = actor(9);
const chain = anteChain([alice, bob, edith]);

const fee = { amount: coins("500uweir"), gasLimit: 200_000n };
const amino = { mode: 127 } as const;

const payment = send(alice, bob, "10uweir");
const plain = signTx({ messages: [payment] }, fee, [chain.signer(alice)]);
const withFee = (change: Partial<Fee>) => changed(plain, ({ authInfo }) => Object.assign(authInfo.fee!, change));
const withBody = (change: Partial<TxBody>) => changed(plain, ({ body }) => Object.assign(body, change));
const signed = (contents: Parameters<typeof signTx>[0], terms = fee, who: readonly Actor[] = [alice]) =>
  signTx(
    contents,
    terms,
    who.map((one) => chain.signer(one)),
  );

const prices: Circumstances = { mode: "check", minGasPrices: parseDecCoins("0.0025uweir,1uusdc") };
const two = (): Uint8Array => signed({ messages: [payment, send(bob, alice, "1uweir")] }, fee, [alice, bob]);

/** What is refused: transaction, code in codespace sdk, text, and how it came. */
const refused: readonly (readonly [string, Uint8Array, number, string, Circumstances?])[] = [
  ["no message", signed({ messages: [] }), 18, "must contain at least one message: invalid request"],
  [
    "seventeen messages",
    signed({ messages: new Array(17).fill(payment) }),
    18,
    "the transaction holds 17 messages, at most 16 are allowed; send several: invalid request",
  ],
  [
    "an extension option",
    withBody({ extensionOptions: [{ typeUrl: "/cosmos.bank.v1beta1.MsgSend", value: new Uint8Array(0) }] }),
    31,
    "unknown extension options",
  ],
  [
    "an extension option that may be ignored elsewhere",
    withBody({ nonCriticalExtensionOptions: [{ typeUrl: "/cosmos.bank.v1beta1.MsgSend", value: new Uint8Array(0) }] }),
    31,
    "unknown extension options",
  ],
  [
    "an unordered one",
    withBody({ unordered: true }),
    37,
    "unordered transactions are not enabled: feature not supported",
  ],
  [
    "a tip",
    changed(plain, ({ authInfo }) => Object.assign(authInfo, { tip: { amount: [], tipper: bob.address } })),
    37,
    "tips are not supported; leave auth_info.tip out: feature not supported",
  ],
  [
    "a message that contradicts itself",
    signed({ messages: [{ ...payment, value: { ...(payment.value as object), amount: [] } }] }),
    10,
    ": invalid coins",
  ],
  [
    "gas beyond int64",
    withFee({ gasLimit: 1n << 63n }),
    18,
    "invalid gas supplied; 9223372036854775808 > 9223372036854775807: invalid request",
  ],
  [
    "gas beyond the block's",
    plain,
    41,
    "tx gas limit 200000 exceeds block max gas 199999: invalid gas limit",
    { maxGasPerBlock: 199_999n },
  ],
  [
    "a fee without an amount",
    withFee({ amount: [{ denom: "uweir", amount: "" }] }),
    13,
    "invalid fee provided: null: insufficient fee",
  ],
  [
    "a negative fee",
    withFee({ amount: [{ denom: "uweir", amount: "-5" }] }),
    13,
    "invalid fee provided: -5uweir: insufficient fee",
  ],
  [
    "an unsorted fee",
    withFee({
      amount: [
        { denom: "uweir", amount: "1" },
        { denom: "uusdc", amount: "1" },
      ],
    }),
    13,
    "invalid fee amount: 1uweir,1uusdc: insufficient fee",
  ],
  [
    "a fee of seventeen coins",
    withFee({ amount: new Array(17).fill({ denom: "uweir", amount: "1" }) }),
    18,
    "the fee has 17 coins, at most 16 are allowed: invalid request",
  ],
  ["a bad payer", withFee({ payer: "weir1nobody" }), 7, "Invalid fee payer address ("],
  ["a bad granter", withFee({ granter: "weir1nobody" }), 7, "Invalid fee granter address ("],
  [
    "a granter who has granted nothing",
    withFee({ granter: bob.address }),
    38,
    `${bob.address} does not allow to pay fees for ${alice.address}: fee-grant not found: not found`,
  ],
  ["no signature", changed(plain, ({ signatures }) => signatures.pop()), 15, "no signatures supplied"],
  [
    "a signature too many",
    changed(plain, ({ signatures }) => signatures.push(signatures[0]!)),
    4,
    "wrong number of signers; expected 1, got 2: unauthorized",
  ],
  [
    "a payer who did not sign",
    withFee({ payer: bob.address }),
    4,
    "wrong number of signers; expected 2, got 1: unauthorized",
  ],
  [
    "a missing signer info",
    changed(two(), ({ authInfo }) => authInfo.signerInfos.pop()),
    2,
    "expected 2 signer infos, got 1: tx parse error",
  ],
  [
    "a long memo",
    signed({ messages: [payment], memo: "é".repeat(129) }),
    12,
    "maximum number of characters is 256 but received 258 characters: memo too large",
  ],
  [
    "a height gone by",
    signed({ messages: [payment], timeoutHeight: 6n }),
    30,
    "block height: 7, timeout height: 6: tx timeout height",
  ],
  [
    "a time gone by",
    signed({ messages: [payment], timeoutTimestamp: { seconds: 1_700_000_000n, nanos: 4 } }),
    42,
    "block time: 2023-11-14 22:13:20.000000005 +0000 UTC, timeout timestamp: 2023-11-14 22:13:20.000000004 +0000 UTC: tx timeout",
  ],
  ["no gas", withFee({ gasLimit: 0n, amount: [] }), 11, "out of gas in location: "],
  [
    "too little gas for its bytes",
    withFee({ gasLimit: 3_000n }),
    11,
    "out of gas in location: txSize; gasWanted: 3000, gasUsed: ",
  ],
  [
    "a fee below this node's",
    withFee({ amount: [{ denom: "uweir", amount: "499" }] }),
    13,
    "insufficient fees; got: 499uweir required: 200000uusdc,500uweir: insufficient fee",
    prices,
  ],
  [
    "no fee where one is asked",
    withFee({ amount: [] }),
    13,
    "insufficient fees; got:  required: 200000uusdc,500uweir: insufficient fee",
    { ...prices, mode: "recheck" },
  ],
  [
    "a fee beyond the balance",
    withFee({ amount: [{ denom: "uweir", amount: "1000001" }] }),
    5,
    "spendable balance 1000000uweir is smaller than 1000001uweir: insufficient funds: insufficient funds",
  ],
  [
    "a payer without an account",
    signTx({ messages: [send(stranger, bob, "1uweir")] }, fee, [
      { ...chain.signer(alice), publicKey: stranger.publicKey, sign: stranger.sign },
    ]),
    9,
    `fee payer address: ${stranger.address} does not exist: unknown address`,
  ],
  [
    "a signer without an account",
    signTx({ messages: [payment, send(stranger, bob, "1uweir")] }, fee, [
      chain.signer(alice),
      { ...chain.signer(alice), publicKey: stranger.publicKey, sign: stranger.sign },
    ]),
    9,
    `account ${stranger.address} does not exist: unknown address`,
  ],
  [
    "another's key",
    signTx({ messages: [payment] }, fee, [{ ...chain.signer(alice), publicKey: bob.publicKey }]),
    8,
    `pubKey does not match signer address ${alice.address} with signer index: 0: invalid pubkey`,
  ],
  [
    "no key where none is known",
    changed(plain, ({ authInfo }) => Object.assign(authInfo.signerInfos[0]!, { publicKey: undefined })),
    8,
    "pubkey on account is not set: invalid pubkey",
  ],
  [
    "no mode",
    changed(plain, ({ authInfo }) => Object.assign(authInfo.signerInfos[0]!, { modeInfo: undefined })),
    14,
    "SignatureData is required: maximum number of signatures exceeded",
  ],
  [
    "an old sequence",
    signTx({ messages: [payment] }, fee, [chain.signer(alice, { sequence: 4n })]),
    32,
    "account sequence mismatch, expected 0, got 4: incorrect account sequence",
  ],
  [
    "a wrong signature",
    changed(plain, ({ signatures }) => (signatures[0]![5]! ^= 1)),
    4,
    `signature verification failed; please verify account number (0) and chain-id (${chainId}): (unable to verify single signer signature): unauthorized`,
  ],
  [
    "a short signature",
    changed(plain, ({ signatures }) => (signatures[0] = signatures[0]!.slice(1))),
    4,
    "(unable to verify single signer signature): unauthorized",
  ],
  [
    "a signature for another chain",
    signTx({ messages: [payment] }, fee, [chain.signer(alice, { chainId: "other-1" })]),
    4,
    `and chain-id (${chainId}): (unable to verify single signer signature): unauthorized`,
  ],
  [
    "a signature for another account number",
    signTx({ messages: [payment] }, fee, [chain.signer(alice, { accountNumber: 5n })]),
    4,
    "please verify account number (0) and",
  ],
  [
    "a wrong amino signature",
    signTx({ messages: [payment] }, fee, [chain.signer(alice, { ...amino, chainId: "other-1" })]),
    4,
    `signature verification failed; please verify account number (0), sequence (0) and chain-id (${chainId}): unauthorized`,
  ],
  [
    "a mode that is not taken",
    changed(plain, ({ authInfo }) => Object.assign(authInfo.signerInfos[0]!.modeInfo!.single!, { mode: 3 })),
    4,
    "(unsupported sign mode SIGN_MODE_DIRECT_AUX: feature not supported): unauthorized",
  ],
  [
    "a changed memo under an amino signature",
    changed(signTx({ messages: [payment] }, fee, [chain.signer(alice, amino)]), ({ body }) =>
      Object.assign(body, { memo: "x" }),
    ),
    4,
    "sequence (0) and chain-id",
  ],
];

describe("the ante steps", () => {
  for (const [name, tx, code, text, circumstances] of refused)
    it(`refuse ${name}`, () => {
      const { refusal } = chain.pass(tx, circumstances);
      expect(refusal?.message).toContain(text);
      expect(refusal).toMatchObject({ codespace: "sdk", code });
    });

  it("refuse a transaction without a fee as the SDK does, by no registered error", () => {
    const tx = changed(plain, ({ authInfo }) => Object.assign(authInfo, { fee: undefined }));
    expect(chain.pass(tx).refusal).toMatchObject({ codespace: "undefined", code: 1, message: "missing fee" });
  });

  it("refuse a mode that is neither one nor many", () => {
    const tx = changed(plain, ({ authInfo }) => Object.assign(authInfo.signerInfos[0]!, { modeInfo: {} }));
    expect(chain.pass(tx).refusal).toMatchObject({ codespace: "sdk", code: 2 });
  });

  it("let a signed transaction pass, take its fee, set its key and advance its sequence", () => {
    const before = chain.journal.mark();
    const { result, refusal, events, gasUsed } = chain.pass(plain, { keep: true });
    expect(refusal).toBeUndefined();
    expect(result).toMatchObject({
      gasWanted: 200_000n,
      fee: coins("500uweir"),
      priority: 0n,
      signers: [alice.address],
    });
    expect(gasUsed).toBeGreaterThan(10n * BigInt(plain.length) + 1000n);
    expect(chain.account(alice)).toMatchObject({
      sequence: 1n,
      publicKey: { typeUrl: "/cosmos.crypto.secp256k1.PubKey" },
    });
    const txEvents = events.filter(({ type }) => type === "tx").flatMap(({ attributes }) => attributes);
    const signature = Buffer.from(TxRaw.decode(plain).signatures[0]!).toString("base64");
    expect(txEvents.map(({ key, value }) => [key, value])).toStrictEqual([
      ["fee", "500uweir"],
      ["fee_payer", alice.address],
      ["acc_seq", `${alice.address}/0`],
      ["signature", signature],
    ]);
    expect(chain.pass(plain).refusal).toMatchObject({ code: 32 });
    const next = signTx({ messages: [payment] }, fee, [chain.signer(alice)]);
    expect(chain.pass(changed(next, () => {})).refusal).toBeUndefined();
    const keyless = { publicKey: undefined };
    const again = changed(next, ({ authInfo }) => Object.assign(authInfo.signerInfos[0]!, keyless));
    expect(chain.pass(again).refusal?.message).toContain("unable to verify single signer signature");
    chain.journal.rollback(before);
  });

  it("let amino, ed25519 and several signers pass", () => {
    const passing = [
      signTx({ messages: [payment], memo: "<&>" }, fee, [chain.signer(alice, amino)]),
      signed({ messages: [send(edith, bob, "1uweir")] }, fee, [edith]),
      two(),
      signed({ messages: [payment] }, { ...fee, payer: bob.address } as typeof fee, [alice, bob]),
      signed({ messages: [payment], timeoutHeight: 7n, timeoutTimestamp: { ...block.time } }),
      signed({ messages: new Array(16).fill(payment), memo: "x".repeat(256) }),
      signed({ messages: [payment] }, { ...fee, amount: [] }),
    ];
    for (const tx of passing) expect(chain.pass(tx).refusal).toBeUndefined();
  });

  it("take the fee from the payer that the transaction names", () => {
    const tx = signed({ messages: [payment] }, { ...fee, payer: bob.address } as typeof fee, [alice, bob]);
    const { events } = chain.pass(tx);
    const paid = events.flatMap(({ attributes }) => attributes).find(({ key }) => key === "fee_payer");
    expect(paid?.value).toBe(bob.address);
  });

  it("ask the module that holds grants, and take the fee from the granter", () => {
    const tx = signed({ messages: [payment] }, { ...fee, granter: bob.address } as typeof fee);
    const asked: unknown[] = [];
    const grants = { use: (_: unknown, ...rest: unknown[]) => void asked.push(rest) };
    const { refusal, events } = chain.pass(tx, { keepers: { ...weir.ante, grants } });
    expect(refusal).toBeUndefined();
    expect(asked).toMatchObject([
      [bob.bytes, alice.bytes, coins("500uweir"), [{ typeUrl: "/cosmos.bank.v1beta1.MsgSend" }]],
    ]);
    const paid = events.flatMap(({ attributes }) => attributes).find(({ key }) => key === "fee_payer");
    expect(paid?.value).toBe(bob.address);
    const none = {
      use: () => {
        throw sdk.notFound("fee-grant not found");
      },
    };
    expect(chain.pass(tx, { keepers: { ...weir.ante, grants: none } }).refusal).toMatchObject({
      code: 38,
      message: `${bob.address} does not allow to pay fees for ${alice.address}: fee-grant not found: not found`,
    });
  });

  it("ask a minimum fee in CheckTx only, and take any one denomination of it", () => {
    const cheap = signed({ messages: [payment] }, { amount: coins("499uweir"), gasLimit: 200_000n });
    const { minGasPrices } = prices;
    expect(chain.pass(cheap, { minGasPrices, mode: "finalize" }).refusal).toBeUndefined();
    expect(chain.pass(plain, prices).refusal).toBeUndefined();
    const dollars = signed({ messages: [payment] }, { amount: coins("200000uusdc"), gasLimit: 200_000n });
    expect(chain.pass(dollars, prices).refusal).toBeUndefined();
    expect(chain.pass(dollars, prices).result?.priority).toBe(1n);
  });

  it("verify signatures again neither in a recheck nor in a simulation", () => {
    const forged = changed(plain, ({ signatures }) => (signatures[0]![5]! ^= 1));
    expect(chain.pass(forged).refusal).toBeDefined();
    expect(chain.pass(forged, { mode: "recheck" }).refusal).toBeUndefined();
    expect(chain.pass(forged, { mode: "simulate" }).refusal).toBeUndefined();
  });

  it("sign over account number 0 at genesis, whatever number the account has", () => {
    const tx = signTx({ messages: [send(bob, alice, "1uweir")] }, fee, [chain.signer(bob, { accountNumber: 0n })]);
    expect(chain.pass(tx, { mode: "genesis", block: { height: 0n } }).refusal).toBeUndefined();
    expect(chain.pass(tx).refusal).toBeDefined();
  });

  it("charge a simulation at least what the transaction will cost", () => {
    const contents = { messages: [payment] };
    const real = chain.pass(plain).gasUsed;
    const none = { amount: [], gasLimit: 0n };
    const simulated = chain.pass(unsignedForSimulation(contents, none, [chain.signer(alice)]), { mode: "simulate" });
    expect(simulated.refusal).toBeUndefined();
    expect(simulated.gasUsed).toBeGreaterThanOrEqual(real);
    expect(simulated.gasUsed).toBeLessThan((real * 12n) / 10n);
    const keyless = changed(unsignedForSimulation(contents, none, [chain.signer(alice)]), ({ authInfo }) =>
      Object.assign(authInfo.signerInfos[0]!, { publicKey: undefined }),
    );
    expect(chain.pass(keyless, { mode: "simulate" }).gasUsed * 14n).toBeGreaterThan(real * 10n);
  });
});
