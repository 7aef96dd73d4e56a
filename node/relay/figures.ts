/** Settings that are figures with a unit, as people write them: "20mbps", "500gb", "25ms", "0.05usd". Owns how they stand in the file. */
import { parseBitrate, parseMicros, parsePrice, parseWeir } from "../../modules/attestation/units.ts";
import type { Setting } from "../daemon/settings.ts";

interface Unit {
  readonly size: bigint;
  readonly name: string;
}

/** In the largest unit that is exact. */
function spelled(value: bigint, units: readonly Unit[]): string {
  const { size, name } = units.find((unit) => value % unit.size === 0n && value >= unit.size) ?? units.at(-1)!;
  return JSON.stringify(`${value / size}${name}`);
}

function figure(
  help: string,
  fallbackText: string,
  of: {
    readonly example: string;
    readonly units: readonly Unit[];
    /** Whether "" is a value, which is 0: none. */
    readonly mayBeEmpty: boolean;
    parse(text: string): bigint;
  },
): Setting<bigint> {
  const read = (value: unknown): bigint | undefined => {
    if (typeof value !== "string") return undefined;
    if (value === "") return of.mayBeEmpty ? 0n : undefined;
    try {
      const found = of.parse(value);
      return found > 0n || !of.mayBeEmpty ? found : undefined;
    } catch {
      // What cannot be read is refused with what is expected, as every setting is.
      return undefined;
    }
  };
  const fallback = read(fallbackText);
  if (fallback === undefined) throw new Error(`${JSON.stringify(fallbackText)} is no ${of.example}`);
  return {
    isSetting: true,
    isFixed: false,
    help,
    fallback,
    expected: `a figure such as "${of.example}", in quotes${of.mayBeEmpty ? ', or ""' : ""}`,
    read,
    write: (value) => (value === 0n && of.mayBeEmpty ? '""' : spelled(value, of.units)),
  };
}

const bitrateUnits: readonly Unit[] = [
  { size: 1_000_000_000n, name: "gbps" },
  { size: 1_000_000n, name: "mbps" },
  { size: 1_000n, name: "kbps" },
  { size: 1n, name: "bps" },
];
const parseBps = (text: string): bigint => parseBitrate(text, "it");

/** In bits a second; 0 where it is left empty. */
export const bitrate = (help: string, fallbackText: string): Setting<bigint> =>
  figure(help, fallbackText, { example: "20mbps", units: bitrateUnits, mayBeEmpty: true, parse: parseBps });

const byteUnits: readonly Unit[] = [
  { size: 10n ** 12n, name: "tb" },
  { size: 10n ** 9n, name: "gb" },
  { size: 10n ** 6n, name: "mb" },
  { size: 1n, name: "b" },
];
const volumePattern = /^([0-9]{1,9})(tb|gb|mb|b)$/;

function parseVolume(text: string): bigint {
  const [, digits = "", name] = volumePattern.exec(text.toLowerCase()) ?? [];
  const unit = byteUnits.find((one) => one.name === name);
  if (unit === undefined) throw new Error(`${text} is no volume`);
  return BigInt(digits) * unit.size;
}

/** In bytes; 0 where it is left empty. */
export const volume = (help: string, fallbackText: string): Setting<bigint> =>
  figure(help, fallbackText, { example: "500gb", units: byteUnits, mayBeEmpty: true, parse: parseVolume });

/** In microseconds. */
export const roundTrip = (help: string, fallbackText: string): Setting<bigint> =>
  figure(help, fallbackText, {
    example: "25ms",
    units: [
      { size: 1_000n, name: "ms" },
      { size: 1n, name: "us" },
    ],
    mayBeEmpty: false,
    parse: (text) => parseMicros(text, "it"),
  });

/** In millionths of a dollar for a GiB. */
export const price = (help: string, fallbackText: string): Setting<bigint> => {
  const parse = (text: string) => parsePrice(text, "it");
  const write = (value: bigint) => {
    const digits = value.toString().padStart(7, "0");
    const fraction = digits.slice(-6).replace(/0+$/, "");
    return JSON.stringify(`${digits.slice(0, -6)}${fraction === "" ? "" : `.${fraction}`}usd`);
  };
  return { ...figure(help, fallbackText, { example: "0.05usd", units: byteUnits, mayBeEmpty: false, parse }), write };
};

/** In the smallest coin; 0 where it is left empty. */
export const weirs = (help: string, fallbackText: string): Setting<bigint> =>
  figure(help, fallbackText, {
    example: "1000weir",
    units: [
      { size: 1_000_000n, name: "weir" },
      { size: 1n, name: "uweir" },
    ],
    mayBeEmpty: true,
    parse: (text) => parseWeir(text, "it"),
  });
