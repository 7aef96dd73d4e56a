/** Every command of `weir` by the words that lead to it. Owns the words and their one-line summaries; each command is loaded when called. */
import type { Entries, GroupEntry } from "./command.ts";

const genesis: Entries = {
  "add-account": {
    summary: "give an account coins in genesis.json",
    aliases: ["add-genesis-account"],
    load: () => import("./commands/genesis-add-account.ts"),
  },
  gentx: {
    summary: "sign a transaction that makes this node a validator",
    load: () => import("./commands/genesis-gentx.ts"),
  },
  "collect-gentxs": {
    summary: "put the validators' transactions into genesis.json",
    load: () => import("./commands/genesis-collect-gentxs.ts"),
  },
  merge: {
    summary: "merge part of an app_state into genesis.json",
    load: () => import("./commands/genesis-merge.ts"),
  },
  validate: {
    summary: "say whether a chain can begin with it",
    aliases: ["validate-genesis"],
    load: () => import("./commands/genesis-validate.ts"),
  },
  export: {
    summary: "print the state of a stopped node as a genesis file",
    load: async () => ({ command: (await import("./commands/export.ts")).exportCommand("genesis export") }),
  },
};

const governance: Entries = {
  watch: { summary: "say whenever a proposal or its vote changes", load: () => import("./commands/gov-watch.ts") },
};

const testnet: Entries = {
  init: { summary: "make the homes of several validators", load: () => import("./commands/testnet-init.ts") },
  start: { summary: "run them all until Ctrl-C", load: () => import("./commands/testnet-start.ts") },
};

const entries: Entries = {
  init: { summary: "make a home folder for a new chain", load: () => import("./commands/init.ts") },
  start: { summary: "run the node", load: () => import("./commands/start.ts") },
  "pre-upgrade": {
    summary: "say whether this release is the one that a stopped node waits for",
    load: () => import("./commands/pre-upgrade.ts"),
  },
  devnet: {
    summary: "run a chain with funded accounts, for trying things out",
    load: () => import("./commands/devnet.ts"),
  },
  testnet: {
    summary: "make and run several validators on this machine, under CometBFT",
    examples: ["weir testnet init --validators 4 --out ./net && weir testnet start ./net"],
    entries: async () => testnet,
  },
  status: { summary: "ask a running node how it is", load: () => import("./commands/status.ts") },
  query: {
    summary: "ask a node about the chain's state, blocks and transactions",
    aliases: ["q"],
    examples: ["weir query bank balances weir1…", "weir query tx HASH"],
    entries: async () => (await import("./query/entries.ts")).queryEntries(),
  },
  tx: {
    summary: "make, sign and send transactions",
    examples: ["weir tx bank send alice weir1… 1000000uweir"],
    entries: async () => (await import("./tx/entries.ts")).txEntries(),
  },
  reserve: {
    summary: "the reserve: its report, an audit of it, offers and redemptions",
    examples: [
      "weir reserve report",
      "weir reserve audit --from 41",
      "weir reserve offer 100000000000 0.0105 --from alice",
    ],
    entries: async () => (await import("./commands/reserve.ts")).reserveEntries,
  },
  relay: {
    summary: "sell bandwidth: run a relay, register it, see what it earns",
    examples: ["weir relay init", "weir relay register && weir relay start", "weir relay status"],
    entries: async () => (await import("./commands/relay.ts")).relayEntries,
  },
  oracle: {
    summary: "measure relays: run an oracle, register it, see what it read and missed",
    examples: ["weir oracle init", "weir oracle register && weir oracle start", "weir oracle status"],
    entries: async () => (await import("./commands/oracle.ts")).oracleEntries,
  },
  client: {
    summary: "buy traffic: top up, connect through a relay, see and close sessions",
    examples: ["weir client topup", "weir client connect", "weir client sessions"],
    entries: async () => (await import("./commands/client.ts")).clientEntries,
  },
  keys: {
    summary: "keep keys, encrypted, on this machine",
    examples: ["weir keys add alice", "weir keys list", "weir keys export alice > alice.armor"],
    entries: async () => (await import("./commands/keys/entries.ts")).keysEntries,
  },
  gov: {
    summary: "follow proposals and their votes",
    examples: ["weir gov watch", "weir gov watch 1 --until-decided"],
    entries: async () => governance,
  },
  genesis: {
    summary: "prepare genesis.json, before the first start",
    examples: ["weir genesis add-account weir1… 1000000000uweir"],
    entries: async () => genesis,
  },
  export: {
    summary: "print the state of a stopped node as a genesis file",
    load: () => import("./commands/export.ts"),
    below: {
      records: {
        summary: "write an account's history, or a fleet's, as CSV or JSON",
        load: () => import("./commands/export-records.ts"),
      },
    },
  },
  rollback: { summary: "take the state of a stopped node back", load: () => import("./commands/rollback.ts") },
  snapshots: {
    summary: "list, make, restore and delete snapshots of the state",
    examples: ["weir snapshots list", "weir snapshots restore 1000"],
    entries: async () => (await import("./commands/snapshots.ts")).snapshotEntries,
  },
  comet: {
    summary: "show who this node is to the consensus engine",
    aliases: ["tendermint", "cometbft"],
    examples: ["weir comet show-node-id", "weir comet show-validator"],
    entries: async () => (await import("./commands/comet.ts")).cometEntries,
  },
  doctor: {
    summary: "check the home, the disk, the clock, the ports and the configuration",
    load: () => import("./commands/doctor.ts"),
  },
  completion: {
    summary: "print the script that completes commands in bash, zsh or fish",
    load: () => import("./commands/completion.ts"),
  },
  version: { summary: "say which version this is", load: () => import("./commands/version.ts") },
};

export const weirCommands: GroupEntry = {
  summary: "Weir: a blockchain for a bandwidth marketplace.",
  examples: ["weir init demo && weir start", "weir query bank balances weir1…"],
  entries: async () => entries,
};
