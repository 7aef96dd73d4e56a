/** Quotes of a platform of ours, whose root the tests' governance trusts, and the quote that Google published. */
import { describe, expect, it } from "vitest";
import { accountAddress } from "../../chain/address.ts";
import { authorityAddress } from "../../chain/authority.ts";
import { sha256 } from "../../chain/crypto/hash.ts";
import type { ChainDefinition } from "../../chain/definition.ts";
import { executionContext } from "../../chain/execution.ts";
import { limitedGasMeter } from "../../chain/gas.ts";
import { fromJson, toJson } from "../../chain/protojson.ts";
import { memoryJournal } from "../../chain/store/memory.ts";
import { EvidenceGenesis, type EvidencePolicy } from "../../proto/gen/weir/attestation/v1/evidence.ts";
import type * as queries from "../../proto/gen/weir/attestation/v1/query.ts";
import { Oracle, Relay, RelayTerms, Standing } from "../../proto/gen/weir/attestation/v1/state.ts";
import { MsgAttachEvidence } from "../../proto/gen/weir/attestation/v1/tx.ts";
import { makeQuote, type QuoteOptions, testRoot, testSerials, testValidity } from "../../test/helpers/tdxquotes.ts";
import { type TestChain, testBlock, testChain } from "../../test/helpers/testchain.ts";
import vectors from "../../test/vectors/tdxquote.json" with { type: "json" };
import { epochCount, epochs } from "../beacon/state.ts";
import { weir } from "../index.ts";
import { attachEvidence, defaultPolicy, forgetEvidence, isEvidenced, reportDataOf } from "./evidence.ts";
import { evidenceFormats, isRefusal } from "./evidenceformats.ts";
import { evidenceGenesis, evidenceInvariants } from "./evidencegenesis.ts";
import { evidenceMessages } from "./evidencemessages.ts";
import { evidenceQueries } from "./evidencequeries.ts";
import { evidenceState } from "./evidencestate.ts";
import { oracles, registryState, relays, storeName } from "./state.ts";
import { oracleSubject, relaySubject, type Subject } from "./subject.ts";

const messagePath = (name: string) => `/weir.attestation.v1.${name}`;
const queryPath = (name: string) => `/weir.attestation.v1.Query/${name}`;
const operator = accountAddress.encode(sha256(Buffer.from("operator")).slice(0, 20));
const other = accountAddress.encode(sha256(Buffer.from("another")).slice(0, 20));
const keyOf = (name: string): Uint8Array => sha256(Buffer.from(`transport ${name}`));
const seedOf = (epoch: bigint): Uint8Array => sha256(Buffer.from(`seed ${epoch}`));
const relay = relaySubject(1n);
const oracle = oracleSubject(1n);
const format = evidenceFormats.get("tdx-v4")!;
const trusting: EvidencePolicy = { ...defaultPolicy("tdx-v4"), roots: [testRoot] };

/** The evidence of a module whose registry the tests fill. */
const evidenceModule = {
  name: "attestation",
  storeName,
  state: { ...registryState, ...evidenceState },
  messages: evidenceMessages,
  queries: evidenceQueries,
  genesis: {
    default: evidenceGenesis.default,
    parse: (json: unknown) => evidenceGenesis.parse(fromJson<EvidenceGenesis>(EvidenceGenesis.$type, json, "evidence")),
    toJson: (state: EvidenceGenesis) => toJson(EvidenceGenesis.$type, state),
    init: (ctx: never, state: EvidenceGenesis) => void evidenceGenesis.init(ctx, state),
    export: evidenceGenesis.export,
  },
  invariants: evidenceInvariants,
};

const definition = {
  ...weir,
  modules: [evidenceModule],
  order: { genesis: [evidenceModule], preBlock: [], beginBlock: [], endBlock: [] },
} as unknown as ChainDefinition;

const termsOf = (fromEpoch: bigint, transportKey: Uint8Array) =>
  RelayTerms.fromPartial({ fromEpoch, serves: true, transportKey });

