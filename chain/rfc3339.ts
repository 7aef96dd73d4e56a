/** Times as RFC 3339 text. Owns the two ways Go writes fractions and the strict reading; the calendar is sortabletime.ts. */
import type { Timestamp } from "./context.ts";
import { formatSortableTime, parseSortableTime, timeSecondsMax, timeSecondsMin } from "./sortabletime.ts";

const secondsLength = "2006-01-02T15:04:05".length;

/** Go's time.RFC3339Nano: as few digits of the second's fraction as it needs. */
export function formatRfc3339(time: Timestamp): string {
  const text = formatSortableTime(time);
  const fraction = text.slice(secondsLength).replace(/\.?0*$/, "");
  return `${text.slice(0, secondsLength)}${fraction}Z`;
}

/** protojson: none, three, six or nine digits. */
export function formatJsonTime(time: Timestamp): string {
  const text = formatSortableTime(time);
  const fraction = text.slice(secondsLength).replace(/(?:000){1,3}$/, "");
  return `${text.slice(0, secondsLength)}${fraction === "." ? "" : fraction}Z`;
}

const shape = /^(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/** undefined when the text is no time of the years 1 to 9999. */
export function parseRfc3339(text: string): Timestamp | undefined {
  const [whole, date, clock, fraction = "", sign, hours, minutes] = shape.exec(text) ?? [];
  if (whole === undefined) return undefined;
  let time: Timestamp;
  try {
    time = parseSortableTime(`${date}T${clock}.${fraction.padEnd(9, "0")}`);
  } catch {
    return undefined;
  }
  if (sign === undefined) return time;
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  const offset = BigInt(Number(hours) * 3600 + Number(minutes) * 60);
  const seconds = sign === "+" ? time.seconds - offset : time.seconds + offset;
  return seconds < timeSecondsMin || seconds > timeSecondsMax ? undefined : { seconds, nanos: time.nanos };
}
