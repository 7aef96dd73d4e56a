/** Sets keys of a TOML file and leaves every other byte as the operator wrote it: comments, order, spaces. Owns no key. */
import { parse } from "smol-toml";

export type TomlValue = string | number | boolean;
/** By section, "" for the top; then by key. */
export type TomlKeys = Readonly<Record<string, Readonly<Record<string, TomlValue>>>>;

const literal = (value: TomlValue): string => JSON.stringify(value);

export function setTomlKeys(text: string, wanted: TomlKeys): string {
  let lines = text.split("\n");
  for (const [section, keys] of Object.entries(wanted)) {
    for (const [key, value] of Object.entries(keys)) lines = setKey(lines, section, key, literal(value));
  }
  const changed = lines.join("\n");
  // What a value spans more than one line, or a table is written inline, the lines above do not see: never write what does not say it.
  const read = parse(changed) as Record<string, unknown>;
  for (const [section, keys] of Object.entries(wanted)) {
    const table = (section === "" ? read : read[section]) as Record<string, unknown> | undefined;
    for (const [key, value] of Object.entries(keys)) {
      if (table?.[key] !== value)
        throw new Error(`${section}.${key} cannot be set; write ${key} = ${literal(value)} there yourself`);
    }
  }
  return changed;
}

const headerOf = (line: string): string | undefined => /^\s*\[\s*([^\][]+?)\s*\]\s*(#.*)?$/.exec(line)?.[1];

function setKey(lines: readonly string[], section: string, key: string, value: string): string[] {
  const [first, end] = rangeOf(lines, section);
  if (first < 0) {
    const gap = lines.at(-1) === "" ? lines.slice(0, -1) : lines;
    return [...gap, "", `[${section}]`, `${key} = ${value}`, ""];
  }
  const at = lines.findIndex((line, index) => index >= first && index < end && keyOf(line) === key);
  if (at < 0) {
    const last = lines.findLastIndex((line, index) => index >= first && index < end && keyOf(line) !== undefined);
    return lines.toSpliced(last < 0 ? first : last + 1, 0, `${key} = ${value}`);
  }
  const comment = /^[^#"']*=\s*(?:"[^"]*"|'[^']*'|[^#\s]+)(\s+#.*)?$/.exec(lines[at]!)?.[1] ?? "";
  return lines.with(at, `${key} = ${value}${comment}`);
}

const keyOf = (line: string): string | undefined => /^\s*"?([A-Za-z0-9_-]+)"?\s*=/.exec(line)?.[1];

/** The lines of a section, its header left out; -1 when there is none. */
function rangeOf(lines: readonly string[], section: string): readonly [first: number, end: number] {
  const header = section === "" ? -1 : lines.findIndex((line) => headerOf(line) === section);
  if (section !== "" && header < 0) return [-1, -1];
  const next = lines.findIndex((line, index) => index > header && headerOf(line) !== undefined);
  return [header + 1, next < 0 ? lines.length : next];
}
