/**
 * What can go wrong in a daemon, in three kinds: worth trying again, worth forgetting, or the end. Owns the kinds; who meets a failure decides
 * which it is, and its text says what was wrong, what was expected and what to do.
 */

export type FailureKind =
  /** Nothing is known to be wrong with what was wanted: the other end, or the way to it, is. */
  | "retry"
  /** It will not work, however often it is tried; everything else goes on. */
  | "drop"
  /** The daemon cannot do its work, or would do harm: it ends, and says why. */
  | "fatal";

export class Failure extends Error {
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.kind = kind;
  }
}

export const retry = (message: string, cause?: unknown): Failure => new Failure("retry", message, cause);
export const drop = (message: string, cause?: unknown): Failure => new Failure("drop", message, cause);
export const fatal = (message: string, cause?: unknown): Failure => new Failure("fatal", message, cause);

export const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What nobody has classed is a defect of the program, and ends it rather than going on with what it left half done. */
export function failureOf(error: unknown, kind: FailureKind = "fatal"): Failure {
  if (error instanceof Failure) return error;
  const detail = kind === "fatal" && error instanceof Error ? (error.stack ?? error.message) : textOf(error);
  return new Failure(kind, detail, error);
}
