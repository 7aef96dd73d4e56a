/** What a daemon says: fields that all its lines have, and no more lines of one kind than somebody reads. Owns neither how lines look nor where they go. */
import type { Log, LogFields } from "../../chain/log.ts";
import type { Clock } from "../clock.ts";

/** The same log, each line with these fields behind its own. */
export function logWith(log: Log, fields: LogFields): Log {
  const at =
    (level: keyof Log) =>
    (message: string, own: LogFields = {}) =>
      log[level](message, { ...own, ...fields });
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

const windowMillis = 60_000;
const messagesMax = 256;

interface Window {
  readonly from: number;
  count: number;
}

/**
 * At most so many lines a minute with the same message, so that whoever makes a daemon fail in a loop does not fill its disk; what was left out
 * is counted in the next line. Errors and what is said once are never held back: `perMinuteMax` is of each message.
 */
export function limitedLog(log: Log, clock: Clock, perMinuteMax = 10): Log {
  const windows = new Map<string, Window>();
  const at =
    (level: keyof Log) =>
    (message: string, fields: LogFields = {}) => {
      const now = clock.now();
      const before = windows.get(message);
      if (before !== undefined && now - before.from < windowMillis) {
        before.count += 1;
        if (before.count > perMinuteMax) return;
        return log[level](message, fields);
      }
      if (before === undefined && windows.size >= messagesMax) windows.delete(windows.keys().next().value!);
      windows.set(message, { from: now, count: 1 });
      const leftOut = Math.max(0, (before?.count ?? 0) - perMinuteMax);
      log[level](message, leftOut === 0 ? fields : { ...fields, left_out: leftOut });
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: log.error };
}
