/** Base64 with padding (RFC 4648 §4), as protojson, amino JSON and the SDK's events write bytes. Consensus code has no Buffer. */

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Twelve bits at a time. */
const pairs: readonly string[] = Array.from(
  { length: 4096 },
  (_, bits) => alphabet.charAt(bits >> 6) + alphabet.charAt(bits & 63),
);

export function base64(bytes: Uint8Array): string {
  let text = "";
  let index = 0;
  for (; index + 2 < bytes.length; index += 3) {
    const bits = (bytes[index]! << 16) | (bytes[index + 1]! << 8) | bytes[index + 2]!;
    text += pairs[bits >> 12]! + pairs[bits & 4095]!;
  }
  const left = bytes.length - index;
  if (left === 1) return `${text}${pairs[bytes[index]! << 4]}==`;
  if (left === 2) {
    const bits = (bytes[index]! << 8) | bytes[index + 1]!;
    return `${text}${pairs[bits >> 4]}${alphabet.charAt((bits & 15) << 2)}=`;
  }
  return text;
}

const values = new Map<string, number>([...alphabet].map((letter, value) => [letter, value]));
/** protojson takes the URL-safe letters too. */
values.set("-", 62).set("_", 63);

const shape = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** Takes both alphabets, with padding or without, as protojson does; undefined when the text is no base64. */
export function parseBase64(text: string): Uint8Array | undefined {
  if (!shape.test(text)) return undefined;
  const digits = text.replace(/=+$/, "");
  if (digits.length % 4 === 1 || (digits.length < text.length && text.length % 4 !== 0)) return undefined;
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4));
  let bits = 0;
  let count = 0;
  let at = 0;
  for (let index = 0; index < digits.length; index++) {
    bits = ((bits << 6) | values.get(digits.charAt(index))!) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes[at++] = (bits >> count) & 0xff;
  }
  return bytes;
}
