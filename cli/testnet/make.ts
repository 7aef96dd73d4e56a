/**
 * Makes the homes of a network: keys, a genesis with a genesis transaction of each validator, and configurations that know of each other.
 * Owns what they have in common; layout.ts says where they are.
 */
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { messageCodec } from "../../chain/codec.ts";
import { newCoins } from "../../chain/coins.ts";
import type { GenesisDocument } from "../../chain/consensus/genesis.ts";
import { parseKey } from "../../chain/consensus/keys.ts";
import { powerReduction } from "../../modules/staking/index.ts";
import { MsgCreateValidator } from "../../proto/gen/cosmos/staking/v1beta1/tx.ts";
import { SignMode } from "../../proto/gen/cosmos/tx/signing/v1beta1/signing.ts";
import { parseArguments, UsageError } from "../arguments.ts";
import { type GenesisKey, readBeaconKeys, withBeaconKeys } from "../beaconkeys.ts";
import { tryGenesis } from "../commands/genesis-validate.ts";
import { writeHome } from "../commands/init.ts";
import { bondDenom, type GenesisAccount, genesisText, newGenesis } from "../genesis.ts";
import { withoutOwnValidators } from "../genesisvalidator.ts";
import { createValidator, type GenesisTx, validatorFlags, withGenesisTxs } from "../gentx.ts";
import { makeFolders, readText, writeText } from "../home.ts";
import { defaultCoinType, derivePrivateKey, hdPath, newMnemonic } from "../keyring/derive.ts";
import { type KeyRecord, type Keyring, openKeyring } from "../keyring/keyring.ts";
import { setTomlKeys } from "../tomledit.ts";
import { newDocument } from "../tx/document.ts";
import { sign } from "../tx/signing.ts";
import { writeExamples } from "./examples.ts";
import {
  planTestnet,
  ports,
  rpcUrlOf,
  type Testnet,
  type TestnetNode,
  validatorsMax,
  writeManifest,
} from "./layout.ts";

export interface TestnetPlan {
  readonly out: string;
  readonly validators: number;
  readonly chainId: string;
  readonly firstAddress: string;
  /** Beside the operators', which each have a million WEIR. */
  readonly accounts: readonly GenesisAccount[];
}

const wholeTokens = 1_000_000n;
const balance = newCoins([
  { denom: bondDenom, amount: wholeTokens * powerReduction },
  { denom: "uusdc", amount: wholeTokens * powerReduction },
]);
/** Each the same, so that any of them but a third may be gone. */
const stake = { denom: bondDenom, amount: 100n * powerReduction };
/** What simd writes: nothing meters it. */
const gasLimit = 200_000n;
/** So that whoever joins later can begin by a snapshot. */
const snapshotInterval = 100;
/** Of one node; more find each other by these. */
const peersMax = 10;

interface Operator {
  readonly keyring: Keyring;
  readonly record: KeyRecord;
  readonly mnemonic: string;
}