/** Opens epochs up to this one; the last has a seed too. */
function openEpoch(chain: TestChain, number: bigint, seconds = testBlock.time.seconds + number * 100n): void {
  const ctx = chain.context();
  for (let each = epochCount.peek(ctx); each <= number; each = epochCount.peek(ctx)) {
    epochs.set(ctx, each, {
      number: each,
      openTime: { seconds: each === number ? seconds : testBlock.time.seconds + each * 100n, nanos: 0 },
      openHeight: each,
      duration: { seconds: 100n, nanos: 0 },
      seed: seedOf(each),
      counted: undefined,
    });
    epochCount.set(ctx, each + 1n);
  }
  chain.setBlock({ time: { seconds, nanos: 0 } });
}

function evidenceChain(policies: readonly EvidencePolicy[] = [trusting]): TestChain {
  const genesis = { policies: [...policies], revocations: [], evidence: [] };
  const chain = testChain({ attestation: toJson(EvidenceGenesis.$type, genesis) }, definition);
  const ctx = chain.context();
  const standing = Standing.STANDING_ACTIVE;
  relays.set(ctx, 1n, Relay.fromPartial({ id: 1n, operator, standing, terms: [termsOf(0n, keyOf("relay"))] }));
  const terms = [{ fromEpoch: 0n, serves: true, transportKey: keyOf("oracle") }];
  oracles.set(ctx, 1n, Oracle.fromPartial({ id: 1n, operator, standing, terms }));
  openEpoch(chain, 10n);
  return chain;
}

interface Attaching extends Partial<QuoteOptions> {
  readonly subject?: Subject;
  readonly boundTo?: Subject;
  readonly key?: Uint8Array;
  readonly epoch?: bigint;
  readonly boundEpoch?: bigint;
  readonly chainId?: string;
  readonly operator?: string;
  readonly quote?: Uint8Array;
}

function bound(given: Attaching): Uint8Array {
  const subject = given.boundTo ?? given.subject ?? relay;
  const transportKey = given.key ?? keyOf(subject.kind === relay.kind ? "relay" : "oracle");
  const epoch = given.boundEpoch ?? given.epoch ?? 10n;
  return reportDataOf({
    chainId: given.chainId ?? testBlock.chainId,
    subject,
    transportKey,
    epoch,
    seed: seedOf(epoch),
  });
}

function attach(chain: TestChain, given: Attaching = {}) {
  const value = MsgAttachEvidence.fromPartial({
    operator: given.operator ?? operator,
    subject: given.subject ?? relay,
    format: "tdx-v4",
    epoch: given.epoch ?? 10n,
    evidence: given.quote ?? makeQuote({ reportData: bound(given), ...given }),
  });
  const outcome = chain.message(messagePath("MsgAttachEvidence"), value);
  expect(chain.broken()).toBeUndefined();
  return outcome;
}

const counts = (chain: TestChain, epoch: bigint, subject = relay): boolean =>
  isEvidenced(chain.context(), epoch, subject);

