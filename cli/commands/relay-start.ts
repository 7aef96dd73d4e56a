/** `weir relay start`: the relay's daemon, until it is told to stop. Owns what stands on the line; the daemon is node/relay. */
import type { Command } from "../command.ts";
import { daemonData, daemonFlags, runDaemonCommand } from "../daemon.ts";
import { relayKind, transportKeyName } from "../relay.ts";

export const command: Command = {
  name: "relay start",
  positionals: [],
  summary: "Runs the relay of --home until Ctrl-C.",
  description:
    "It listens where config/relay.toml says, is measured by the oracles that are drawn for it, carries what buyers pay for, brings its readings\n" +
    "to the chain and settles what it earned. SIGHUP reads config/relay.toml again: caps, exit policy and prices count at once.\n" +
    "SIGTERM ends it within 5 s: no new sessions, those that run get a moment, what is owed is on disk.",
  flags: [
    { name: "drain", help: "when told to stop, tell the chain that it drains: it is paused some epochs later" },
    ...daemonFlags,
  ],
  examples: [
    "weir relay start",
    "weir relay start --home /var/lib/weir-relay --passphrase-file pass.txt",
    "weir relay start --drain",
  ],
  async run(invocation) {
    const { startRelay } = await import("../../node/relay/relay.ts");
    const { openForwarding } = await import("../../node/relay/paid.ts");
    return runDaemonCommand(invocation, {
      ...relayKind,
      start: async ({ settings, keys, chain, store, log, clock, registry, home }) =>
        startRelay({
          settings,
          identity: await keys.machine(transportKeyName),
          chain,
          store,
          directory: daemonData(home, relayKind.daemon),
          log,
          clock,
          registry,
          wallMillis: () => Date.now(),
          openForwarding,
          drainsOnStop: invocation.has("drain"),
        }),
      started: ({ settings }) => [
        `It listens at port ${settings.listen.port}, TCP and UDP; buyers and oracles reach it at ${settings.endpoint || "no endpoint yet"}.`,
      ],
    });
  },
};
