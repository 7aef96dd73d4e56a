/** The node's log for people: a line a message, on stderr. Owns how lines look. */
import type { Log, LogFields } from "../chain/log.ts";

const levels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof levels)[number];

export const isLogLevel = (text: string): text is LogLevel => (levels as readonly string[]).includes(text);
export const logLevels = levels.join("|");

const colours = { debug: 90, info: 32, warn: 33, error: 31 } as const;

export function lineLog(write: (line: string) => void, level: LogLevel, colour: boolean): Log {
  const at =
    (own: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (levels.indexOf(own) < levels.indexOf(level)) return;
      const tag = own.toUpperCase().padEnd(5);
      const shown = colour ? `\u001b[${colours[own]}m${tag}\u001b[0m` : tag;
      const extra = Object.entries(fields).map(([name, value]) => ` ${name}=${value}`);
      write(`${new Date().toISOString().slice(11, 23)} ${shown} ${message}${extra.join("")}\n`);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