describe("hardware evidence", () => {
  it("counts from the epoch after it was attached, until its lifetime is over", () => {
    const chain = evidenceChain();
    const { events, refusal } = attach(chain);
    expect(refusal).toBeUndefined();
    expect(events[0]).toMatchObject({ type: "weir.attestation.v1.EventEvidenceAttached" });
    expect([10n, 11n, 100n, 101n].map((epoch) => counts(chain, epoch))).toEqual([false, true, true, false]);
    expect(counts(chain, 11n, oracle)).toBe(false);
    expect(attach(chain, { subject: oracle }).refusal).toBeUndefined();
    expect(counts(chain, 11n, oracle)).toBe(true);
  });

  it("answers what a query says is to be bound, and is shown with the reason where it does not count", () => {
    const chain = evidenceChain();
    const asked = { kind: "relay", id: "1" };
    const challenge = chain.query<queries.QueryEvidenceChallengeResponse>(queryPath("EvidenceChallenge"), asked);
    expect(challenge).toEqual({ epoch: 10n, reportData: bound({}) });
    const shown = () => chain.query<queries.QueryEvidenceResponse>(queryPath("Evidence"), asked);
    expect(shown()).toMatchObject({
      attached: [],
      counts: false,
      reason: "nothing is attached that counts by epoch 10",
    });
    attach(chain);
    openEpoch(chain, 11n);
    expect(shown()).toMatchObject({ attached: [{ fromEpoch: 11n, untilEpoch: 101n }], counts: true, reason: "" });
    for (const wrong of [
      { kind: "relay", id: "2" },
      { kind: "both", id: "1" },
      { kind: "relay", id: "0x1" },
    ])
      expect(() => chain.query(queryPath("Evidence"), wrong)).toThrow(/relay|decimal/);
  });

  it.each([
    ["another relay's", { boundTo: relaySubject(2n), key: keyOf("relay") }, 154],
    ["the oracle's of the same number", { boundTo: oracle, key: keyOf("relay") }, 154],
    ["of another transport key", { key: keyOf("another") }, 154],
    ["of another chain", { chainId: "weir-test-2" }, 154],
    ["of another epoch than it says", { boundEpoch: 9n }, 154],
    ["too old", { epoch: 7n }, 155],
    ["of an epoch to come", { epoch: 11n }, 155],
    ["by somebody else", { operator: other }, 160],
    ["for nobody", { subject: relaySubject(9n) }, 161],
    ["without bytes", { quote: new Uint8Array(0) }, 151],
    ["too long", { quote: new Uint8Array(format.bytesMax + 1) }, 151],
    ["expired", { notAfter: testBlock.time.seconds }, 153],
    ["not valid yet", { notBefore: testBlock.time.seconds + 1_001n }, 152],
    ["nothing that is a quote", { quote: new Uint8Array(5000) }, 152],
  ] as const)("is refused: one %s", (_what, given, code) => {
    const chain = evidenceChain();
    expect(attach(chain, given).refusal).toMatchObject({ codespace: "attestation", code });
    expect(counts(chain, 11n)).toBe(false);
  });

  it("is refused a second time, and of a format that nobody registered", () => {
    const chain = evidenceChain();
    const quote = makeQuote({ reportData: bound({}) });
    expect(attach(chain, { quote }).refusal).toBeUndefined();
    expect(attach(chain, { quote }).refusal).toMatchObject({ code: 157 });
    openEpoch(chain, 12n);
    expect(attach(chain, { quote }).refusal).toMatchObject({ code: 157 });
    const value = MsgAttachEvidence.fromPartial({ operator, subject: relay, format: "sgx-v3", evidence: quote });
    expect(chain.message(messagePath("MsgAttachEvidence"), value).refusal).toMatchObject({ code: 150 });
  });

  it("is refused with any field of it changed", () => {
    const quote = makeQuote({ reportData: bound({}) });
    const chain = evidenceChain();
    // Header, body, quote's signature, key, certification, enclave's report and signature, authentication, certificates.
    const fields = [
      0,
      2,
      4,
      12,
      28,
      48,
      48 + 136,
      48 + 520,
      632,
      636,
      700,
      764,
      766,
      770,
      770 + 320,
      1154,
      1218,
      1220,
      1252,
      1254,
    ];
    for (const offset of [...fields, 1258 + 60, quote.length - 100]) {
      const changed = quote.slice();
      changed[offset]! ^= 1;
      expect(attach(chain, { quote: changed }).refusal, `${offset}`).toMatchObject({ code: 152 });
    }
    expect(attach(chain, { quote }).refusal).toBeUndefined();
  });

  it("believes Intel's root where governance names none: Google's quote is genuine, and bound to something else", () => {
    const chain = evidenceChain([]);
    const quote = Uint8Array.from(Buffer.from(vectors.quote, "hex"));
    const seconds = BigInt(vectors.seconds);
    openEpoch(chain, 11n, seconds);
    expect(attach(chain, { quote, epoch: 11n }).refusal).toMatchObject({ code: 154 });
    for (const { offset, mask, accepted } of vectors.forgeries.filter((_, index) => index % 20 === 0)) {
      const changed = quote.slice();
      changed[offset]! ^= mask;
      expect(attach(chain, { quote: changed, epoch: 11n }).refusal).toMatchObject({ code: accepted ? 154 : 152 });
    }
    expect(attach(chain, { epoch: 11n }).refusal).toMatchObject({ code: 152 });
    openEpoch(chain, 12n, seconds + 10n ** 9n);
    expect(attach(chain, { quote, epoch: 12n }).refusal).toMatchObject({ code: 153 });
  });

  it("ends with the first certificate that expires", () => {
    const chain = evidenceChain();
    attach(chain, { notAfter: testBlock.time.seconds + 1_200n });
    expect(counts(chain, 11n)).toBe(true);
    openEpoch(chain, 13n);
    expect([12n, 13n].map((epoch) => counts(chain, epoch))).toEqual([true, false]);
  });

  it("does not count with another transport key, and again with a quote of that", () => {
    const chain = evidenceChain();
    attach(chain);
    const stored = relays.get(chain.context(), 1n)!;
    const changed = { ...stored, terms: [...stored.terms, termsOf(12n, keyOf("new"))] };
    relays.replace(chain.context(), 1n, stored, changed);
    expect([11n, 12n].map((epoch) => counts(chain, epoch))).toEqual([true, false]);
    openEpoch(chain, 11n);
    expect(attach(chain, { epoch: 11n }).refusal).toMatchObject({ code: 154 });
    expect(attach(chain, { epoch: 11n, key: keyOf("new") }).refusal).toBeUndefined();
    expect([11n, 12n].map((epoch) => counts(chain, epoch))).toEqual([true, true]);
  });

  it("keeps what epochs read that are not settled yet, and no more", () => {
    const chain = evidenceChain();
    for (let epoch = 10n; epoch < 30n; epoch++) {
      openEpoch(chain, epoch);
      expect(attach(chain, { epoch }).refusal).toBeUndefined();
    }
    const { attached } = chain.query<queries.QueryEvidenceResponse>(queryPath("Evidence"), { kind: "relay", id: "1" });
    expect(attached.map(({ fromEpoch }) => fromEpoch)).toEqual([25n, 26n, 27n, 28n, 29n, 30n]);
    forgetEvidence(chain.context(), relay);
    expect(counts(chain, 29n)).toBe(false);
  });

  it("is paid for before it is verified, by its length", () => {
    const chain = evidenceChain();
    const quote = makeQuote({ reportData: bound({}) });
    const ctx = executionContext(memoryJournal(), testBlock, "finalize", limitedGasMeter(10_000_000n));
    relays.set(ctx, 1n, relays.get(chain.context(), 1n)!);
    const spent = (length: number): bigint => {
      const before = ctx.gas.consumed;
      epochs.set(ctx, 0n, epochs.get(chain.context(), 10n)!);
      const garbage = { operator, subject: relay, format, quote: new Uint8Array(length), epoch: 0n };
      expect(() => attachEvidence(ctx, garbage)).toThrow(/not a tdx-v4 quote/);
      return ctx.gas.consumed - before;
    };
    expect(spent(6000) - spent(1000)).toBe(50_000n);
    expect(format.gas(quote.length)).toBeGreaterThan(180_000n);
  });
});

