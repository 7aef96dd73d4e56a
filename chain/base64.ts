/** Base64 with padding (RFC 4648 §4), as protojson, amino JSON and the SDK's events write bytes. Consensus code has no Buffer. */

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

const utf8 = new TextEncoder();
const ascii = new TextDecoder();

/** Six bits to the character's code. */
const codes = utf8.encode(alphabet);
const paddingCode = "=".charCodeAt(0);

/** Where short texts are put together, as every signature's is: at once, because a string that grows leaves its halves behind. */
const scratch = new Uint8Array(4096);

export function base64(bytes: Uint8Array): string {
  const length = Math.ceil(bytes.length / 3) * 4;
  const text = length <= scratch.length ? scratch : new Uint8Array(length);
  let at = 0;
  for (let index = 0; index < bytes.length; index += 3) {
    const bits = (bytes[index]! << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
    text[at++] = codes[bits >> 18]!;
    text[at++] = codes[(bits >> 12) & 63]!;
    text[at++] = codes[(bits >> 6) & 63]!;
    text[at++] = codes[bits & 63]!;
  }
  if (bytes.length % 3 > 0) text[length - 1] = paddingCode;
  if (bytes.length % 3 === 1) text[length - 2] = paddingCode;
  return ascii.decode(text.subarray(0, length));
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
