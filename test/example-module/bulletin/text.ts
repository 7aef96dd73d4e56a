/** What a note may say: a bound, so that no list of notes is larger than its count allows. Pure. */
import { utf8Length } from "../../../chain/utf8.ts";
import { badText } from "./errors.ts";

export const textBytesMax = 280;

export function requireText(text: string): void {
  const bytes = utf8Length(text);
  if (bytes === 0 || bytes > textBytesMax) throw badText(bytes, textBytesMax);
}
