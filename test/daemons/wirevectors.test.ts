/** What goes over the wire and what is signed, byte for byte as a second reading of docs/protocol.md has it (docs/vectors/wire). */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { duplexPair } from "node:stream";
import { describe, expect, it } from "vitest";
import { verifyEd25519 } from "../../chain/crypto/ed25519.ts";
import { ed25519KeyPair, signEd25519 } from "../../chain/crypto/sign.ts";
import { fromJson, toJson } from "../../chain/protojson.ts";
import { strictDecode } from "../../chain/tx/strict.ts";
import { type AttestedReading, attestationBytes, transcriptBytes } from "../../modules/attestation/attestationbytes.ts";
import { readAttestationBytes } from "../../modules/attestation/attestationread.ts";
import { oracleProofInput } from "../../modules/attestation/covert.ts";
import { transportPossessionInput, vrfPossessionInput } from "../../modules/attestation/keys.ts";
import { leafHash, leafTree } from "../../modules/attestation/leaves.ts";
import { amountFor, closingBytes, deliveryBytes, voucherBytes } from "../../modules/market/index.ts";
import { servedBytesMax, voucherIntervalBytes } from "../../node/forwarding/credit.ts";
import { isSessionProof, sessionProof } from "../../node/forwarding/wire.ts";
import { addKeystream } from "../../node/measurement/keystream.ts";
import { numberOfPing, type PingDirection, pingPacket } from "../../node/measurement/pingpacket.ts";
import { ReceivedBytes } from "../../node/measurement/samples.ts";
import { certificateOf, keyOfCertificate } from "../../node/transport/certificate.ts";
import { frame, readFrame } from "../../node/transport/frames.ts";
import {
  Answer,
  DatagramFrame,
  Open,
  ReceiptFrame,
  TranscriptAnswer,
  TranscriptFrame,
  VoucherFrame,
} from "../../proto/gen/weir/wire/v1/wire.ts";

interface Signed {
  readonly what: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly seed: string;
  readonly bytes: string;
  readonly signature: string;
}

interface Vectors {
  readonly chainId: string;
  readonly frames: readonly { readonly length: number; readonly head: string }[];
  readonly messages: readonly {
    readonly what: string;
    readonly type: string;
    readonly json: unknown;
    readonly frame: string;
  }[];
  readonly certificates: readonly { readonly seed: string; readonly der: string }[];
  readonly measurement: {
    readonly oracleSeed: string;
    readonly linkKey: string;
    readonly pieces: readonly { readonly offset: number; readonly sent: string; readonly back: string }[];
    readonly nonce: string;
    readonly pingKey: string;
    readonly pings: readonly { readonly number: number; readonly direction: PingDirection; readonly packet: string }[];
    readonly rates: readonly { readonly samples: readonly number[]; readonly bps: string }[];
  };
  readonly attestations: readonly {
    readonly fields: Readonly<Record<string, string | number>>;
    readonly oracle: Signed;
    readonly leaf: string;
    readonly transcript: Signed;
  }[];
  readonly trees: readonly { readonly count: number; readonly root: string }[];
  readonly signed: readonly Signed[];
  readonly amounts: readonly { readonly pricePerGib: string; readonly bytes: string; readonly amount: string }[];
  readonly credits: readonly Readonly<
    Record<"paidBytes" | "affordableBytes" | "intervalBytes" | "servedBytes", string>
  >[];
  readonly registration: {
    readonly operator: string;
    readonly transportPossession: Signed;
    readonly vrfPossessionInput: string;
    readonly oracleProof: Readonly<Record<"epoch" | "oracle" | "seed" | "input", string>>;
  };
}

const vectors = JSON.parse(readFileSync(new URL("../vectors/wire.json", import.meta.url), "utf8")) as Vectors;
const { chainId } = vectors;
const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const pattern = (length: number, seed: number) => Uint8Array.from({ length }, (_, index) => (seed + index) & 0xff);

