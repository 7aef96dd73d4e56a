/** Reading DER (X.690): the strict subset in which certificates are written. Owns tags and lengths, not what a certificate means. */

export interface DerValue {
  readonly tag: number;
  /** What is inside. */
  readonly content: Uint8Array;
  /** Tag and length too: what a signature covers. */
  readonly whole: Uint8Array;
}

export const derTags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
} as const;

/** A length of more octets than these belongs to no certificate. */
const lengthOctetsMax = 3;

export class DerError extends Error {}

/** The value at `offset`; a length in another than the shortest form is refused, as DER asks. */
function readAt(bytes: Uint8Array, offset: number): DerValue {
  const tag = bytes[offset];
  const first = bytes[offset + 1];
  if (tag === undefined || first === undefined) throw new DerError("the data ends where a value should begin");
  if ((tag & 0x1f) === 0x1f) throw new DerError("tags of several octets are not expected here");
  let start = offset + 2;
  let length = first;
  if (first >= 0x80) {
    const octets = first & 0x7f;
    if (octets === 0 || octets > lengthOctetsMax)
      throw new DerError(`a length of ${octets} octets is not expected here`);
    length = 0;
    for (let index = 0; index < octets; index++) length = length * 256 + (bytes[start + index] ?? 0);
    if (length < 0x80 || length < 256 ** (octets - 1)) throw new DerError("a length is not in its shortest form");
    start += octets;
  }
  const end = start + length;
  if (end > bytes.length) throw new DerError("a value is longer than the data that should hold it");
  return { tag, content: bytes.subarray(start, end), whole: bytes.subarray(offset, end) };
}

/** The one value that fills `bytes`. */
export function readDer(bytes: Uint8Array, tag: number): DerValue {
  const value = readAt(bytes, 0);
  if (value.whole.length !== bytes.length) throw new DerError("something follows the value");
  return expectTag(value, tag);
}

export function expectTag(value: DerValue | undefined, tag: number): DerValue {
  if (value?.tag !== tag) throw new DerError(`expected a value of tag ${tag}, found ${value?.tag ?? "nothing"}`);
  return value;
}

/** The values inside a constructed one, in order. */
export function derChildren({ content }: DerValue): DerValue[] {
  const children: DerValue[] = [];
  for (let offset = 0; offset < content.length; ) {
    const child = readAt(content, offset);
    children.push(child);
    offset += child.whole.length;
  }
  return children;
}

/** The octets of a bit string that has no spare bits. */
export function bitStringOctets(value: DerValue): Uint8Array {
  if (expectTag(value, derTags.bitString).content[0] !== 0)
    throw new DerError("a bit string does not end with an octet");
  return value.content.subarray(1);
}
