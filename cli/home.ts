/** A node's folder: where each file is, and reading and writing them whole. Owns no content. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { replaceDurably } from "../chain/consensus/replace-file.ts";
import { nodeFiles } from "../chain/store/files.ts";

export interface Home {
  readonly folder: string;
  readonly config: string;
  readonly data: string;
  readonly genesis: string;
  readonly nodeKey: string;
  readonly validatorKey: string;
  readonly validatorState: string;
  /** What this node proves its blocks by where it validates. */
  readonly beaconKey: string;
  readonly appToml: string;
  readonly configToml: string;
  readonly clientToml: string;
  readonly engineData: string;
  readonly applicationData: string;
}

export function homeAt(path: string | undefined): Home {
  const folder = resolve(path ?? join(homedir(), ".weir"));
  const config = join(folder, "config");
  const data = join(folder, "data");
  return {
    folder,
    config,
    data,
    genesis: join(config, "genesis.json"),
    nodeKey: join(config, "node_key.json"),
    validatorKey: join(config, "priv_validator_key.json"),
    validatorState: join(data, "priv_validator_state.json"),
    beaconKey: join(config, "beacon_key.json"),
    appToml: join(config, "app.toml"),
    configToml: join(config, "config.toml"),
    clientToml: join(config, "client.toml"),
    engineData: join(data, "engine.db"),
    applicationData: join(data, "application"),
  };
}

export function readText(path: string, otherwise: string): string {
  if (!existsSync(path)) throw new Error(`${path} is missing: ${otherwise}`);
  return readFileSync(path, "utf8");
}

export function makeFolders({ config, data }: Home): void {
  for (const folder of [config, data]) {
    try {
      makeFolder(folder);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(
        `the folder ${folder} cannot be made (${reason}): make its parent writable, or use another --home`,
      );
    }
  }
}

/** One folder a call: Node's recursive way never ends below a folder that takes no entries, as /proc. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(dirname(folder));
  mkdirSync(folder, { mode: 0o700 });
}

export const writeText = (path: string, text: string): void => replaceDurably(nodeFiles, path, text);
