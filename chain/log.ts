/** Where the parts of a node say what happens. Owns the interface; the host decides how lines look and where they go. */

export type LogFields = Readonly<Record<string, string | number | bigint | boolean | undefined>>;

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

const ignore = () => {};

/** For tests and tools that have nowhere to write to. */
export const silentLog: Log = { debug: ignore, info: ignore, warn: ignore, error: ignore };
