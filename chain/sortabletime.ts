/** A time as text that sorts as the time does (sdk.FormatTimeBytes): calendar arithmetic on bigint, because consensus code has no Date. */
import type { Timestamp } from "./context.ts";

/** "2006-01-02T15:04:05.000000000" */
export const sortableTimeLength = 29;

const secondsPerDay = 86_400n;
/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z: the range of google.protobuf.Timestamp. */
export const timeSecondsMin = -62_135_596_800n;
export const timeSecondsMax = 253_402_300_799n;

const daysPerEra = 146_097n;
const daysToEpoch = 719_468n;

/** Days since 1970-01-01 to a date of the Gregorian calendar; years begin in March, so that the leap day comes last. */
function dateOfDay(day: bigint): { year: bigint; month: bigint; day: bigint } {
  const shifted = day + daysToEpoch;
  const era = (shifted >= 0n ? shifted : shifted - daysPerEra + 1n) / daysPerEra;
  const dayOfEra = shifted - era * daysPerEra;
  const yearOfEra = (dayOfEra - dayOfEra / 1460n + dayOfEra / 36_524n - dayOfEra / 146_096n) / 365n;
  const dayOfYear = dayOfEra - (365n * yearOfEra + yearOfEra / 4n - yearOfEra / 100n);
  const shiftedMonth = (5n * dayOfYear + 2n) / 153n;
  const month = shiftedMonth < 10n ? shiftedMonth + 3n : shiftedMonth - 9n;
  return {
    year: yearOfEra + era * 400n + (month <= 2n ? 1n : 0n),
    month,
    day: dayOfYear - (153n * shiftedMonth + 2n) / 5n + 1n,
  };
}

function dayOfDate(year: bigint, month: bigint, day: bigint): bigint {
  const shiftedYear = month <= 2n ? year - 1n : year;
  const era = shiftedYear / 400n;
  const yearOfEra = shiftedYear - era * 400n;
  const dayOfYear = (153n * (month > 2n ? month - 3n : month + 9n) + 2n) / 5n + day - 1n;
  return era * daysPerEra + yearOfEra * 365n + yearOfEra / 4n - yearOfEra / 100n + dayOfYear - daysToEpoch;
}

const digits = (value: bigint | number, width: number) => value.toString().padStart(width, "0");

export function formatSortableTime({ seconds, nanos }: Timestamp): string {
  if (seconds < timeSecondsMin || seconds > timeSecondsMax || nanos < 0 || nanos > 999_999_999) {
    throw new RangeError(`time of ${seconds} seconds and ${nanos} nanoseconds is outside the years 1 to 9999`);
  }
  const second = ((seconds % secondsPerDay) + secondsPerDay) % secondsPerDay;
  const { year, month, day } = dateOfDay((seconds - second) / secondsPerDay);
  const date = `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}`;
  const clock = `${digits(second / 3600n, 2)}:${digits((second / 60n) % 60n, 2)}:${digits(second % 60n, 2)}`;
  return `${date}T${clock}.${digits(nanos, 9)}`;
}

const sortableTime = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})\.(\d{9})$/;

export function parseSortableTime(text: string): Timestamp {
  const parts = sortableTime.exec(text);
  if (parts === null) throw new Error(`stored time ${JSON.stringify(text)} is not 2006-01-02T15:04:05.000000000`);
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => BigInt(part));
  const seconds = dayOfDate(year!, month!, day!) * secondsPerDay + hour! * 3600n + minute! * 60n + second!;
  const time = { seconds, nanos: Number(parts[7]) };
  if (formatSortableTime(time) !== text) throw new Error(`stored time ${JSON.stringify(text)} is not on the calendar`);
  return time;
}
