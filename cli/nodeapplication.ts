/** The chain's application over a home's state: the part of a node that every engine has. Owns how it is opened, not who asks it. */
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { ChainApplication } from "../chain/abci/chainapplication.ts";
import { QueryThread } from "../chain/abci/longqueries.ts";
import type { GenesisDocument } from "../chain/consensus/genesis.ts";
import { verifierInUse } from "../chain/crypto/secp256k1.ts";
import type { SignatureVerifier } from "../chain/crypto/types.ts";
import { inlineVerifier, workerVerifier } from "../chain/crypto/verifier.ts";
import type { Log } from "../chain/log.ts";
import { MultiStore } from "../chain/store/multistore.ts";
import { storesOf } from "../chain/upgrades.ts";
import { weir } from "../modules/index.ts";
import { beaconSigners } from "./beaconkeys.ts";
import type { AppConfig } from "./config.ts";
import type { Home } from "./home.ts";
import { version } from "./version.ts";

export interface ApplicationOptions {
  readonly home: Home;
  readonly log: Log;
  /** Threads that verify signatures beside the one that executes; 0 by default. */
  readonly signatureWorkers?: number;
  /** Halt on a broken invariant after every block: for tests and devnets. */
  readonly checkInvariants?: boolean;
  /** Told of the log's fsyncs. */
  readonly onLogSync?: ((seconds: number) => void) | undefined;
  /** Heights at which a planned upgrade is dropped here, whatever the chain says. */
  readonly skipUpgradeHeights?: ReadonlySet<bigint> | undefined;
  /** A folder of keys of more validators, for the local engine: NAME_key.json, and NAME_beacon.json for what it proves by. */
  readonly validatorKeys?: string | undefined;
}

export interface OpenApplication {
  readonly application: ChainApplication;
  readonly state: MultiStore;
  readonly verifier: SignatureVerifier;
  /** Whoever asks the application is to be gone by then. */
  close(): Promise<void>;
}

const appVersion = 0n;
/** From source it is TypeScript, from the published package JavaScript. */
const queryThread = new URL(`./querythread${extname(import.meta.url)}`, import.meta.url);

export async function openApplication(
  options: ApplicationOptions,
  genesis: GenesisDocument,
  app: AppConfig,
): Promise<OpenApplication> {
  const { home, log } = options;
  const state = await MultiStore.open({
    directory: home.applicationData,
    ...storesOf(weir),
    pruning: app.pruning,
    snapshot: app.snapshot,
    log: (message) => log.info(message),
    onLogSync: options.onLogSync,
  });
  const verifier = makeVerifier(options);
  const longQueries = new QueryThread(state, () => new Worker(queryThread, { execArgv: [] }));
  const application = new ChainApplication({
    definition: weir,
    state,
    verifier,
    minGasPrices: app.minGasPrices,
    chainId: genesis.chainId,
    version,
    appVersion,
    log,
    queryGasLimit: app.queryGasLimit,
    longQueries,
    minRetainBlocks: app.minRetainBlocks,
    checkInvariants: options.checkInvariants ?? false,
    skipUpgradeHeights: options.skipUpgradeHeights,
    systemSigners: beaconSigners(home, options.validatorKeys),
    optimisticExecution: true,
  });
  const close = async () => {
    await longQueries.close();
    await verifier.close();
    await state.close();
  };
  return { application, state, verifier, close };
}

function makeVerifier({ signatureWorkers = 0, log }: ApplicationOptions): SignatureVerifier {
  log.info(`signatures are verified by ${verifierInUse}`);
  if (signatureWorkers === 0) return inlineVerifier();
  return workerVerifier({ workers: signatureWorkers, onWorkerLost: (reason) => log.warn(reason) });
}
