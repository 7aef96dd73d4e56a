/**
 * Validators that join a running chain, miss its blocks, sign twice: from the votes and the evidence of the engine to what a stock
 * CosmJS client reads and sends.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DirectSecp256k1HdWallet, type EncodeObject, Registry } from "@cosmjs/proto-signing";
import {
  coin,
  defaultRegistryTypes,
  QueryClient,
  SigningStargateClient,
  setupSlashingExtension,
  setupStakingExtension,
} from "@cosmjs/stargate";
import { Comet38Client } from "@cosmjs/tendermint-rpc";
import { PubKey } from "cosmjs-types/cosmos/crypto/ed25519/keys.js";
import { MsgUnjail } from "cosmjs-types/cosmos/slashing/v1beta1/tx.js";
import { afterEach, describe, expect, it } from "vitest";
import { accountAddress, consensusAddress, validatorAddress } from "../../chain/address.ts";
import { newConsensusKey, validatorKeyJson } from "../../chain/consensus/keys.ts";
import { ed25519Address } from "../../chain/crypto/hash.ts";
import { type DevnetAccount, devnetAccounts } from "../../cli/devnet-accounts.ts";
import { makeDoubleVote } from "../helpers/evidence.ts";
import { makeFundedHome, startTestNode, type TestNode } from "../helpers/node.ts";

const [alice, bob] = devnetAccounts as [DevnetAccount, DevnetAccount];
const chainId = "weir-slashing-1";
const noBytes = new Uint8Array(0);

const operatorOf = ({ address }: DevnetAccount) => validatorAddress.encode(accountAddress.decode(address));

/** The shortest window that a genesis may have. */
function shortenWindow(path: string): void {
  const genesis = JSON.parse(readFileSync(path, "utf8"));
  genesis.app_state.slashing.params.signed_blocks_window = "10";
  genesis.app_state.slashing.params.min_signed_per_window = "0.500000000000000000";
  writeFileSync(path, JSON.stringify(genesis));
}

