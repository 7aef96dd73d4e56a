/** ASCII armor (RFC 4880 §6.2) as Go's openpgp/armor writes and reads it. Owns the text; does not know what is armored. */

export interface Armored {
  readonly blockType: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly data: Uint8Array;
}

export const armorCharactersMax = 16_384;
const lineCharacters = 64;

/** RFC 4880 §6.1. */
function crc24(data: Uint8Array): number {
  let crc = 0xb704ce;
  for (const byte of data) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) {
      crc <<= 1;
      if ((crc & 0x1000000) !== 0) crc ^= 0x1864cfb;
    }
  }
  return crc & 0xffffff;
}

const checksumText = (data: Uint8Array): string => {
  const crc = crc24(data);
  return Buffer.of(crc >> 16, (crc >> 8) & 0xff, crc & 0xff).toString("base64");
};

export function encodeArmor({ blockType, headers, data }: Armored): string {
  const base64 = Buffer.from(data).toString("base64");
  const lines = base64.match(new RegExp(`.{1,${lineCharacters}}`, "g")) ?? [""];
  return [
    `-----BEGIN ${blockType}-----`,
    ...[...headers].map(([name, value]) => `${name}: ${value}`),
    "",
    ...lines,
    `=${checksumText(data)}`,
    `-----END ${blockType}-----`,
  ].join("\n");
}

/** What stands before and after the block is ignored. Throws, without quoting it, when the block is not whole. */
export function decodeArmor(text: string): Armored {
  if (text.length > armorCharactersMax) throw new Error(`it has more than ${armorCharactersMax} characters`);
  const lines = text.split("\n").map((line) => line.trim());
  const begin = lines.findIndex((line) => /^-----BEGIN .+-----$/.test(line));
  if (begin === -1) throw new Error("it has no line -----BEGIN …-----: it is not an armored key");
  const blockType = lines[begin]!.slice("-----BEGIN ".length, -"-----".length);
  const end = lines.indexOf(`-----END ${blockType}-----`, begin);
  const blank = lines.indexOf("", begin);
  if (end === -1 || blank === -1 || blank > end)
    throw new Error("it is cut off: copy all of it, with its first and last line");
  return {
    blockType,
    headers: new Map(lines.slice(begin + 1, blank).map(readHeader)),
    data: readBody(lines.slice(blank + 1, end).filter((line) => line !== "")),
  };
}

function readHeader(line: string): [string, string] {
  const colon = line.indexOf(": ");
  if (colon === -1) throw new Error("a line of its head is not NAME: VALUE");
  return [line.slice(0, colon), line.slice(colon + 2)];
}

function readBody(lines: readonly string[]): Uint8Array {
  const checksum = lines.at(-1) ?? "";
  const hasChecksum = /^=[A-Za-z0-9+/]{4}$/.test(checksum);
  const base64 = (hasChecksum ? lines.slice(0, -1) : lines).join("");
  const data = new Uint8Array(Buffer.from(base64, "base64"));
  const isExact = Buffer.from(data).toString("base64") === base64;
  if (!isExact || !hasChecksum || checksum !== `=${checksumText(data)}`) {
    throw new Error("its checksum is wrong: a character was lost or changed while it was copied");
  }
  return data;
}
