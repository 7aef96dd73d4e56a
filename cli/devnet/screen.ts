/**
 * The devnet on a screen: what is on each line, for so many columns and rows. Pure; terminal.ts draws it. Fits 80 by 24, shows more where there
 * is more room, and leaves the least important out where there is less.
 */
import type { EpochRecord } from "../../proto/gen/weir/rewards/v1/state.ts";
import { sanitize } from "../table.ts";
import { bar, bytesText, decimals, mbps, priceText, shareText } from "./figures.ts";
import { burnedIn, type DevnetState, type OracleState, type RelayState, type Slash } from "./snapshot.ts";

export interface ScreenOptions {
  readonly columns: number;
  readonly rows: number;
  readonly isColoured: boolean;
  readonly nowMillis: number;
}

type Paint = (text: string) => string;

interface Paints {
  readonly strong: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  readonly faint: Paint;
}

const sgr =
  (code: number): Paint =>
  (text) =>
    `\u001b[${code}m${text}\u001b[0m`;
const coloured: Paints = { strong: sgr(1), good: sgr(32), bad: sgr(31), faint: sgr(2) };
const same: Paint = (text) => text;
const plain: Paints = { strong: same, good: same, bad: same, faint: same };

const paintsOf = ({ isColoured }: ScreenOptions): Paints => (isColoured ? coloured : plain);

/** A cell of a line and how it is painted: widths are counted before. */
interface Part {
  readonly text: string;
  readonly paint?: Paint;
}

/** Cut at the right edge, so that nothing wraps. */
function line(parts: readonly Part[], columns: number): string {
  let room = columns;
  let drawn = "";
  for (const { text, paint = same } of parts) {
    const cut = sanitize(text).slice(0, room);
    room -= cut.length;
    drawn += paint(cut);
  }
  return drawn;
}

const words = (text: string, columns: number, paint: Paint = same): string => line([{ text, paint }], columns);

// ------------------------------------------------------------------------------------------------------------------- parts

/** What happens in which part of an epoch. */
function phaseOf(share: number): string {
  if (share < 0.75) return "oracles measure, each relay in its slots";
  return "oracles commit to what they read";
}

function epochLine({ chain }: DevnetState, { columns, nowMillis }: ScreenOptions, paints: Paints): string {
  const { epoch, openMillis, epochMillis } = chain;
  const passed = Math.min(epochMillis, Math.max(0, nowMillis - openMillis));
  const seconds = `${Math.floor(passed / 1_000)} of ${epochMillis / 1_000} s`;
  const parts = [
    { text: `Epoch ${epoch} `, paint: paints.strong },
    { text: bar(passed, epochMillis, 20), paint: paints.good },
    { text: ` ${seconds.padEnd(10)} ${phaseOf(passed / epochMillis)}` },
  ];
  return line(parts, columns);
}

const relayHeading = "RELAY    MEASURED, OF ITS CLAIM             REPUTATION      EARNED    SLASHED";
const nameWidth = 8;
const barWidth = 12;

function relayLine(relay: RelayState, { columns }: ScreenOptions, paints: Paints): string {
  const { name, claimBps, measured, reputation, isStable, earned, slashed, serves } = relay;
  const isShort = measured !== undefined && measured.bps * 10n < claimBps * 8n;
  const speed = measured === undefined ? (serves ? "not yet" : "joins soon") : `${mbps(measured.bps)} of`;
  const claim = `${mbps(claimBps)} Mbps`;
  const parts = [
    { text: `${name.slice(0, nameWidth).padEnd(nameWidth)} `, paint: isShort ? paints.bad : same },
    { text: bar(Number(measured?.bps ?? 0n), Number(claimBps), barWidth), paint: isShort ? paints.bad : paints.good },
    { text: `${speed.padStart(10)} ${claim.padStart(10)}` },
    { text: `${shareText(reputation).padStart(6)} ${isStable ? "stable   " : "transient"}` },
    { text: decimals(earned, 3).padStart(11) },
    { text: (slashed === 0n ? "-" : decimals(slashed, 2)).padStart(11), paint: slashed === 0n ? same : paints.bad },
  ];
  return line(parts, columns);
}

const epochHeading = "SETTLED   WEIR TO RELAYS   WEIR BURNED   WEIR SLASHED     TRAFFIC        PAID";

function recordLine(record: EpochRecord, { columns }: ScreenOptions, paints: Paints): string {
  const name = `epoch ${record.epoch}`.padEnd(nameWidth);
  if (record.isVoid) return words(`${name}  void: nobody was measured in it`, columns, paints.faint);
  const paid = BigInt(record.paid?.availability || "0") + BigInt(record.paid?.usage || "0");
  const slashed = BigInt(record.slashed);
  const parts = [
    { text: name },
    { text: decimals(paid, 3).padStart(16) },
    { text: decimals(burnedIn(record), 6).padStart(14) },
    { text: decimals(slashed, 2).padStart(15), paint: slashed === 0n ? same : paints.bad },
    { text: bytesText(BigInt(record.settledBytes)).padStart(12) },
    { text: `$${decimals(BigInt(record.settledValue), 6)}`.padStart(12) },
  ];
  return line(parts, columns);
}

