/**
 * Top-up codes: what a shop sells and a newcomer types. A code is the secret of an account that the shop has put money into; whoever knows it first
 * takes the money over. Owns how a code is written, read, and checked before anybody is asked; does not own money (codefunding.ts, redeeming.ts).
 *
 * "weir-qpzr-y9x8-…": 36 characters of bech32's alphabet behind the word, in fours: version 1 · chain 3 · secret 26 · checksum 6. The checksum is
 * bech32m's (BIP-350) over all before it: up to four wrong characters are always noticed.
 */
import { hkdfSync } from "node:crypto";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256 } from "../../chain/crypto/hash.ts";
import { encodeUtf8 } from "../../chain/utf8.ts";

const word = "weir";
const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const version = 0;
const chainCharacters = 3;
export const codeSecretBytes = 16;
const secretCharacters = 26;
const checksumCharacters = 6;
const dataCharacters = 1 + chainCharacters + secretCharacters;
const codeCharacters = dataCharacters + checksumCharacters;
const groupCharacters = 4;
/** What anybody may paste before it is looked at. */
const typedCharactersMax = 200;

/** What is wrong with what was typed; it never repeats the code. */
export class CodeProblem extends Error {}

// ------------------------------------------------------------------------------------------------------------------ checksum

const bech32m = 0x2bc830a3;
const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

/** BIP-173's BCH code over the word and the values of five bits. */
function polymod(values: readonly number[]): number {
  let register = 1;
  for (const value of values) {
    const top = register >>> 25;
    register = ((register & 0x1ffffff) << 5) ^ value;
    generators.forEach((generator, bit) => {
      if ((top >> bit) & 1) register ^= generator;
    });
  }
  return register;
}

const characters = [...word].map((letter) => letter.charCodeAt(0));
const prefix = [...characters.map((code) => code >> 5), 0, ...characters.map((code) => code & 31)];

function checksumOf(values: readonly number[]): readonly number[] {
  const register = polymod([...prefix, ...values, ...new Array<number>(checksumCharacters).fill(0)]) ^ bech32m;
  return Array.from({ length: checksumCharacters }, (_, i) => (register >> (5 * (checksumCharacters - 1 - i))) & 31);
}

const isWhole = (values: readonly number[]): boolean => polymod([...prefix, ...values]) === bech32m;

// ------------------------------------------------------------------------------------------------------------- five-bit values

function fives(bytes: Uint8Array, count: number): number[] {
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  bits <<= BigInt(5 * count - 8 * bytes.length);
  return Array.from({ length: count }, (_, i) => Number((bits >> BigInt(5 * (count - 1 - i))) & 31n));
}

/** The two bits behind the secret are zero. */
function secretOf(values: readonly number[]): Uint8Array {
  let bits = 0n;
  for (const value of values) bits = (bits << 5n) | BigInt(value);
  const spare = BigInt(5 * secretCharacters - 8 * codeSecretBytes);
  if ((bits & ((1n << spare) - 1n)) !== 0n) throw new CodeProblem("this is no top-up code that this program knows");
  bits >>= spare;
  return Uint8Array.from({ length: codeSecretBytes }, (_, i) =>
    Number((bits >> BigInt(8 * (codeSecretBytes - 1 - i))) & 255n),
  );
}

/** Fifteen bits of the chain's name: enough to notice a code of another chain. */
const chainValues = (chainId: string): number[] => fives(sha256(encodeUtf8(chainId)), 52).slice(0, chainCharacters);

// ---------------------------------------------------------------------------------------------------------------------- codes

export function formatCode(chainId: string, secret: Uint8Array): string {
  if (secret.length !== codeSecretBytes) throw new RangeError(`a code's secret has ${codeSecretBytes} bytes`);
  const values = [version, ...chainValues(chainId), ...fives(secret, secretCharacters)];
  const text = [...values, ...checksumOf(values)].map((value) => alphabet[value]).join("");
  const groups = Array.from({ length: codeCharacters / groupCharacters }, (_, i) =>
    text.slice(i * groupCharacters, (i + 1) * groupCharacters),
  );
  return [word, ...groups].join("-");
}

/** The alphabet leaves out what looks alike; who reads it off a card may still type it. */
const alike: Readonly<Record<string, string>> = { "1": "l", i: "l", o: "0" };

/** The secret. Throws CodeProblem in words for a person: what is wrong, and where to look. */
export function parseCode(typed: string, chainId: string): Uint8Array {
  const values = valuesOf(typed);
  if (!isWhole(values)) throw mistyped(values);
  if (values[0] !== version) {
    throw new CodeProblem("this code was made by a newer program: update this one, and try again");
  }
  if (!chainValues(chainId).every((value, i) => value === values[1 + i])) {
    throw new CodeProblem(
      `this code belongs to another network than ${chainId}: ask the shop which, and see --node and --chain-id`,
    );
  }
  return secretOf(values.slice(1 + chainCharacters, dataCharacters));
}

function valuesOf(typed: string): number[] {
  if (typed.length > typedCharactersMax) throw new CodeProblem("this is much longer than a top-up code");
  const plain = typed.toLowerCase().replace(/[\s\-–—_.]/g, "");
  const body = plain.startsWith(word) && plain.length > codeCharacters ? plain.slice(word.length) : plain;
  if (body.length !== codeCharacters) {
    throw new CodeProblem(
      `this has ${body.length} characters behind "${word}", and a top-up code has ${codeCharacters}: something is missing or too much`,
    );
  }
  return [...body].map((letter, index) => {
    const value = alphabet.indexOf(alike[letter] ?? letter);
    if (value === -1) throw new CodeProblem(`no code has such a character as the one in ${placeOf(index)}`);
    return value;
  });
}

const placeOf = (index: number): string => `group ${Math.floor(index / groupCharacters) + 1} of four characters`;

/** Where one changed character would make it whole, that place is named; what should stand there is not, for the card says it. */
function mistyped(values: readonly number[]): CodeProblem {
  const places = values.flatMap((_, index) =>
    alphabet.split("").some((__, value) => isWhole(values.with(index, value))) ? [index] : [],
  );
  const hint = places.length === 1 ? ` Look again at ${placeOf(places[0]!)}.` : "";
  return new CodeProblem(`this code is mistyped: nothing was sent, and nothing is lost.${hint}`);
}

/** The private key of a code's account, which the caller wipes. A chain's name is part of it, so that a code is of one chain alone. */
export function codePrivateKey(chainId: string, secret: Uint8Array): Uint8Array {
  for (let attempt = 0; ; attempt++) {
    const key = new Uint8Array(hkdfSync("sha256", secret, "", `weir/top-up-code/${attempt}/${chainId}`, 32));
    if (secp256k1.utils.isValidSecretKey(key)) return key;
  }
}
