/** Part of an app_state merged into a genesis: presets, rules of compliance, a committee. Pure. Owns how two documents become one. */
import type { GenesisDocument } from "../chain/consensus/genesis.ts";
import { asObject, type JsonObject } from "../chain/consensus/json.ts";
import { weir } from "../modules/index.ts";

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Objects field by field; of everything else the part's. */
export function merged(whole: unknown, part: unknown): unknown {
  if (!isObject(whole) || !isObject(part)) return part;
  const fields = Object.entries(part).map(([name, value]) => [name, merged(whole[name], value)] as const);
  return { ...whole, ...Object.fromEntries(fields) };
}

/** As genesis/presets has it: {"app_state": {"market": …}}. */
const partOf = (file: unknown): JsonObject => asObject(asObject(file, "the file").app_state, "the file's app_state");

export const mergedModules = (file: unknown): string[] => Object.keys(partOf(file));

/** Each module that the file names reads what it is given then. */
export function mergeAppState(document: GenesisDocument, file: unknown): GenesisDocument {
  const appState = { ...asObject(document.appState, "app_state") };
  for (const [name, value] of Object.entries(partOf(file))) {
    const module = weir.modules.find((one) => one.name === name);
    if (module === undefined) throw new Error(`${name} is no module: expected {"app_state": {"compliance": …}}`);
    appState[name] = merged(appState[name] ?? module.genesis.toJson(module.genesis.default()), value);
    module.genesis.parse(appState[name]);
  }
  return { ...document, appState };
}
