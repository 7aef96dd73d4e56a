/**
 * A relay's, an oracle's or a client's daemon in a process that dies by SIGKILL at a chosen durable write: before it, in it, or after it. Arguments:
 * one JSON object, a KillableDaemon. Says a line of JSON when it runs, and ends in order by SIGTERM. The product knows nothing of this: the
 * database's class is changed here.
 */
import { join } from "node:path";
import { Database, type Write } from "../../chain/consensus/database.ts";
import { ed25519KeyPair } from "../../chain/crypto/sign.ts";
import { silentLog } from "../../chain/log.ts";
import { Registry } from "../../chain/server/metrictext.ts";
import { openChainClient } from "../../node/chain/chainclient.ts";
import { signerOf } from "../../node/chain/signer.ts";
import { systemClock } from "../../node/clock.ts";
import { defaultsOf } from "../../node/daemon/settings.ts";
import { openStore } from "../../node/daemon/store.ts";
import type { Identity } from "../../node/transport/transport.ts";

export type KillMoment = "before" | "in" | "after";

export interface KillableDaemon {
  readonly daemon: "relay" | "oracle" | "client";
  readonly chainId: string;
  readonly rpcUrl: string;
  readonly directory: string;
  /** In hex: of the account, of links, of an oracle's proofs; of a client its root alone. */
  readonly secrets: { readonly account: string; readonly transport: string; readonly vrf: string };
  /** Of a relay. */
  readonly port: number;
  /** Of a client: a code that was paid into. */
  readonly code: string;
  /** The how-many-th durable write it dies at; 0: none. */
  readonly killAt: number;
  readonly moment: KillMoment;
}

const given = JSON.parse(process.argv[2] ?? "{}") as KillableDaemon;
const { daemon, chainId, directory, killAt, moment } = given;

const die = (): never => {
  process.kill(process.pid, "SIGKILL");
  // Nothing runs behind a SIGKILL of one's own.
  throw new Error("unreachable");
};

const write = Database.prototype.batch;
let writes = 0;
Database.prototype.batch = async function (this: Database, changes: readonly Write[], options = {}) {
  if (options.sync !== true) return write.call(this, changes, options);
  writes += 1;
  const isLast = writes === killAt;
  if (isLast && moment === "before") die();
  const written = write.call(this, changes, options);
  if (isLast && moment === "in") die();
  await written;
  if (isLast) die();
};

const secret = (name: keyof KillableDaemon["secrets"]): Uint8Array =>
  Uint8Array.from(Buffer.from(given.secrets[name], "hex"));
const identityOf = (seed: Uint8Array): Identity => ({ seed, publicKey: ed25519KeyPair(seed).publicKey });
const say = (line: object) => void process.stdout.write(`${JSON.stringify(line)}\n`);

const store = await openStore(join(directory, daemon), { daemon, chainId });
const [clock, log, registry] = [systemClock, silentLog, new Registry()];
const wallMillis = () => Date.now();
const chain = openChainClient({
  chainId,
  rpc: [given.rpcUrl],
  ...(daemon === "client" ? {} : { signer: signerOf(secret("account")) }),
  store,
  clock,
  log,
  gasPrices: () => "",
  pollMillis: 50,
});
const shared = { chain, store, log, clock, registry, wallMillis };

async function runOracle() {
  const { startOracle } = await import("../../node/oracle/oracle.ts");
  const { oracleSchema } = await import("../../node/oracle/settings.ts");
  return startOracle({
    ...shared,
    settings: { ...defaultsOf(oracleSchema), allowPrivateAddresses: true },
    transportKey: identityOf(secret("transport")),
    vrfKey: identityOf(secret("vrf")),
  });
}

async function runRelay() {
  const { startRelay } = await import("../../node/relay/relay.ts");
  const { relaySchema } = await import("../../node/relay/settings.ts");
  const { openForwarding } = await import("../../node/relay/paid.ts");
  const defaults = defaultsOf(relaySchema);
  return startRelay({
    ...shared,
    settings: {
      ...defaults,
      listen: { host: "127.0.0.1", port: given.port },
      allowPrivateAddresses: true,
      exit: { ...defaults.exit, policy: "all" },
      lowerClaim: false,
    },
    identity: identityOf(secret("transport")),
    directory,
    openForwarding,
  });
}

async function runClient() {
  const { killableClient } = await import("./killableclient.ts");
  return killableClient({ chain, store, chainId, root: secret("transport"), code: given.code, clock, log, say });
}

const running = await { oracle: runOracle, relay: runRelay, client: runClient }[daemon]();
say({ says: "started" });
process.once("SIGTERM", async () => {
  await running.stop();
  await chain.close();
  await store.close();
  process.exit(0);
});
await running.finished;
