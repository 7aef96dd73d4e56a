import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { weir } from "../../modules/index.ts";
import { requireCanonical } from "../../test/helpers/protobuf.ts";
import { makeRegistry } from "../definition.ts";
import { ChainError } from "../errors.ts";
import { decodeTx, txBytesMax } from "./decode.ts";

const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));

const vectors = JSON.parse(readFileSync("test/vectors/txdecode.json", "utf8")) as {
  readonly entries: readonly { readonly name: string; readonly tx: string; readonly error?: string }[];
  readonly campaigns: readonly { readonly tx: string; readonly accepted: string }[];
};

const registry = makeRegistry(weir.modules);
const decode = (bytes: Uint8Array) => decodeTx(bytes, registry);

/** Why we refuse, or undefined. */
function refusal(bytes: Uint8Array): string | undefined {
  try {
    decode(bytes);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(ChainError);
    return (error as ChainError).message;
  }
}

/** Go's decoder takes these. One meaning must have one encoding here, as anybody may re-encode what no signature covers. */
const stricter: Readonly<Record<string, string>> = {
  "body twice": "comes twice",
  "memo twice": "comes twice",
  "memo after timeout height": "expected ascending fields",
  "two members of a oneof": "a second member of one oneof",
  "empty body written": "default value",
  "empty memo written": "default value",
  "gas limit 0 written": "default value",
  "timeout height 0 written": "default value",
  "fee written empty": "default value",
  "timeout height long": "longer than it needs to be",
  "unordered 2": "neither 0 nor 1",
  "mode beyond 32 bits": "exceeds 32 bits",
  "fee +5": "not canonical",
  "fee -0": "not canonical",
  "fee 007": "not canonical",
  "fee 0x10": "not canonical",
  "fee 1_0": "not canonical",
  "memo with overlong UTF-8": "not UTF-8",
  "memo with a surrogate": "not UTF-8",
  "modes nested seven deep": "deeper than 16",
  "modes nested 200 deep": "deeper than 16",
  "unknown non-critical field in a message": "unknown field 1025",
  "unknown non-critical field in body": "unknown field 1025",
};

/** The SDK says which interface is missing; here only handled messages and keys that can sign resolve at all. */
const looser = /no concrete type registered|no registered implementations/;

describe("decoding a transaction", () => {
  for (const { name, tx, error } of vectors.entries)
    it(`answers as Go does, or more strictly, to ${name}`, () => {
      const ours = refusal(hex(tx));
      if (error === undefined) expect(ours ?? "").toContain(stricter[name] ?? "");
      if (error === undefined && stricter[name] === undefined) expect(ours).toBeUndefined();
      if (error !== undefined && !name.includes("extension")) expect(ours).toBeDefined();
      if (error?.startsWith("unable to resolve type URL") === true) expect(ours).toBe(error);
      if (error !== undefined && looser.test(error) && !name.includes("extension"))
        expect(ours).toMatch(/^unable to resolve type URL .*: tx parse error$/);
    });

  for (const [index, { tx, accepted }] of vectors.campaigns.entries())
    it(`takes no changed transaction that Go refuses (base ${index + 1})`, () => {
      const counts = { both: 0, onlyGo: 0, neither: 0 };
      let next = 0;
      for (const changed of changes(hex(tx))) {
        const go = accepted[next++] === "1";
        const ours = refusal(changed) === undefined;
        if (ours) requireCanonicalTx(changed);
        expect(ours && !go, `change ${next}`).toBe(false);
        counts[ours ? "both" : go ? "onlyGo" : "neither"]++;
      }
      expect(next).toBe(accepted.length);
      expect(counts.both).toBeGreaterThan(500);
      expect(counts.onlyGo).toBeGreaterThan(100);
    });

  it("gives each message its handler and its value", () => {
    const { tx } = vectors.entries.find(({ name }) => name === "everything")!;
    const { messages, body, authInfo, signatures } = decode(hex(tx));
    expect(messages.map(({ typeUrl }) => typeUrl)).toStrictEqual([
      "/cosmos.bank.v1beta1.MsgSend",
      "/cosmos.bank.v1beta1.MsgMultiSend",
    ]);
    expect(messages[0]).toMatchObject({
      handler: registry.handler("/cosmos.bank.v1beta1.MsgSend"),
      value: { amount: [{ denom: "uweir", amount: "1" }] },
    });
    expect(messages[1]!.value).toMatchObject({ outputs: [{ address: "", coins: [] }] });
    expect(body).toMatchObject({ memo: "mémo \u2028", timeoutHeight: (1n << 64n) - 1n });
    expect(authInfo.fee).toMatchObject({ gasLimit: 200000n });
    expect(signatures).toHaveLength(1);
  });

  it("refuses bytes beyond the limit before it looks at them", () => {
    expect(refusal(new Uint8Array(txBytesMax + 1))).toBe(
      "the transaction has 1048577 bytes, expected at most 1048576: tx too large",
    );
  });

  it("says where in the transaction it stopped reading", () => {
    const bytes = hex(vectors.entries.find(({ name }) => name === "a send")!.tx);
    const at = Buffer.from(bytes).indexOf("uweir");
    bytes[at] = 0xff;
    expect(refusal(bytes)).toBe(
      `body.messages[0].value.amount[0].denom, byte ${at}: the text is not UTF-8; expected valid UTF-8: tx parse error`,
    );
  });
});

/** As docs/vectors/txdecode makes them, in its order. */
function* changes(base: Uint8Array): Generator<Uint8Array> {
  const spliced = (at: number, remove: number, ...insert: number[]): Uint8Array =>
    Uint8Array.of(...base.subarray(0, at), ...insert, ...base.subarray(at + remove));
  for (let at = 0; at < base.length; at++) {
    const old = base[at]!;
    for (const byte of [old ^ 1, old ^ 2, old ^ 8, old ^ 0x80, 0, 0xff]) if (byte !== old) yield spliced(at, 1, byte);
    for (const byte of [0, 0x0a, 0x80]) yield spliced(at, 0, byte);
    yield spliced(at, 1);
    yield base.slice(0, at);
  }
}

function requireCanonicalTx(bytes: Uint8Array): void {
  const { bodyBytes, authInfoBytes } = decode(bytes);
  requireCanonical("cosmos.tx.v1beta1.TxRaw", bytes);
  requireCanonical("cosmos.tx.v1beta1.TxBody", bodyBytes);
  requireCanonical("cosmos.tx.v1beta1.AuthInfo", authInfoBytes);
}
