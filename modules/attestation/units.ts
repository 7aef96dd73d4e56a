/** Figures as people write them: "100mbps", "20ms", "0.05usd", "1000weir". For the command line alone; exact, without floats. */

/** So many digits before and behind the point are read. */
const figure = /^([0-9]{1,18})(?:\.([0-9]{1,18}))?([a-z]*)$/;

/** `scales` is how many of the least unit each word is; a figure must be a whole number of the least unit. */
function parsed(text: string, what: string, scales: Readonly<Record<string, bigint>>, example: string): bigint {
  const match = figure.exec(text.trim().toLowerCase());
  const scale = match === null ? undefined : scales[match[3] ?? ""];
  if (match === null || scale === undefined) {
    throw new Error(
      `${what} is "${text}"; expected a number with ${Object.keys(scales).filter(Boolean).join(", ")}, such as ${example}`,
    );
  }
  const fraction = match[2] ?? "";
  const scaled = BigInt(match[1]! + fraction) * scale;
  const divisor = 10n ** BigInt(fraction.length);
  if (scaled % divisor !== 0n)
    throw new Error(`${what} is "${text}"; expected no finer than the least unit, such as ${example}`);
  return scaled / divisor;
}

const bitrates = { "": 1n, bps: 1n, kbps: 1_000n, mbps: 1_000_000n, gbps: 1_000_000_000n, tbps: 1_000_000_000_000n };
export const parseBitrate = (text: string, what: string): bigint => parsed(text, what, bitrates, "100mbps");

const times = { us: 1n, ms: 1_000n, s: 1_000_000n };
export const parseMicros = (text: string, what: string): bigint => parsed(text, what, times, "20ms");

const prices = { "": 1n, usd: 1_000_000n };
/** For a GiB; without a unit in 10⁻⁶ dollar. */
export const parsePrice = (text: string, what: string): bigint => parsed(text, what, prices, "0.05usd");

const amounts = { "": 1n, uweir: 1n, weir: 1_000_000n };
/** Without a unit in uweir. */
export const parseWeir = (text: string, what: string): bigint => parsed(text, what, amounts, "1000weir");

const digitGroups = /\B(?=(\d{3})+$)/g;

/** The largest unit in which it is a whole number. */
function spelled(value: bigint, units: readonly (readonly [scale: bigint, unit: string])[]): string {
  const [scale, unit] = units.find(([size]) => value % size === 0n && value >= size) ?? units.at(-1)!;
  return `${(value / scale).toString().replace(digitGroups, ",")} ${unit}`;
}

export const bitrateText = (bps: bigint): string =>
  spelled(bps, [
    [1_000_000_000n, "Gbit/s"],
    [1_000_000n, "Mbit/s"],
    [1_000n, "kbit/s"],
    [1n, "bit/s"],
  ]);

export const weirText = (amount: bigint): string =>
  spelled(amount, [
    [1_000_000n, "WEIR"],
    [1n, "uweir"],
  ]);

/** For a GiB. */
export function priceText(price: bigint): string {
  const cents = price % 1_000_000n;
  return `$${price / 1_000_000n}.${cents
    .toString()
    .padStart(6, "0")
    .replace(/0{1,4}$/, "")} for a GiB`;
}
