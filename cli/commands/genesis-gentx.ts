/** `weir genesis gentx`: a signed transaction that makes this node a validator of a chain that is yet to begin. */
import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { messageCodec } from "../../chain/codec.ts";
import { newCoins } from "../../chain/coins.ts";
import { type GenesisDocument, parseGenesis } from "../../chain/consensus/genesis.ts";
import { nodeId, parseKey } from "../../chain/consensus/keys.ts";
import { MsgCreateValidator } from "../../proto/gen/cosmos/staking/v1beta1/tx.ts";
import { SignMode } from "../../proto/gen/cosmos/tx/signing/v1beta1/signing.ts";
import { UsageError } from "../arguments.ts";
import { handedInJson, handedInName, readBeaconKeys } from "../beaconkeys.ts";
import { typedCoins } from "../coins.ts";
import type { Command, Invocation } from "../command.ts";
import { readNodeConfig } from "../config.ts";
import { createValidator, externalAddress, requireStake, validatorFlags } from "../gentx.ts";
import { type Home, readText, writeText } from "../home.ts";
import type { KeyRecord } from "../keyring/keyring.ts";
import { keyFlags, keyringFor } from "../keys.ts";
import { documentJson, newDocument, type TxDocument, validate } from "../tx/document.ts";
import { sign } from "../tx/signing.ts";

/** What simd writes: nothing meters it. */
const gasLimit = 200_000n;
const peerPort = "26656";

export const command: Command = {
  name: "genesis gentx",
  positionals: ["KEY", "AMOUNT"],
  summary: "Signs a transaction that makes this node a validator when the chain begins.",
  description:
    "The account of KEY must have AMOUNT in genesis.json (`weir genesis add-account`). The file is for whoever collects them all:\n" +
    "`weir genesis collect-gentxs`. Its memo says where this node will be found.",
  flags: [
    ...validatorFlags,
    { name: "ip", value: "HOST", help: "where others reach this node (default: this machine's address)" },
    { name: "p2p-port", value: "PORT", help: "and at which port", default: peerPort },
    { name: "node-id", value: "ID", help: "another node's than that of --home" },
    { name: "output-document", value: "FILE", help: "write there (default config/gentx/gentx-NODE-ID.json)" },
    ...keyFlags,
  ],
  examples: [
    "weir genesis gentx alice 500000000uweir --chain-id weir-demo-1",
    "weir genesis gentx alice 500000000uweir --moniker north --ip 192.0.2.7 --commission-rate 0.05",
  ],
  async run(invocation) {
    const { home, positionals, answer } = invocation;
    const [keyName = "", amount = ""] = positionals;
    const genesis = parseGenesis(readText(home.genesis, "run `weir init MONIKER` first"), home.genesis);
    requireChain(invocation, genesis);
    const record = (await keyringFor(invocation)).get(keyName);
    const stake = newCoins(typedCoins(amount, "AMOUNT"));
    if (stake.length !== 1) throw new UsageError(`AMOUNT ${amount}: expected one coin, for example 500000000uweir`);
    requireStake(genesis, record.address, stake[0]!);
    const id = invocation.flag("node-id") ?? nodeId(parseKey(readText(home.nodeKey, "run `weir init`"), home.nodeKey));
    const message = createValidator(invocation, {
      operator: record.address,
      stake: stake[0]!,
      consensusKey: parseKey(readText(home.validatorKey, "run `weir init` first"), home.validatorKey).publicKey,
      moniker: invocation.flag("moniker") ?? readNodeConfig(home).moniker,
    });
    const memo = memoOf(invocation, id);
    const terms = { memo, timeoutHeight: 0n, gasLimit, fee: [], payer: "", granter: "" };
    const unsigned = newDocument([{ codec: messageCodec(MsgCreateValidator), value: message }], terms);
    validate(unsigned);
    const document = await signed(invocation, unsigned, record, genesis.chainId);
    const path = invocation.flag("output-document") ?? defaultPath(home, id);
    write(path, document);
    const beaconKey = readBeaconKeys(home.beaconKey).at(-1);
    const beaconPath = join(dirname(path), handedInName(id));
    if (beaconKey !== undefined) writeText(beaconPath, handedInJson(beaconKey, genesis.chainId, record.address));
    answer(`Genesis transaction written to ${path}\n${handInLine(beaconKey === undefined ? undefined : beaconPath)}`, {
      gentx: path,
      ...(beaconKey === undefined ? {} : { beacon_key: beaconPath }),
      node_id: id,
      memo,
      signed: record.type === "local",
    });
    return 0;
  },
};

function requireChain(invocation: Invocation, { chainId }: GenesisDocument): void {
  const wanted = invocation.isGiven("chain-id") ? invocation.flag("chain-id") : undefined;
  if (wanted === undefined || wanted === chainId) return;
  throw new UsageError(`genesis.json is of the chain ${chainId}, not ${wanted}: see --chain-id and --home`);
}

function memoOf(invocation: Invocation, id: string): string {
  const host = invocation.flag("ip") ?? externalAddress();
  if (host === undefined) {
    invocation.say(
      "this machine has no address of its own: the memo stays empty, give --ip to have others find this node\n",
    );
    return "";
  }
  return `${id}@${host}:${invocation.flag("p2p-port")}`;
}

/** A key that is elsewhere signs the file there. */
async function signed(
  invocation: Invocation,
  unsigned: TxDocument,
  record: KeyRecord,
  chainId: string,
): Promise<TxDocument> {
  if (record.type !== "local") {
    invocation.say(
      `${record.name} is kept elsewhere: sign the file with \`weir tx sign --offline --account-number 0 --sequence 0\`\n`,
    );
    return unsigned;
  }
  const terms = { chainId, accountNumber: 0n, sequence: 0n };
  return sign(unsigned, await keyringFor(invocation), [{ record, mode: SignMode.SIGN_MODE_DIRECT, terms }]);
}

const handInLine = (path: string | undefined): string =>
  path === undefined ? "" : `Beacon key written to ${path}: hand it in with the transaction\n`;

const defaultPath = ({ config }: Home, id: string): string => join(config, "gentx", `gentx-${id}.json`);

function write(path: string, document: TxDocument): void {
  if (existsSync(path))
    throw new Error(`${path} exists already: remove it yourself, or name another --output-document`);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeText(path, `${JSON.stringify(documentJson(document))}\n`);
}
