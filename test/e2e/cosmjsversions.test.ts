/** One script of CosmJS alone (sign directly, by amino, as a multisig; query, search, subscribe) with the releases that wallets use. */
import * as amino032 from "@cosmjs/amino";
import * as signing032 from "@cosmjs/proto-signing";
import * as stargate032 from "@cosmjs/stargate";
import * as rpc032 from "@cosmjs/tendermint-rpc";
import * as amino036 from "cosmjs-amino-036";
import * as amino039 from "cosmjs-amino-039";
import * as signing036 from "cosmjs-proto-signing-036";
import * as signing039 from "cosmjs-proto-signing-039";
import * as stargate036 from "cosmjs-stargate-036";
import * as stargate039 from "cosmjs-stargate-039";
import * as rpc036 from "cosmjs-tendermint-rpc-036";
import * as rpc039 from "cosmjs-tendermint-rpc-039";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DevnetAccount, devnetAccounts } from "../../cli/devnet-accounts.ts";
import { startTestNode, type TestNode } from "../helpers/node.ts";

const [alice, bob, carol] = devnetAccounts as [DevnetAccount, DevnetAccount, DevnetAccount];
const prefix = "weir";

interface Release {
  readonly version: string;
  readonly amino: typeof amino032;
  readonly signing: typeof signing032;
  readonly stargate: typeof stargate032;
  readonly rpc: typeof rpc032;
}

/** Later releases keep these calls; their classes have private fields and are other types to the compiler. */
const releases: readonly Release[] = [
  { version: "0.32", amino: amino032, signing: signing032, stargate: stargate032, rpc: rpc032 },
  { version: "0.36", amino: amino036, signing: signing036, stargate: stargate036, rpc: rpc036 } as unknown as Release,
  { version: "0.39", amino: amino039, signing: signing039, stargate: stargate039, rpc: rpc039 } as unknown as Release,
];

const quickly = { broadcastPollIntervalMs: 20 };
const fee = { amount: [], gas: "200000" };
const one = [{ denom: "uweir", amount: "1" }];

async function sendFromMultisig({ amino, stargate }: Release, rpcUrl: string): Promise<void> {
  const wallets = await Promise.all(
    [alice, bob, carol].map(({ mnemonic }) => amino.Secp256k1HdWallet.fromMnemonic(mnemonic, { prefix })),
  );
  const accounts = await Promise.all(wallets.map(async (wallet) => (await wallet.getAccounts())[0]!));
  const keys = accounts.map(({ pubkey }) => amino.encodeSecp256k1Pubkey(pubkey));
  const key = amino.createMultisigThresholdPubkey(keys, 2);
  const address = amino.pubkeyToAddress(key, prefix);
  const funder = await stargate.SigningStargateClient.connectWithSigner(rpcUrl, wallets[0]!, quickly);
  const funded = await funder.sendTokens(alice.address, address, stargate.coins(100, "uweir"), fee);
  expect(funded.code, funded.rawLog).toBe(0);
  funder.disconnect();

  const reader = await stargate.StargateClient.connect(rpcUrl);
  const { accountNumber, sequence } = await reader.getSequence(address);
  const message = {
    typeUrl: "/cosmos.bank.v1beta1.MsgSend",
    value: { fromAddress: address, toAddress: bob.address, amount: one },
  };
  const data = { accountNumber, sequence, chainId: await reader.getChainId() };
  const signed = await Promise.all(
    wallets.slice(0, 2).map(async (wallet, i) => {
      const signer = await stargate.SigningStargateClient.offline(wallet);
      return [accounts[i]!.address, await signer.sign(accounts[i]!.address, [message], fee, "", data)] as const;
    }),
  );
  const signatures = new Map(signed.map(([signer, { signatures }]) => [signer, signatures[0]!]));
  const { bodyBytes } = signed[0]![1];
  const bytes = stargate.makeMultisignedTxBytes(key, sequence, fee, bodyBytes, signatures);
  const sent = await reader.broadcastTx(bytes, 10_000, 20);
  expect(sent.code, sent.rawLog).toBe(0);
  expect(await reader.getBalance(address, "uweir")).toEqual(stargate.coin("99", "uweir"));
  reader.disconnect();
}

describe.each(releases)("CosmJS $version", (release) => {
  const { amino, signing, stargate, rpc } = release;
  let node: TestNode;
  const options = { ...quickly, gasPrice: stargate.GasPrice.fromString("0uweir") };
  beforeAll(async () => {
    node = await startTestNode();
  });
  afterAll(() => node.remove());

  it("signs directly, finds the gas by simulation, queries and searches", async () => {
    const wallet = await signing.DirectSecp256k1HdWallet.fromMnemonic(alice.mnemonic, { prefix });
    const client = await stargate.SigningStargateClient.connectWithSigner(node.rpcUrl, wallet, options);
    const sent = await client.sendTokens(alice.address, carol.address, stargate.coins(5, "uweir"), "auto");
    expect(sent.code, sent.rawLog).toBe(0);
    expect(await client.getTx(sent.transactionHash)).toMatchObject({ height: sent.height, code: 0 });
    expect(await client.getSequence(alice.address)).toMatchObject({ sequence: 1 });
    expect(await client.getBalance(carol.address, "uweir")).toEqual(stargate.coin("1000000000005", "uweir"));
    const found = await client.searchTx([{ key: "transfer.recipient", value: carol.address }]);
    expect(found.map(({ hash }) => hash)).toEqual([sent.transactionHash]);
    // Behind its proof of the beacon.
    expect((await client.getBlock(sent.height)).txs).toHaveLength(2);
    client.disconnect();
  });

  it("signs amino JSON", async () => {
    const wallet = await amino.Secp256k1HdWallet.fromMnemonic(bob.mnemonic, { prefix });
    const client = await stargate.SigningStargateClient.connectWithSigner(node.rpcUrl, wallet, options);
    const sent = await client.sendTokens(bob.address, carol.address, one, fee, "a memo <&>");
    expect(sent.code, sent.rawLog).toBe(0);
    client.disconnect();
  });

  it("signs for a multisig of two of three", async () => {
    await sendFromMultisig(release, node.rpcUrl);
  });

  it("follows blocks over a websocket and reads what CometBFT's client knows", async () => {
    const comet = await rpc.Comet38Client.connect(node.rpcUrl.replace("http", "ws"));
    const header = await new Promise<{ readonly height: number }>((next, error) => {
      comet.subscribeNewBlockHeader().addListener({ next, error });
    });
    const { syncInfo, nodeInfo } = await comet.status();
    expect(nodeInfo.version).toMatch(/^0\.38\./);
    expect(syncInfo.latestBlockHeight).toBeGreaterThanOrEqual(header.height);
    expect((await comet.block(header.height)).block.header.height).toBe(header.height);
    expect((await comet.blockSearch({ query: "block.height=1" })).totalCount).toBe(1);
    expect((await comet.genesis()).chainId).toBe("weir-test-1");
    expect((await comet.txSearchAll({ query: "tx.height>0 AND tx.fee EXISTS", prove: true })).totalCount).toBe(4);
    comet.disconnect();
  });
});
