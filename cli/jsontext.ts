/** JSON that somebody names on the line. Owns the refusal: it says where, and quotes nothing, since a file named by mistake may be secret. */
import { UsageError } from "./arguments.ts";

/** `hint`, as "; or name a file: @FILE", follows the reason. */
export function parseJsonText(text: string, label: string, hint = ""): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const [place = ""] = / at position \d+( \(line \d+ column \d+\))?/.exec(String(error)) ?? [];
    const what = text.trim() === "" ? "it is empty" : `it breaks off or goes wrong${place}`;
    throw new UsageError(`${label} is no JSON: ${what}${hint}`);
  }
}
