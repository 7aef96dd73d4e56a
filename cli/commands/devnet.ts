/** `weir devnet`: a bandwidth market on this machine, in a fresh folder that goes when it ends. Owns the flags, and which devnet it is. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FlagSpec, UsageError } from "../arguments.ts";
import type { Command, Invocation } from "../command.ts";
import { parseDuration } from "../config.ts";
import { chainLog } from "../devnet/chainlog.ts";
import { followDevnet } from "../devnet/follow.ts";
import { devnetGenesis } from "../devnet/genesis.ts";
import { writeDevnetHomes } from "../devnet/homes.ts";
import { addressText, type Devnet, hasDevnet, keptDevnet, type NewDevnet, newDevnet } from "../devnet/places.ts";
import { devnetChainId } from "../devnet/plan.ts";
import { requireShaping } from "../devnet/shaping.ts";
import { devnetAccounts } from "../devnet-accounts.ts";
import { readAccount } from "../genesis.ts";
import { type Home, homeAt } from "../home.ts";
import { parseAddress } from "../node.ts";
import { awaitSignal } from "../signals.ts";
import { writeHome } from "./init.ts";
import { nodeFlags, nodeOptions, runNode } from "./start.ts";

const epochsMax = 1_000_000;
const defaultEpoch = "20s";
const defaultRpc = "tcp://127.0.0.1:26657";
/** So many blocks an epoch: slots begin within one, and sweeps take a few. */
const blocksPerEpoch = 40;

const flags: readonly FlagSpec[] = [
  {
    name: "epochs",
    value: "N",
    help: "end after N settled epochs: with 0 where all went well, else with 1 and the reason",
  },
  { name: "epoch", value: "TIME", help: "length of an epoch, 10s or more", default: defaultEpoch },
  { name: "json", help: "one EpochRecord a line on stdout, and nothing else" },
  { name: "seed", value: "TEXT", help: "the same keys and choices again; without it fresh ones, and the seed is said" },
  { name: "no-liar", help: "all relays carry what they claim" },
  { name: "shaped", help: "lines shaped by the kernel, each relay in a network of its own; for root, on Linux" },
  { name: "chain-only", help: "the chain with its funded accounts, without relays, oracles and buyer" },
  ...nodeFlags,
];

export const command: Command = {
  name: "devnet",
  positionals: [],
  summary: "Runs a bandwidth market on this machine: a chain, 3 oracles, 5 relays of which one lies, and a buyer.",
  description:
    "Oracles measure the relays over real sockets, the liar is caught and slashed (after its second bad epoch is settled, at about 100 s), the buyer\n" +
    "downloads through a relay and pays by vouchers, and each epoch's rewards and burns are shown: on a screen, off a terminal in lines. With\n" +
    "--epochs 4 or more the exit code says whether all of that was seen. The accounts alice, bob, carol, dave and erin have a million WEIR and a\n" +
    "million USDC each; their mnemonics are in genesis/README.md, for everyone to see. The folder is temporary unless --home is given; a devnet\n" +
    "with a home goes on where it stopped.",
  flags,
  examples: [
    "weir devnet",
    "weir devnet --json --epochs 4",
    "weir devnet --epoch 10s --seed mine --home ./devnet",
    "weir devnet --chain-only --block-time 200ms",
  ],
  async run(invocation) {
    const isTemporary = invocation.flag("home") === undefined;
    const home = isTemporary ? homeAt(mkdtempSync(join(tmpdir(), "weir-devnet-"))) : invocation.home;
    try {
      const isOldHome = existsSync(home.genesis) && !hasDevnet(home);
      if (invocation.has("chain-only") || isOldHome) return await runChain(invocation, home);
      return await runMarket(invocation, home);
    } finally {
      if (isTemporary) rmSync(home.folder, { recursive: true, force: true });
    }
  },
};

// -------------------------------------------------------------------------------------------------------------- the chain alone

/** A million WEIR and a million USDC, in millionths. */
const coins = "1000000000000uweir,1000000000000uusdc";