describe("governance", () => {
  const revoke = (chain: TestChain, changes: object = {}) =>
    chain.message(messagePath("MsgRevokeEvidence"), {
      authority: authorityAddress(),
      format: "tdx-v4",
      serials: [testSerials.platform],
      reason: "keys leaked",
      ...changes,
    });
  const setPolicy = (chain: TestChain, changes: Partial<EvidencePolicy>, authority = authorityAddress()) =>
    chain.message(messagePath("MsgSetEvidencePolicy"), { authority, policy: { ...trusting, ...changes } });

  it("revokes a platform, or all below a root, from the next epoch on and for ever", () => {
    for (const serial of Object.values(testSerials)) {
      const chain = evidenceChain();
      attach(chain);
      openEpoch(chain, 11n);
      expect(revoke(chain, { serials: [serial] }).refusal).toBeUndefined();
      expect([11n, 12n].map((epoch) => counts(chain, epoch))).toEqual([true, false]);
      openEpoch(chain, 13n);
      revoke(chain, { serials: [serial], reason: "again" });
      expect([11n, 12n].map((epoch) => counts(chain, epoch))).toEqual([true, false]);
      expect(attach(chain, { epoch: 13n }).refusal).toMatchObject({ code: 156 });
      const listed = chain.query<queries.QueryEvidenceRevocationsResponse>(queryPath("EvidenceRevocations"), {});
      expect(listed.revocations).toEqual([
        { format: "tdx-v4", serial, revocation: { fromEpoch: 12n, reason: "keys leaked" } },
      ]);
    }
  });

  it("closes a format, and lists the machines that it accepts", () => {
    const chain = evidenceChain();
    setPolicy(chain, { accepted: false });
    expect(attach(chain).refusal).toMatchObject({ code: 158 });
    setPolicy(chain, { measurements: [new Uint8Array(48).fill(6)] });
    expect(attach(chain).refusal).toMatchObject({ code: 159 });
    expect(attach(chain, { measurement: new Uint8Array(48).fill(6) }).refusal).toBeUndefined();
    const { policies } = chain.query<queries.QueryEvidencePoliciesResponse>(queryPath("EvidencePolicies"), {});
    expect(policies).toMatchObject([{ policy: { format: "tdx-v4", freshEpochs: 2n }, bytesMax: 16_384n }]);
  });

  it("is not anybody, and stays in bounds", () => {
    const chain = evidenceChain();
    expect(setPolicy(chain, {}, operator).refusal).toMatchObject({ codespace: "gov" });
    expect(revoke(chain, { authority: operator }).refusal).toMatchObject({ codespace: "gov" });
    const wrong: readonly Partial<EvidencePolicy>[] = [
      { format: "sgx" },
      { roots: [new Uint8Array(64)] },
      { roots: Array.from({ length: 9 }, () => testRoot) },
      { measurements: [new Uint8Array(47)] },
      { measurements: Array.from({ length: 65 }, () => new Uint8Array(48)) },
      { lifetimeEpochs: 0n },
      { lifetimeEpochs: 1_001n },
      { freshEpochs: 0n },
      { freshEpochs: 11n },
    ];
    for (const changes of wrong) expect(setPolicy(chain, changes).refusal).toMatchObject({ code: 162 });
    const many = Array.from({ length: 101 }, (_, index) => (index + 256).toString(16).padStart(4, "0"));
    const serials = [[], ["XY"], ["abc"], ["00ab"], ["a".repeat(42)], many];
    for (const list of serials) expect(revoke(chain, { serials: list }).refusal).toMatchObject({ code: 162 });
    expect(revoke(chain, { reason: "" }).refusal).toMatchObject({ code: 162 });
    expect(revoke(chain, { reason: "x".repeat(257) }).refusal).toMatchObject({ code: 162 });
    expect(revoke(chain, { format: "sgx" }).refusal).toMatchObject({ code: 162 });
  });
});

