/** What names, tags and hashes may look like. Pure. */
import { utf8Length } from "../../chain/utf8.ts";
import { invalidField } from "./errors.ts";

export const kindsMax = 16;
export const levelMax = 100;
export const hashBytes = 32;
const nameBytesMax = 64;
const referenceBytesMax = 300;

export const isKind = (text: string): boolean => /^[a-z][a-z0-9-]{0,31}$/.test(text);

/** The two capital letters of ISO 3166-1. Which of them are taken changes with the world, and is not checked. */
export const isJurisdiction = (text: string): boolean => /^[A-Z]{2}$/.test(text);

export function requireKind(kind: string): void {
  if (!isKind(kind))
    throw invalidField(`kind ${JSON.stringify(kind.slice(0, 32))}; expected 1 to 32 of a-z, 0-9 and -`);
}

export function requireJurisdiction(text: string): void {
  if (!isJurisdiction(text)) {
    throw invalidField(`jurisdiction ${JSON.stringify(text.slice(0, 8))}; expected two capital letters, as DE or US`);
  }
}

export function issuerProblem(name: string, reference: string, kinds: readonly string[]): string | undefined {
  if (name.trim() === "" || utf8Length(name) > nameBytesMax)
    return `a name is expected, of at most ${nameBytesMax} bytes`;
  if (utf8Length(reference) > referenceBytesMax) return `a reference has at most ${referenceBytesMax} bytes`;
  if (kinds.length === 0 || kinds.length > kindsMax) return `${kinds.length} kinds; expected 1 to ${kindsMax}`;
  if (new Set(kinds).size !== kinds.length) return "a kind is named twice";
  const strange = kinds.find((kind) => !isKind(kind));
  return strange === undefined
    ? undefined
    : `${JSON.stringify(strange.slice(0, 32))} is no kind: 1 to 32 of a-z, 0-9 and -`;
}
