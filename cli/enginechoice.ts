/**
 * Which engine a home runs with. Owns the rule that nobody signs a private fork of a shared chain by a forgotten flag: the choice is kept
 * in app.toml, and what one engine has begun no other goes on with.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type AppConfig, type EngineName, engineNames } from "./config.ts";
import { type Home, readText, writeText } from "./home.ts";
import { setTomlKeys } from "./tomledit.ts";

export const isEngineName = (text: string): text is EngineName => (engineNames as readonly string[]).includes(text);

/** CometBFT's databases in a home; undefined when it has never run there. */
export const cometData = ({ data }: Home): string | undefined =>
  ["blockstore.db", "state.db"].map((name) => join(data, name)).find((path) => existsSync(path));

/** `flag` is --engine; the choice is written down before anything runs. */
export function chooseEngine(home: Home, flag: EngineName | undefined, recorded: AppConfig["engine"]): EngineName {
  const wanted = flag ?? recorded;
  if (wanted === "local") refuseLocal(home, recorded);
  else refuseAfterLocal(home, wanted);
  if (wanted !== recorded) {
    writeText(home.appToml, setTomlKeys(readText(home.appToml, "it was there just now"), { "": { engine: wanted } }));
  }
  return wanted;
}

function refuseLocal(home: Home, recorded: EngineName): void {
  const foreign = cometData(home);
  if (foreign !== undefined) {
    throw new Error(
      `${foreign} is CometBFT's: the local engine would fork that chain with the same key. Use another --home for a local chain`,
    );
  }
  if (recorded === "local") return;
  throw new Error(
    `${home.appToml} says engine = "${recorded}", so this home's key belongs to a network: the local engine would sign a chain ` +
      'of its own with it. Use another --home; if this is meant, write engine = "local" there yourself',
  );
}

function refuseAfterLocal(home: Home, wanted: EngineName): void {
  if (!existsSync(home.engineData)) return;
  throw new Error(
    `${home.engineData} is the local engine's, and CometBFT cannot go on with its blocks (--engine ${wanted}). ` +
      "To begin the same genesis anew under CometBFT: `weir comet unsafe-reset-all`, which deletes the blocks and the state. " +
      "To keep the state: `weir export` writes it as a genesis for a new --home",
  );
}