export async function makeTestnet(plan: TestnetPlan): Promise<Testnet> {
  const { validators, chainId, accounts } = plan;
  if (!Number.isInteger(validators) || validators < 1 || validators > validatorsMax) {
    throw new UsageError(`--validators ${validators}: expected 1 to ${validatorsMax}`);
  }
  const folder = resolve(plan.out);
  requireEmpty(folder);
  const testnet = planTestnet(folder, chainId, validators, plan.firstAddress);
  const operators = await Promise.all(testnet.nodes.map(newOperator));
  const funded = operators.map(({ record }) => ({ address: record.address, coins: balance }));
  const base = withoutOwnValidators(
    newGenesis({ chainId, moniker: "", validatorKey: new Uint8Array(32), accounts: [...funded, ...accounts] }),
  );
  const ids = testnet.nodes.map(({ name, home }) => {
    return writeHome(home, { moniker: name, chainId, accounts: [], engine: "comet", genesis: genesisText(base) })
      .nodeId;
  });
  const peers = testnet.nodes.map(({ address }, i) => `${ids[i]}@${address}:${ports.peers}`);
  const txs = await Promise.all(testnet.nodes.map((node, i) => genesisTx(base, node, operators[i]!, peers[i]!)));
  const keys = testnet.nodes.map(({ home }, i): GenesisKey => {
    return { operator: operators[i]!.record.address, publicKey: readBeaconKeys(home.beaconKey)[0]!.publicKey };
  });
  const genesis = withBeaconKeys(withGenesisTxs(base, txs), keys);
  await tryGenesis(genesis);
  for (const [i, node] of testnet.nodes.entries()) {
    writeText(node.home.genesis, genesisText(genesis));
    configure(node, peersOf(peers, i));
    const { record, mnemonic } = operators[i]!;
    const seed = { name: record.name, address: record.address, mnemonic };
    writeText(join(node.home.folder, "key_seed.json"), `${JSON.stringify(seed, null, 2)}\n`);
  }
  writeExamples(testnet, ids);
  writeManifest(testnet);
  return testnet;
}

function requireEmpty(folder: string): void {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return;
  throw new Error(`${folder} is not empty: nothing was changed. Name another --out, or remove that folder yourself`);
}

async function newOperator({ name, home }: TestnetNode): Promise<Operator> {
  const mnemonic = newMnemonic();
  const privateKey = await derivePrivateKey(mnemonic, "", hdPath(defaultCoinType, 0, 0));
  makeFolders(home);
  const keyring = openKeyring({ home: home.folder, backend: "test", passphrase: notAsked });
  return { keyring, record: await keyring.addLocal(name, privateKey), mnemonic };
}

const notAsked = (): Promise<string> => Promise.reject(new Error("the test keyring has no passphrase"));

/** What `weir genesis gentx` makes with its defaults. */
async function genesisTx(
  base: GenesisDocument,
  { name, home }: TestnetNode,
  { keyring, record }: Operator,
  memo: string,
): Promise<GenesisTx> {
  const key = parseKey(readText(home.validatorKey, "it was there just now"), home.validatorKey);
  const terms = { operator: record.address, stake, consensusKey: key.publicKey, moniker: name };
  const message = createValidator(parseArguments([], validatorFlags, {}), terms);
  const unsigned = newDocument([{ codec: messageCodec(MsgCreateValidator), value: message }], {
    ...{ memo, timeoutHeight: 0n, gasLimit, fee: [], payer: "", granter: "" },
  });
  const signer = { chainId: base.chainId, accountNumber: 0n, sequence: 0n };
  const document = await sign(unsigned, keyring, [{ record, mode: SignMode.SIGN_MODE_DIRECT, terms: signer }]);
  return { document, message, operator: record.address };
}

/** All others of a small network; of a large one the next ones, so that it holds together as a ring. */
const peersOf = (peers: readonly string[], own: number): string =>
  Array.from({ length: Math.min(peers.length - 1, peersMax) }, (_, i) => peers[(own + 1 + i) % peers.length]).join(",");

function configure(node: TestnetNode, peers: string): void {
  const { home, address } = node;
  const edit = (path: string, keys: Parameters<typeof setTomlKeys>[1]) =>
    writeText(path, setTomlKeys(readText(path, "it was there just now"), keys));
  edit(home.configToml, {
    p2p: {
      laddr: `tcp://${address}:${ports.peers}`,
      persistent_peers: peers,
      // Addresses of one machine are no addresses of the Internet, and all connections come from the same one.
      addr_book_strict: false,
      allow_duplicate_ip: true,
    },
    rpc: { laddr: `tcp://${address}:${ports.rpc}` },
  });
  edit(home.appToml, {
    "state-sync": { "snapshot-interval": snapshotInterval },
    telemetry: { address: `tcp://${address}:${ports.metrics}` },
  });
  edit(home.clientToml, { "": { node: rpcUrlOf(node), "keyring-backend": "test" } });
}
