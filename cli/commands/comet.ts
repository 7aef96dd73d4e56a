/** `weir comet`: who this node is to the consensus engine, in the forms that validators of Cosmos chains know. */
import { consensusAddress } from "../../chain/address.ts";
import { base64 } from "../../chain/base64.ts";
import { blockProtocol, p2pProtocol } from "../../chain/consensus/block.ts";
import { loadSigner, nodeId, parseKey } from "../../chain/consensus/keys.ts";
import { cometVersion } from "../../chain/consensus/state.ts";
import type { Command, Entries, Invocation } from "../command.ts";
import { readText } from "../home.ts";

const initFirst = "run `weir init MONIKER` first";

function shows(
  word: string,
  summary: string,
  value: (invocation: Invocation) => { text: string; json: unknown },
): Command {
  return {
    name: `comet ${word}`,
    positionals: [],
    summary,
    flags: [],
    examples: [`weir comet ${word}`],
    async run(invocation) {
      const { text, json } = value(invocation);
      invocation.answer(`${text}\n`, json);
      return 0;
    },
  };
}

const signerOf = ({ home }: Invocation) => {
  readText(home.validatorKey, initFirst);
  return loadSigner(home.validatorKey, home.validatorState);
};

const nodeIdCommand = shows("show-node-id", "Shows this node's id among peers.", ({ home }) => {
  const id = nodeId(parseKey(readText(home.nodeKey, initFirst), home.nodeKey));
  return { text: id, json: { id } };
});

const validatorCommand = shows(
  "show-validator",
  "Shows the public key that this node validates with.",
  (invocation) => {
    const json = { "@type": "/cosmos.crypto.ed25519.PubKey", key: base64(signerOf(invocation).publicKey) };
    return { text: JSON.stringify(json), json };
  },
);

const addressCommand = shows("show-address", "Shows the address that this node validates with.", (invocation) => {
  const address = consensusAddress.encode(signerOf(invocation).address);
  return { text: address, json: { address } };
});

const versionCommand = shows("version", "Shows which CometBFT's blocks and RPC these are.", () => {
  const json = {
    cometbft: cometVersion,
    abci: "2.0.0",
    block_protocol: Number(blockProtocol),
    p2p_protocol: Number(p2pProtocol),
  };
  return {
    text: Object.entries(json)
      .map(([name, value]) => `${name}: ${value}`)
      .join("\n"),
    json,
  };
});

const entry = (summary: string, command: Command) => ({ summary, load: async () => ({ command }) });

export const cometEntries: Entries = {
  "show-node-id": entry("this node's id among peers", nodeIdCommand),
  "show-validator": entry("the public key it validates with", validatorCommand),
  "show-address": entry("the address it validates with", addressCommand),
  install: { summary: "build the cometbft program with Go", load: () => import("./comet-install.ts") },
  "unsafe-reset-all": {
    summary: "delete the data and the memory of what was signed",
    aliases: ["unsafe_reset_all"],
    load: () => import("./comet-reset.ts"),
  },
  version: entry("which CometBFT's blocks and RPC these are", versionCommand),
};
