/** What people type who come from other chains of the SDK, and what it is here. Owns the hints, not the commands. */

const inAppToml = (key: string): string => `it is a setting: ${key} in config/app.toml`;
const inConfigToml = (key: string): string => `it is a setting: ${key} in config/config.toml`;

/** By what was typed after "weir". */
const words: Readonly<Record<string, string>> = {
  config: "the settings stand, each with what it does, in config/app.toml, config/config.toml and config/client.toml",
  debug: "see `weir keys parse` for addresses and `weir tx decode` for transactions",
  prune: "a running node prunes by itself: pruning in config/app.toml",
  server: "the node is `weir start`, and what works on a stopped one stands beside it: see `weir --help`",
  "unsafe-reset-all": "see `weir comet unsafe-reset-all`",
  "add-genesis-account": "see `weir genesis add-account`",
  "validate-genesis": "see `weir genesis validate`",
  "show-node-id": "see `weir comet show-node-id`",
  "show-validator": "see `weir comet show-validator`",
  "keys list-key-types": "there is one type, secp256k1",
  "keys migrate": "there are no older keyrings to migrate; `weir keys import` reads what `simd keys export` writes",
  "comet bootstrap-state": "see `weir snapshots restore FILE`",
  "query account": "see `weir query auth account ADDRESS`",
  "query bank denom-owner": "see `weir query bank denom-owners DENOM`",
  "query validators": "see `weir query comet-validator-set`",
};

/** By the command and the flag. */
const flags: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  init: {
    "--default-denom": "the coin of this chain is uweir; others are what accounts get in genesis.json",
    "--overwrite": "nothing is overwritten: remove that folder yourself, or use another --home",
    "--recover": "a new key is made; put another priv_validator_key.json in its place before the first start",
    "--initial-height": "set initial_height in config/genesis.json before the first start",
  },
  start: {
    "--halt-height": inAppToml("halt-height"),
    "--halt-time": inAppToml("halt-time"),
    "--pruning": inAppToml("pruning"),
    "--pruning-keep-recent": inAppToml("pruning-keep-recent"),
    "--pruning-interval": inAppToml("pruning-interval"),
    "--min-retain-blocks": inAppToml("min-retain-blocks"),
    "--query-gas-limit": inAppToml("query-gas-limit"),
    "--state-sync.snapshot-interval": inAppToml("state-sync.snapshot-interval"),
    "--state-sync.snapshot-keep-recent": inAppToml("state-sync.snapshot-keep-recent"),
    "--moniker": inConfigToml("moniker"),
    "--p2p.laddr": inConfigToml("p2p.laddr"),
    "--p2p.seeds": inConfigToml("p2p.seeds"),
    "--p2p.persistent_peers": inConfigToml("p2p.persistent_peers"),
    "--grpc.enable": "there is no gRPC yet: clients use the RPC",
    "--api.enable": "there is no REST yet: clients use the RPC",
    "--trace": "errors are shown whole",
  },
  export: {
    "--for-zero-height": "the exported chain goes on at the next height; set initial_height in the file for another",
    "--modules-to-export": "all modules are exported",
  },
  "genesis export": { "--for-zero-height": "the exported chain goes on at the next height" },
  rollback: {
    "--hard": "blocks stay, and are executed again by the next start; nothing else has to be taken back",
  },
  "query bank balances": { "--denom": "see `weir query bank balance ADDRESS DENOM`" },
  "keys add": { "--ledger": "there are no ledgers here; a public key of one is kept with --pubkey" },
};

/** For what was typed as a command: "see …", or nothing. */
export const habitOfWords = (typed: readonly string[]): string | undefined => {
  const text = typed.join(" ");
  return Object.hasOwn(words, text) ? words[text] : undefined;
};

/** For a flag that a command does not have: "it is a setting …", or nothing. */
export const habitOfFlag = (command: string, flag: string): string | undefined => {
  const known = Object.hasOwn(flags, command) ? flags[command]! : {};
  return Object.hasOwn(known, flag) ? known[flag] : undefined;
};
