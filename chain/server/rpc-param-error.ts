/** The refusal of a parameter, apart so that every reader of one can throw it. */

/** Rejects the parameters; the message is for the client. */
export class ParamError extends Error {}

/** What Go's decoder calls a JSON value. */
export const jsonKind = (value: unknown): string =>
  Array.isArray(value) ? "array" : typeof value === "boolean" ? "bool" : value === null ? "null" : typeof value;