describe("a genesis with evidence", () => {
  it("makes from an export the same evidence again", () => {
    const chain = evidenceChain();
    attach(chain);
    attach(chain, { subject: oracle });
    chain.message(messagePath("MsgRevokeEvidence"), {
      authority: authorityAddress(),
      format: "tdx-v4",
      serials: ["0f"],
      reason: "lost",
    });
    const { attestation } = chain.exported();
    expect(testChain({ attestation }, definition).exported().attestation).toEqual(attestation);
    expect(JSON.stringify(attestation)).toContain('"0f"');
  });

  it.each([
    ["a policy twice", { policies: [trusting, trusting] }],
    ["a policy out of bounds", { policies: [{ ...trusting, freshEpochs: 0n }] }],
    ["evidence of nobody", { evidence: [{ subject: relaySubject(0n), evidence: { attached: [] } }] }],
    ["evidence that is none", { evidence: [{ subject: relay, evidence: { attached: [] } }] }],
    ["a revocation without a reason", { revocations: [{ format: "tdx-v4", serial: "0f", revocation: undefined }] }],
    [
      "a serial that is none",
      { revocations: [{ format: "tdx-v4", serial: "f", revocation: { fromEpoch: 0n, reason: "" } }] },
    ],
    [
      "an unknown format",
      { revocations: [{ format: "sgx", serial: "0f", revocation: { fromEpoch: 0n, reason: "" } }] },
    ],
  ])("is refused with %s", (_what, changes) => {
    expect(() => evidenceGenesis.parse({ policies: [], revocations: [], evidence: [], ...changes })).toThrow(
      /attestation\.evidence/,
    );
  });
});

describe("the registry of formats", () => {
  it("says of a quote what the rules need, and why it believes nothing", () => {
    const quote = makeQuote({ reportData: new Uint8Array(64).fill(3) });
    expect(format.verify(quote, [testRoot], testBlock.time.seconds)).toMatchObject({
      serials: [testSerials.platform, testSerials.root],
      expiresAt: testValidity.notAfter,
    });
    const refusals = [
      format.verify(quote, format.roots, testBlock.time.seconds),
      format.verify(quote, [testRoot], 1n << 40n),
    ];
    expect(refusals.every(isRefusal)).toBe(true);
    expect(refusals).toMatchObject([{ kind: "forged" }, { kind: "expired" }]);
  });
});
