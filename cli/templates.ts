/** The configuration files that `weir init` writes, each setting with what it does. */
import type { EngineName } from "./config.ts";

export const appToml = (
  engine: EngineName,
  minGasPrices: string,
): string => `# The application: what this node does with the chain.

# "local": the chain runs embedded in this one process, for development, tests and demos.
# "comet": CometBFT runs beside it, started and stopped with it, for networks.
# "none": the application alone, for a CometBFT that you run yourself.
engine = "${engine}"

# The cometbft program; empty: the one on the PATH, or that of \`weir comet install\`.
cometbft = ""

# Where CometBFT reaches the application: unix://PATH or tcp://HOST:PORT; empty: a socket in data/.
abci = ""

# Local engine: time between blocks; "0s" seals at once when there is a transaction.
block-time = "1s"

# The least fee per gas that this node takes into its mempool, "0.025uweir"; several separated by commas, any one is enough.
minimum-gas-prices = "${minGasPrices}"

# Which heights stay readable: default (362,880 of them), nothing (all stay), everything (2 stay), or custom with the two below.
pruning = "default"
pruning-keep-recent = "0"
pruning-interval = "0"

# Stop after this height or this block time (seconds since 1970); 0 never.
halt-height = 0
halt-time = 0

# Blocks that are kept at least; 0 keeps all. More stay as long as a validator may be accused by them (after a start that is counted
# anew), and down to the oldest snapshot or checkpoint.
min-retain-blocks = 0

# Gas that a query may use; 0 takes the built-in limit.
query-gas-limit = 0

[state-sync]
# Snapshots for others to start from: every so many heights (0: none), and how many are kept.
snapshot-interval = 0
snapshot-keep-recent = 2

[telemetry]
# Metrics for Prometheus at http://HOST:PORT/metrics: times, counts and sizes, for whoever reaches the address.
enabled = true
address = "tcp://127.0.0.1:26660"
`;

export const configToml = (moniker: string): string => `# The consensus engine, with CometBFT's names.

# A name for people.
moniker = ${JSON.stringify(moniker)}

[p2p]
# Where peers connect, the address that they are told (empty: found out), and whom to find: ID@HOST:PORT, separated by commas.
laddr = "tcp://0.0.0.0:26656"
external_address = ""
seeds = ""
persistent_peers = ""

[rpc]
# Anyone who reaches this address can send transactions and ask anything: put a proxy in front before opening it.
laddr = "tcp://127.0.0.1:26657"
# Web pages of these origins may call it; ["*"] is every page.
cors_allowed_origins = []
max_open_connections = 900
max_body_bytes = 1000000
max_header_bytes = 1048576
# Requests in one JSON-RPC batch.
max_request_batch_size = 10
# Of one address: open connections, and requests in a second, those in batches and over websockets counted one by one.
max_connections_per_address = 450
max_requests_per_second = 20000
# Websockets: clients with subscriptions, and subscriptions of one client.
max_subscription_clients = 100
max_subscriptions_per_client = 5

[mempool]
# Transactions that may wait, their bytes together, and the bytes of one.
size = 5000
max_txs_bytes = 1073741824
max_tx_bytes = 1048576
# Hashes remembered to tell what was seen before.
cache_size = 10000
# Drop a transaction that has waited so long or so many blocks; 0 keeps it.
ttl-duration = "0s"
ttl-num-blocks = 0

[statesync]
# To begin by a snapshot of a running network; \`weir start --state-sync-rpc URL,URL\` writes this. Of no meaning once there is a block.
enable = false
rpc_servers = ""
trust_height = 0
trust_hash = ""
trust_period = "168h"
# How long snapshots are looked for; 5s is the least.
discovery_time = "5s"

[consensus]
create_empty_blocks = true
# After a block, time for late votes: with the rest of a round it makes the time between blocks.
timeout_commit = "1s"

[tx_index]
# kv: transactions and blocks can be searched for; null: they cannot.
indexer = "kv"

# What is not here is as CometBFT has it: https://docs.cometbft.com/v0.38/core/configuration
`;

export const clientToml = (chainId: string): string => `# What the commands of \`weir\` assume where a flag is left out.

chain-id = ${JSON.stringify(chainId)}
node = "http://127.0.0.1:26657"
# text or json
output = "text"
# file: keys are encrypted; test: for all to read, for play
keyring-backend = "file"
# What a transaction pays for each gas, "0.025uweir", where neither --gas-prices nor --fees says it.
gas-prices = ""
# What sending waits for: sync (the node's check), async (nothing) or commit (the block).
broadcast-mode = "sync"
# A block that you know from elsewhere, by height and hash: what --prove goes by. Without it, a node's word for its headers is taken.
trust-height = ""
trust-hash = ""
`;