/** The bytes are those, and so is the one signature that ed25519 has for them. */
function expectSigned({ seed, bytes, signature }: Signed, own: Uint8Array): void {
  expect(hex(own)).toBe(bytes);
  expect(hex(signEd25519(unhex(seed), own))).toBe(signature);
  expect(verifyEd25519(ed25519KeyPair(unhex(seed)).publicKey, unhex(signature), own)).toBe(true);
}

describe("messages on a link", () => {
  const codecs = [Answer, DatagramFrame, Open, ReceiptFrame, TranscriptAnswer, TranscriptFrame, VoucherFrame];

  it.each(vectors.frames)("of $length bytes begin with $head", ({ length, head }) => {
    const whole = frame(new Uint8Array(length));
    expect(hex(whole.subarray(0, whole.length - length))).toBe(head);
  });

  it.each(vectors.messages)("are those of $what", async ({ type, json, frame: expected }) => {
    const codec = codecs.find(({ $type }) => $type === type)!;
    const message = fromJson<never>(type, json, "vector");
    expect(hex(frame(codec.encode(message).finish()))).toBe(expected);
    const [near, far] = duplexPair();
    near.end(unhex(expected));
    const read = strictDecode<object>(type, await readFrame(far, { bytesMax: 4096, deadlineMillis: 20_000 }));
    expect(toJson(type, read)).toEqual(toJson(type, message));
  });

  it.each(vectors.certificates)("go over links whose ends show the certificate of the seed $seed", ({ seed, der }) => {
    const { publicKey } = ed25519KeyPair(unhex(seed));
    const certificate = new X509Certificate(certificateOf({ publicKey, seed: unhex(seed) }));
    expect(certificate.raw.toString("hex")).toBe(der);
    expect(keyOfCertificate(new X509Certificate(unhex(der)))).toEqual(publicKey);
  });
});

describe("a measurement", () => {
  const { oracleSeed, linkKey, pieces, nonce, pingKey, pings, rates } = vectors.measurement;

  it.each(pieces)("sends a keystream and gets it back with another, at $offset", ({ offset, sent, back }) => {
    const own = addKeystream(unhex(oracleSeed), BigInt(offset), new Uint8Array(sent.length / 2));
    expect(hex(own)).toBe(sent);
    expect(hex(addKeystream(unhex(linkKey), BigInt(offset), own))).toBe(back);
  });

  it.each(pings)("pings with number $number in direction $direction", ({ number, direction, packet }) => {
    expect(hex(pingPacket(unhex(pingKey), unhex(nonce), number, direction))).toBe(packet);
    expect(numberOfPing(unhex(pingKey), Buffer.from(packet, "hex"), direction)).toBe(number);
  });

  it.each(rates)("comes to $bps bit/s of $samples in quarters of a second", ({ samples, bps }) => {
    const durationMillis = samples.length * 250;
    const received = new ReceivedBytes({ durationMillis, warmUpMillis: 500, sampleMillis: 250 });
    for (const [index, bytes] of samples.entries()) received.add(index * 250, bytes);
    expect(received.bps).toBe(BigInt(bps));
  });
});

describe("an attestation", () => {
  it.each(vectors.attestations)(
    "of $fields is these bytes, and so is what the relay agrees to",
    ({ fields, oracle, leaf, transcript }) => {
      const big = (name: string) => BigInt(fields[name]!);
      const small = (name: string) => Number(fields[name]);
      const bytes = (name: string) => unhex(String(fields[name]));
      const place = { chainId, epoch: big("epoch"), oracle: big("oracle") };
      const reading: AttestedReading = {
        relay: big("relay"),
        kind: small("kind"),
        sessionNonce: bytes("sessionNonce"),
        measuredBps: big("measuredBps"),
        backgroundBps: big("backgroundBps"),
        rttP50Micros: small("rttP50Micros"),
        rttP95Micros: small("rttP95Micros"),
        lossPpm: small("lossPpm"),
        checksPassed: small("checksPassed"),
        bytes: big("bytes"),
        startMillis: big("startMillis"),
        durationMillis: small("durationMillis"),
        transcriptHash: bytes("transcriptHash"),
        observedAddress: bytes("observedAddress"),
      };
      const canonical = attestationBytes(place, reading);
      expectSigned(oracle, canonical);
      expect(hex(leafHash(canonical))).toBe(leaf);
      expectSigned(transcript, transcriptBytes(place, reading));
      expect(readAttestationBytes(canonical, chainId)).toEqual({ place, reading });
    },
  );

  it.each(vectors.trees)("among $count stands under this root", ({ count, root }) => {
    expect(hex(leafTree(Array.from({ length: count }, (_, index) => pattern(187, index))).root)).toBe(root);
  });
});