async function runChain(invocation: Invocation, home: Home): Promise<number> {
  if (!existsSync(home.genesis)) {
    const accounts = devnetAccounts.map(({ address }) => readAccount(address, coins));
    writeHome(home, { moniker: "devnet", chainId: devnetChainId, accounts, isDevnet: true });
  }
  const options = { ...nodeOptions({ ...invocation, home }), checkInvariants: true };
  return runNode({ ...invocation, home }, options, "local", () => [
    "",
    "The chain alone runs: no relays, oracles or buyer.",
    `Home ${home.folder}. Accounts, each with 1,000,000 WEIR and 1,000,000 USDC (mnemonics: genesis/README.md):`,
    ...devnetAccounts.map(({ name, address }) => `  ${name.padEnd(6)} ${address}`),
  ]);
}

// ------------------------------------------------------------------------------------------------------------------- the market

async function runMarket(invocation: Invocation, home: Home): Promise<number> {
  const epochs = readEpochs(invocation);
  const isJson = invocation.json || invocation.has("json");
  let kill = () => {};
  const signal = awaitSignal(() => kill());
  const devnet = hasDevnet(home) ? await continued(invocation, home) : await begun(invocation, home);
  const { log, close } = chainLog(home, invocation);
  const { epochSeconds } = devnet.plan;
  const blockMillis = Math.max(100, Math.floor((Number(epochSeconds) * 1_000) / blocksPerEpoch));
  const asked = nodeOptions({ ...invocation, home });
  const rpcAddress = addressText(devnet.places.rpc);
  const node = { ...asked, log, rpcAddress, blockMillis: asked.blockMillis ?? blockMillis, checkInvariants: true };
  try {
    const onKill = (end: () => void) => {
      kill = end;
    };
    return await followDevnet(invocation, { devnet, node, epochs, isJson, signal, onKill });
  } finally {
    close();
  }
}

function readEpochs(invocation: Invocation): number | undefined {
  const text = invocation.flag("epochs");
  if (text === undefined) return undefined;
  const epochs = /^[1-9][0-9]{0,6}$/.test(text) ? Number(text) : 0;
  if (epochs < 1 || epochs > epochsMax) throw new UsageError(`--epochs ${text}: expected 1 to ${epochsMax}`);
  return epochs;
}

function readEpochSeconds(invocation: Invocation): bigint {
  const text = invocation.flag("epoch") ?? defaultEpoch;
  const millis = parseDuration(text);
  if (millis === undefined || millis % 1_000 !== 0) {
    throw new UsageError(`--epoch ${text}: expected whole seconds, as 20s`);
  }
  return BigInt(millis / 1_000);
}

const seedBytes = 8;

async function begun(invocation: Invocation, home: Home): Promise<Devnet> {
  const wanted: NewDevnet = {
    seed: invocation.flag("seed") ?? randomBytes(seedBytes).toString("hex"),
    epochSeconds: readEpochSeconds(invocation),
    hasLiar: !invocation.has("no-liar"),
    rpc: parseAddress(invocation.flag("rpc.laddr") ?? defaultRpc),
    isShaped: invocation.has("shaped"),
  };
  if (wanted.isShaped) await requireShaping();
  const devnet = await newDevnet(home, wanted);
  const { plan } = devnet;
  const genesis = devnetGenesis(plan);
  writeHome(home, { moniker: "devnet", chainId: devnetChainId, accounts: [], genesis, keys: plan });
  await writeDevnetHomes(devnet);
  devnet.keep();
  return devnet;
}

/** What was chosen when it began cannot be chosen again. */
async function continued(invocation: Invocation, home: Home): Promise<Devnet> {
  const devnet = keptDevnet(home);
  const { seed, epochSeconds, hasLiar, isShaped } = devnet;
  const chosen = [
    ["seed", seed],
    ["epoch", `${epochSeconds}s`],
    ["rpc.laddr", addressText(devnet.places.rpc)],
  ] as const;
  for (const [name, value] of chosen) {
    const asked = invocation.flag(name);
    if (!invocation.isGiven(name) || asked === value) continue;
    throw new UsageError(`--${name} ${asked}: the devnet in ${home.folder} began with ${value}; take another --home`);
  }
  if (invocation.has("no-liar") && hasLiar) {
    throw new UsageError(`--no-liar: the devnet in ${home.folder} began with a liar; take another --home`);
  }
  if (invocation.has("shaped") && !isShaped) {
    throw new UsageError(`--shaped: the relays of the devnet in ${home.folder} shape themselves; take another --home`);
  }
  if (isShaped) await requireShaping();
  return devnet;
}
