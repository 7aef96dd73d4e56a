/** `weir oracle start`: the oracle's daemon, until it is told to stop. Owns what stands on the line; the daemon is node/oracle. */
import type { Command } from "../command.ts";
import { daemonFlags, runDaemonCommand } from "../daemon.ts";
import { oracleKind, oracleTransportKey, oracleVrfKey } from "../oracle.ts";

export const command: Command = {
  name: "oracle start",
  positionals: [],
  summary: "Runs the oracle of --home until Ctrl-C.",
  description:
    "It finds out each epoch whom it has to read, measures in its slots, looks after the others, visits some as a buyer, commits to what it read,\n" +
    "hands it to the relays and submits what is missing. It only dials: no port has to be open. What is under way when it ends is not measured\n" +
    "again; what is signed is sent by the next start. Rewards and bond: `weir tx rewards claim-oracle`, `weir tx attestation unbond oracle`.",
  flags: daemonFlags,
  examples: ["weir oracle start", "weir oracle start --home /var/lib/weir-oracle --passphrase-file pass.txt"],
  async run(invocation) {
    const { startOracle } = await import("../../node/oracle/oracle.ts");
    return runDaemonCommand(invocation, {
      ...oracleKind,
      start: async ({ settings, keys, chain, store, log, clock, registry }) =>
        startOracle({
          settings,
          transportKey: await keys.machine(oracleTransportKey),
          vrfKey: await keys.machine(oracleVrfKey),
          chain,
          store,
          log,
          clock,
          registry,
          wallMillis: () => Date.now(),
        }),
    });
  },
};
