/**
 * Damaged transactions, thrown at the decoder and at the whole of CheckTx's steps. A case may be refused by a ChainError or taken; a
 * transaction that is taken must be the one encoding of what it says. Any other throw ends the run with its seed and bytes.
 */
import { makeRegistry } from "../../chain/definition.ts";
import { ChainError } from "../../chain/errors.ts";
import { signTx, unsignedForSimulation } from "../../chain/tx/build.ts";
import { decodeTx } from "../../chain/tx/decode.ts";
import { weir } from "../../modules/index.ts";
import { AuthInfo, TxBody, TxRaw } from "../../proto/gen/cosmos/tx/v1beta1/tx.ts";
import { type AnteChain, actor, anteChain, coins, ed25519Actor, multisigOf, send } from "./antechain.ts";
import { generatedMessage, randomMessage, requireCanonical } from "./protobuf.ts";
import { type Random, seededRandom } from "./random.ts";

export interface FuzzCounts {
  readonly cases: number;
  decoded: number;
  refused: number;
  checked: number;
  passed: number;
}

export interface FuzzPlan {
  readonly seed: number;
  readonly cases: number;
  /** One case in so many also passes the ante steps. */
  readonly checkOneIn: number;
}

const registry = makeRegistry(weir.modules);
const typeUrls = weir.modules.flatMap(({ messages }) => Object.keys(messages));
const alice = actor(1);
const edith = ed25519Actor(2);
const pair = multisigOf(2, [alice, edith]);
const fee = { amount: coins("500uweir"), gasLimit: 200_000n };

function signedBases(chain: AnteChain): Uint8Array[] {
  const payment = send(alice, edith, "10uweir");
  const signers = [chain.signer(alice), chain.signer(edith, { mode: 127 })];
  return [
    signTx({ messages: [payment], memo: "hello" }, fee, [chain.signer(alice)]),
    signTx({ messages: [payment, send(edith, alice, "1uusdc")], timeoutHeight: 9n }, fee, signers),
    unsignedForSimulation({ messages: [send(pair, alice, "1uweir")] }, fee, [
      { publicKey: pair.publicKey, sequence: 0n },
    ]),
  ];
}

/** Random messages of every handled type in a random body; it decodes but nobody signed it. */
function randomBase(random: Random): Uint8Array {
  const messages = Array.from({ length: 1 + random.below(3) }, () => {
    const typeUrl = random.pick(typeUrls);
    const typeName = typeUrl.slice(1);
    return {
      typeUrl,
      value: generatedMessage(typeName)
        .encode(randomMessage(random, typeName, 3))
        .finish(),
    };
  });
  const body = randomMessage(random, "cosmos.tx.v1beta1.TxBody", 1) as unknown as TxBody;
  const authInfo = randomMessage(random, "cosmos.tx.v1beta1.AuthInfo", 5) as unknown as AuthInfo;
  return TxRaw.encode({
    bodyBytes: TxBody.encode({ ...body, messages, extensionOptions: [], nonCriticalExtensionOptions: [] }).finish(),
    authInfoBytes: AuthInfo.encode(authInfo).finish(),
    signatures: Array.from({ length: random.below(3) }, () => random.bytes(64)),
  }).finish();
}

const splice = (bytes: Uint8Array, at: number, remove: number, insert: Uint8Array): Uint8Array => {
  const result = new Uint8Array(bytes.length - remove + insert.length);
  result.set(bytes.subarray(0, at));
  result.set(insert, at);
  result.set(bytes.subarray(at + remove), at + insert.length);
  return result;
};

const oddBytes = [0x00, 0x01, 0x07, 0x08, 0x0a, 0x12, 0x1a, 0x7f, 0x80, 0xff] as const;

function damage(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  const at = random.below(bytes.length);
  const length = Math.min(random.below(12), bytes.length - at);
  switch (random.below(8)) {
    case 0:
      return splice(bytes, at, 1, Uint8Array.of(bytes[at]! ^ (1 << random.below(8))));
    case 1:
      return splice(bytes, at, 1, Uint8Array.of(random.pick(oddBytes)));
    case 2:
      return splice(bytes, at, 0, Uint8Array.of(random.pick(oddBytes)));
    case 3:
      return splice(bytes, at, length, new Uint8Array(0));
    case 4:
      return splice(bytes, at, 0, bytes.slice(at, at + length));
    case 5:
      return bytes.slice(0, at);
    case 6:
      return splice(bytes, at, length, other.slice(random.below(other.length), random.below(other.length)));
    default:
      return splice(bytes, at, 1, Uint8Array.of(bytes[at]! | 0x80, 0));
  }
}

function requireCanonicalTx(tx: {
  readonly bytes: Uint8Array;
  bodyBytes: Uint8Array;
  authInfoBytes: Uint8Array;
}): void {
  requireCanonical("cosmos.tx.v1beta1.TxRaw", tx.bytes);
  requireCanonical("cosmos.tx.v1beta1.TxBody", tx.bodyBytes);
  requireCanonical("cosmos.tx.v1beta1.AuthInfo", tx.authInfoBytes);
}

function tryOne(bytes: Uint8Array, chain: AnteChain, isChecked: boolean, counts: FuzzCounts): void {
  try {
    requireCanonicalTx(decodeTx(bytes, registry));
    counts.decoded++;
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    counts.refused++;
    return;
  }
  if (!isChecked) return;
  counts.checked++;
  if (chain.pass(bytes, { mode: "check" }).refusal === undefined) counts.passed++;
}

/** How many cases share their random bases. */
const casesPerBase = 500;

export function fuzzTransactions({ seed, cases, checkOneIn }: FuzzPlan): FuzzCounts {
  const chain = anteChain([alice, edith, pair]);
  const signed = signedBases(chain);
  const random = seededRandom(seed);
  const counts: FuzzCounts = { cases, decoded: 0, refused: 0, checked: 0, passed: 0 };
  let bases = signed;
  for (let index = 0; index < cases; index++) {
    if (index % casesPerBase === 0) bases = [...signed, randomBase(random), randomBase(random), randomBase(random)];
    let bytes = random.pick(bases);
    const rounds = random.below(3);
    for (let round = 0; round < rounds && bytes.length > 0; round++) bytes = damage(random, bytes, random.pick(bases));
    try {
      tryOne(bytes, chain, random.chance(checkOneIn), counts);
    } catch (error) {
      const where = `seed ${seed}, case ${index}: ${Buffer.from(bytes).toString("hex")}`;
      throw new Error(`a damaged transaction was not refused as it should be (${where})`, { cause: error });
    }
  }
  return counts;
}
