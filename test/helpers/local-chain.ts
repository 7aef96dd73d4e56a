/** A local engine in a temporary folder for tests: opened, watched and closed. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Application } from "../../chain/abci/application.ts";
import type { SealedBlock } from "../../chain/consensus/executor.ts";
import { type GenesisDocument, parseGenesis, publicKeyJson } from "../../chain/consensus/genesis.ts";
import {
  freshSignStateJson,
  loadSigner,
  newConsensusKey,
  type Signer,
  validatorKeyJson,
} from "../../chain/consensus/keys.ts";
import { LocalEngine, type LocalEngineOptions } from "../../chain/consensus/local.ts";
import { silentLog } from "../../chain/log.ts";

export interface LocalHome {
  readonly folder: string;
  readonly signers: readonly Signer[];
  readonly genesis: GenesisDocument;
  remove(): void;
}

/** `keysHeld` of `powers` have their keys here; the others are strangers. */
export function makeHome(
  powers: readonly number[] = [10],
  keysHeld = powers.length,
  overrides: object = {},
): LocalHome {
  const folder = mkdtempSync(join(tmpdir(), "weir-engine-"));
  const keys = powers.map(() => newConsensusKey());
  keys.slice(0, keysHeld).forEach((key, i) => {
    writeFileSync(join(folder, `key${i}.json`), validatorKeyJson(key));
    writeFileSync(join(folder, `state${i}.json`), freshSignStateJson());
  });
  const genesis = parseGenesis(
    JSON.stringify({
      genesis_time: "2026-01-02T03:04:05.678901234Z",
      chain_id: "kv-1",
      initial_height: "1",
      app_hash: "",
      validators: keys.map(({ publicKey }, i) => ({
        pub_key: publicKeyJson({ ed25519: publicKey }),
        power: String(powers[i]),
        name: `v${i}`,
      })),
      app_state: { first: "1" },
      ...overrides,
    }),
  );
  return {
    folder,
    genesis,
    get signers() {
      return Array.from({ length: keysHeld }, (_, i) =>
        loadSigner(join(folder, `key${i}.json`), join(folder, `state${i}.json`)),
      );
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface RunningChain {
  readonly engine: LocalEngine;
  /** Settles with the reason when the engine stops for good. */
  readonly halted: Promise<Error>;
  /** Waits for a block of at least this height. */
  reach(height: bigint): Promise<SealedBlock>;
  stop(): Promise<void>;
}

export async function openChain(
  home: LocalHome,
  app: Application,
  options: Partial<LocalEngineOptions> = {},
): Promise<RunningChain> {
  const { promise: halted, resolve: onHalt } = Promise.withResolvers<Error>();
  const engine = await LocalEngine.open({
    app,
    genesis: home.genesis,
    signers: home.signers,
    path: join(home.folder, "engine.db"),
    blockMillis: 0,
    createEmptyBlocks: false,
    log: silentLog,
    onHalt,
    ...options,
  });
  return {
    engine,
    halted,
    reach: (height) =>
      new Promise((resolve, reject) => {
        const stop = engine.onBlock((applied) => {
          if (applied.state.lastBlockHeight < height) return;
          stop();
          resolve(applied);
        });
        halted.then(reject);
      }),
    stop: () => engine.stop(),
  };
}
