/** The node's log, a line a message on stderr: words for people, JSON for programs. Owns how lines look. */
import type { Log, LogFields } from "../chain/log.ts";

const levels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof levels)[number];

export const isLogLevel = (text: string): text is LogLevel => (levels as readonly string[]).includes(text);
export const logLevels = levels.join("|");

const colours = { debug: 90, info: 32, warn: 33, error: 31 } as const;

export const logFormats = ["plain", "json"] as const;
export type LogFormat = (typeof logFormats)[number];

/** A number stays one where JSON's readers keep all of its digits. */
function jsonValue(value: LogFields[string]): string | number | boolean | undefined {
  if (typeof value !== "bigint") return value;
  return value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER)
    ? Number(value)
    : `${value}`;
}

/** With the names that the nodes of other Cosmos chains write: level, time, message. */
export function jsonLog(write: (line: string) => void, level: LogLevel): Log {
  const at =
    (own: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      if (levels.indexOf(own) < levels.indexOf(level)) return;
      const rest = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, jsonValue(value)]));
      write(`${JSON.stringify({ ...rest, level: own, time: new Date().toISOString(), message })}\n`);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

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