describe("validators of a running chain", () => {
  let node: TestNode;
  let clients: SigningStargateClient[];
  let queries: QueryClient & ReturnType<typeof setupSlashingExtension> & ReturnType<typeof setupStakingExtension>;

  async function begin(changeGenesis: (path: string) => void = () => {}): Promise<void> {
    const home = makeFundedHome(chainId);
    changeGenesis(home.genesis);
    node = await startTestNode({ home, blockMillis: 20 });
    clients = await Promise.all([signer(alice), signer(bob)]);
    queries = QueryClient.withExtensions(
      await Comet38Client.connect(node.rpcUrl),
      setupSlashingExtension,
      setupStakingExtension,
    );
  }
  afterEach(async () => {
    for (const client of clients) client.disconnect();
    await node.remove();
  });

  async function signer({ mnemonic }: DevnetAccount) {
    const wallet = await DirectSecp256k1HdWallet.fromMnemonic(mnemonic, { prefix: "weir" });
    const registry = new Registry([...defaultRegistryTypes, ["/cosmos.slashing.v1beta1.MsgUnjail", MsgUnjail]]);
    return SigningStargateClient.connectWithSigner(node.rpcUrl, wallet, { registry, broadcastPollIntervalMs: 20 });
  }

  const send = (index: number, { address }: DevnetAccount, message: EncodeObject) =>
    clients[index]!.signAndBroadcast(address, [message], { amount: [], gas: "400000" });

  const createValidator = (account: DevnetAccount, publicKey: Uint8Array): EncodeObject => ({
    typeUrl: "/cosmos.staking.v1beta1.MsgCreateValidator",
    value: {
      description: { moniker: "joins", identity: "", website: "", securityContact: "", details: "" },
      commission: { rate: "0", maxRate: "200000000000000000", maxChangeRate: "10000000000000000" },
      minSelfDelegation: "1",
      delegatorAddress: account.address,
      validatorAddress: operatorOf(account),
      pubkey: { typeUrl: "/cosmos.crypto.ed25519.PubKey", value: PubKey.encode({ key: publicKey }).finish() },
      value: coin("5000000", "uweir"),
    },
  });

  const nextBlock = () =>
    new Promise<void>((resolve) => {
      const stop = node.engine.onBlock(() => {
        stop();
        resolve();
      });
    });

  async function until(isSo: () => Promise<boolean>): Promise<void> {
    for (let blocks = 0; blocks < 200; blocks++) {
      if (await isSo()) return;
      await nextBlock();
    }
    throw new Error("it was not so within 200 blocks");
  }

  it("are slashed and jailed when they miss too many blocks, and cannot come back before their time", async () => {
    await begin(shortenWindow);
    const { publicKey } = newConsensusKey();
    const address = consensusAddress.encode(ed25519Address(publicKey));
    const created = await send(0, alice, createValidator(alice, publicKey));
    expect(created.code, created.rawLog).toBe(0);
    const { params } = await queries.slashing.params();
    expect(params.signedBlocksWindow).toBe(10n);
    await until(async () => (await queries.staking.validator(operatorOf(alice))).validator.jailed);
    const { validator } = await queries.staking.validator(operatorOf(alice));
    expect(validator.tokens).toBe("4950000");
    const { valSigningInfo } = await queries.slashing.signingInfo(address);
    expect(valSigningInfo).toMatchObject({ address, tombstoned: false, missedBlocksCounter: 0n });
    expect(valSigningInfo.jailedUntil.seconds).toBeGreaterThan(1_700_000_000n);
    // The other is the validator that began the chain.
    const { info } = await queries.slashing.signingInfos();
    expect(info.map((one) => [one.address === address, one.jailedUntil.seconds > 0n]).sort()).toEqual([
      [false, false],
      [true, true],
    ]);
    const unjail = { typeUrl: "/cosmos.slashing.v1beta1.MsgUnjail", value: { validatorAddr: operatorOf(alice) } };
    const refused = await send(0, alice, unjail);
    expect(refused).toMatchObject({ code: 4 });
    expect(refused.rawLog).toContain("validator still jailed; cannot be unjailed");
  });

  it("are out for ever when the engine is shown that they signed twice", async () => {
    // The window is long here: who joins must not be jailed for the blocks that it misses.
    await begin();
    const key = newConsensusKey();
    const keyPath = join(node.home.folder, "joins.json");
    writeFileSync(keyPath, validatorKeyJson(key));
    const created = await send(1, bob, createValidator(bob, key.publicKey));
    expect(created.code, created.rawLog).toBe(0);
    const address = ed25519Address(key.publicKey);
    const { blocks } = node.engine.stores;
    let height = BigInt(created.height);
    const membersAt = async (at: bigint) => (await blocks.validators(at))?.validators ?? [];
    const isMember = async () => (await membersAt(height)).some((one) => Buffer.compare(one.address, address) === 0);
    while (!(await isMember())) {
      height++;
      await until(async () => (await blocks.meta(height)) !== undefined);
    }
    const members = await membersAt(height);
    const totalPower = members.reduce((sum, { votingPower }) => sum + votingPower, 0n);
    const { time } = (await blocks.meta(height))!.header;
    const vote = { keyPath, chainId, height, time: time!, power: 5n, totalPower };
    await node.engine.addEvidence(makeDoubleVote(vote));
    await until(async () => (await queries.staking.validator(operatorOf(bob))).validator.jailed);
    const { valSigningInfo } = await queries.slashing.signingInfo(consensusAddress.encode(address));
    expect(valSigningInfo).toMatchObject({ tombstoned: true, jailedUntil: { seconds: 253_402_300_799n } });
    expect((await queries.staking.validator(operatorOf(bob))).validator.tokens).toBe("4750000");
    const answer = await queries.queryAbci("/cosmos.evidence.v1beta1.Query/AllEvidence", noBytes);
    expect(Buffer.from(answer.value).toString("latin1")).toContain("/cosmos.evidence.v1beta1.Equivocation");
  });
});