describe("money", () => {
  const voucherOf = ({ session, bytes, amount, nonce }: Signed["fields"]) => ({
    chainId,
    session: BigInt(session!),
    bytes: BigInt(bytes!),
    amount: BigInt(amount!),
    nonce: BigInt(nonce!),
  });

  it.each(vectors.signed.filter(({ what }) => what !== "session proof"))("is moved by a $what of $fields", (signed) => {
    const { what, fields } = signed;
    if (what === "voucher") expectSigned(signed, voucherBytes(voucherOf(fields)));
    else if (what === "closing") expectSigned(signed, closingBytes(voucherOf(fields)));
    else {
      const [session, bytes, deliveredBytes] = [fields.session!, fields.bytes!, fields.deliveredBytes!].map(BigInt);
      expectSigned(
        signed,
        deliveryBytes({ chainId, session: session!, bytes: bytes!, deliveredBytes: deliveredBytes! }),
      );
    }
  });

  it("is spent by whoever proves a session on a link by its keying material", () => {
    const { fields, seed, signature } = vectors.signed.find(({ what }) => what === "session proof")!;
    const session = BigInt(fields.session!);
    const asked: unknown[] = [];
    const exportKey = (label: string, context: Uint8Array, length: number) => {
      asked.push([label, hex(context), length]);
      return unhex(fields.exported!);
    };
    expect(hex(sessionProof({ exportKey }, { chainId, session }, unhex(seed)))).toBe(signature);
    expect(asked).toEqual([["weir-session-1", "000000000000012c", 32]]);
    const { publicKey } = ed25519KeyPair(unhex(seed));
    expect(isSessionProof({ exportKey }, { chainId, session }, publicKey, unhex(signature))).toBe(true);
    expect(isSessionProof({ exportKey }, { chainId: "other-1", session }, publicKey, unhex(signature))).toBe(false);
  });

  it.each(vectors.amounts)("of $bytes bytes at $pricePerGib is $amount", ({ pricePerGib, bytes, amount }) => {
    expect(amountFor(BigInt(bytes), BigInt(pricePerGib))).toBe(BigInt(amount));
  });

  it.each(vectors.credits)(
    "lets a relay serve $servedBytes bytes where $paidBytes of $affordableBytes are paid",
    (vector) => {
      const standing = { paidBytes: BigInt(vector.paidBytes), affordableBytes: BigInt(vector.affordableBytes) };
      expect(voucherIntervalBytes(standing)).toBe(BigInt(vector.intervalBytes));
      expect(servedBytesMax(standing)).toBe(BigInt(vector.servedBytes));
    },
  );
});

describe("what is registered", () => {
  const { operator, transportPossession, vrfPossessionInput: vrfInput, oracleProof } = vectors.registration;

  it("shows that its secrets are here", () => {
    expectSigned(transportPossession, transportPossessionInput(chainId, unhex(operator)));
    expect(hex(vrfPossessionInput(chainId, unhex(operator)))).toBe(vrfInput);
    const { epoch, oracle, seed, input } = oracleProof;
    const of = { chainId, epoch: BigInt(epoch), oracle: BigInt(oracle), seed: unhex(seed) };
    expect(hex(oracleProofInput(of))).toBe(input);
  });
});