function reserveLine({ chain: { reserve } }: DevnetState, { columns }: ScreenOptions, paints: Paints): string {
  const { principal, supply, floor, ceiling, reference } = reserve;
  const parts = [
    { text: "Reserve ", paint: paints.strong },
    { text: `$${decimals(principal, 2)}: floor $${priceText(floor, 6)}, price $${priceText(reference, 6)}, ` },
    { text: `ceiling $${priceText(ceiling, 4)}, supply ${decimals(supply, 0)} WEIR` },
  ];
  return line(parts, columns);
}

function buyerLine({ buyer, chain }: DevnetState, { columns }: ScreenOptions, paints: Paints): string {
  const relay = chain.relays.find(({ id }) => id === buyer.relay);
  const carrier = relay === undefined ? "" : `through ${relay.name} `;
  const isWell = buyer.wrongChecksums === 0;
  const checks = isWell
    ? `${buyer.downloads} downloads right`
    : `${buyer.wrongChecksums} of ${buyer.downloads} downloads WRONG`;
  const parts = [
    { text: "Buyer   ", paint: paints.strong },
    {
      text: `${carrier}${mbps(buyer.bps)} Mbps, ${bytesText(buyer.bytes)}, spent $${decimals(buyer.spentMicros, 6)}; `,
    },
    { text: checks, paint: isWell ? same : paints.bad },
    { text: buyer.failures === 0 ? "" : `, ${buyer.failures} broken off` },
  ];
  return line(parts, columns);
}

function oraclesLine(oracles: readonly OracleState[], { columns }: ScreenOptions, paints: Paints): string {
  const each = oracles.map(({ name, assigned, missed }) => `${name} ${assigned - missed} of ${assigned}`);
  return line([{ text: "Oracles ", paint: paints.strong }, { text: `readings given: ${each.join(", ")}` }], columns);
}

export const slashText = ({ name, amount, epoch, reasons }: Slash): string =>
  `${name} lost ${decimals(amount, 2)} WEIR of its bond for epoch ${epoch}: ${reasons.join(", ")}`;

function news({ chain, processes, buyer }: DevnetState, options: ScreenOptions, paints: Paints): string[] {
  const down = processes.flatMap(({ name, ending }) =>
    ending === undefined ? [] : [`${name} is down: ${ending.split("\n")[0]}`],
  );
  const trouble = buyer.trouble === undefined || buyer.downloads > 0 ? [] : [`buyer: ${buyer.trouble}`];
  const slashes = chain.slashes.map(slashText).reverse();
  const warnings = chain.relays.flatMap(({ name, warnings: of }) => of.map((rule) => `${name} was warned: ${rule}`));
  return [
    ...[...down, ...slashes].map((text) => words(text, options.columns, paints.bad)),
    ...[...trouble, ...warnings].map((text) => words(text, options.columns, paints.faint)),
  ];
}

// ------------------------------------------------------------------------------------------------------------------ screen

const newsRowsMax = 6;
const recordRowsMin = 2;

export interface Surroundings {
  readonly seed: string;
  /** What can be typed in a second terminal. */
  readonly hints: readonly string[];
}

/** At most as many lines as there are rows. */
export function screenLines(state: DevnetState, { seed, hints }: Surroundings, options: ScreenOptions): string[] {
  const { columns, rows } = options;
  const paints = paintsOf(options);
  const { relays, oracles, records, height } = state.chain;
  const heading = (text: string) => words(text, columns, paints.strong);
  const top = [
    heading(`Weir devnet, block ${height}, seed ${seed}. Ctrl-C ends it.`),
    epochLine(state, options, paints),
    "",
    heading(relayHeading),
    ...relays.map((relay) => relayLine(relay, options, paints)),
    "",
    heading(epochHeading),
  ];
  const middle = [
    "",
    reserveLine(state, options, paints),
    buyerLine(state, options, paints),
    oraclesLine(oracles, options, paints),
  ];
  const bottom = ["", ...hints.map((hint) => words(hint, columns, paints.faint))];
  const room = rows - top.length - middle.length - bottom.length;
  const told = news(state, options, paints).slice(0, Math.min(newsRowsMax, Math.max(1, room - recordRowsMin)));
  const recordRows = Math.max(recordRowsMin, room - told.length);
  const settled = records.slice(-recordRows).map((record) => recordLine(record, options, paints));
  return [...top, ...settled, ...middle, ...told, ...bottom].slice(0, rows);
}
