/** Relays and oracles that are killed at their durable writes, again and again: nothing is signed twice, sent twice or lost. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { asArray, asObject, asString } from "../../chain/consensus/json.ts";
import { NodeClient } from "../../node/chain/nodeclient.ts";
import { TxBody, TxRaw } from "../../proto/gen/cosmos/tx/v1beta1/tx.ts";
import { QueryReadingsRequest, QueryReadingsResponse } from "../../proto/gen/weir/attestation/v1/query.ts";
import { Attestation } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { MsgCommitReadings, MsgSubmitAttestations } from "../../proto/gen/weir/attestation/v1/tx.ts";
import { QueryEpochRequest, QueryEpochResponse } from "../../proto/gen/weir/beacon/v1/query.ts";
import { Killer, untilBlock } from "../helpers/killer.ts";
import { measuringChainId, startMeasuringNode } from "../helpers/measuringnode.ts";
import { seededRandom } from "../helpers/random.ts";

const seed = Number(process.env.WEIR_KILL_SEED ?? 1);
/** Of all daemons together, before they are left alone. */
const killsWanted = Number(process.env.WEIR_KILLS ?? 8);
const epochSeconds = 8;

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function scene() {
  const port = await freePort();
  const node = await startMeasuringNode({
    oracles: 3,
    relayEndpoints: [`127.0.0.1:${port}`],
    claimBps: 20_000_000n,
    epochSeconds,
    blockMillis: 150,
    params: { covertRate: 0n },
  });
  ends.push(() => node.remove());
  const folder = mkdtempSync(join(tmpdir(), "weir-killed-"));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  const parties = [...node.oracles.map((party) => ["oracle", party] as const), ["relay", node.relays[0]!] as const];
  const killers = parties.map(([daemon, { id, privateKey, identity, vrfSeed }], index) => {
    const secrets = { account: hex(privateKey), transport: hex(identity.seed), vrf: hex(vrfSeed) };
    const directory = join(folder, `${daemon}${id}`);
    const rest = { chainId: measuringChainId, rpcUrl: node.rpcUrl, directory, port, code: "" };
    const killer = new Killer({ daemon, secrets, ...rest }, seededRandom(seed * 10 + index));
    ends.push(() => killer.end());
    return killer;
  });
  return { node, killers };
}

async function openEpoch(client: NodeClient): Promise<bigint> {
  const data = QueryEpochRequest.encode(QueryEpochRequest.fromPartial({})).finish();
  const { value } = await client.abciQuery({ path: "/weir.beacon.v1.Query/Epoch", data });
  return QueryEpochResponse.decode(value).epoch!.number;
}

/** Of modules/attestation: the epoch was over. */
const commitClosedCode = 131;

interface Sent {
  readonly code: number;
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

/** Every message that is in a block, with what became of its transaction. */
class Messages {
  readonly #client: NodeClient;
  readonly all: Sent[] = [];
  #height = 0n;

  constructor(client: NodeClient) {
    this.#client = client;
  }

  /** Up to the newest block. */
  async read(): Promise<readonly Sent[]> {
    for (const last = await this.#client.height(); this.#height < last; this.#height++) {
      await this.#readBlock(this.#height + 1n);
    }
    return this.all;
  }

  async #readBlock(height: bigint): Promise<void> {
    const { rpc } = this.#client;
    const { block } = await rpc.call("block", { height: `${height}` });
    const txs = asArray(asObject(asObject(block, "block").data, "data").txs ?? [], "txs");
    if (txs.length === 0) return;
    const results = await rpc.call("block_results", { height: `${height}` });
    const codes = asArray(results.txs_results ?? [], "txs_results").map((one) => Number(asObject(one, "result").code));
    for (const [index, tx] of txs.entries()) {
      const { bodyBytes, signatures } = TxRaw.decode(Buffer.from(asString(tx, "tx"), "base64"));
      // A proposer's own has none.
      if (signatures.length === 0) continue;
      for (const message of TxBody.decode(bodyBytes).messages) this.all.push({ code: codes[index]!, ...message });
    }
  }

  get commits(): readonly MsgCommitReadings[] {
    return this.all
      .filter(({ code, typeUrl }) => code === 0 && typeUrl.endsWith("MsgCommitReadings"))
      .map(({ value }) => MsgCommitReadings.decode(value));
  }
}

/** Those of epochs whose readings are not taken any more. */
async function pastCommits(client: NodeClient, messages: Messages): Promise<MsgCommitReadings[]> {
  await messages.read();
  const open = await openEpoch(client);
  return messages.commits.filter(({ epoch }) => epoch + 2n <= open);
}

async function readingsCount(client: NodeClient, epoch: bigint, oracle: bigint): Promise<number> {
  const data = QueryReadingsRequest.encode({ epoch, relay: 1n }).finish();
  const { value } = await client.abciQuery({ path: "/weir.attestation.v1.Query/Readings", data });
  return QueryReadingsResponse.decode(value).readings!.readings.filter((reading) => reading.oracle === oracle).length;
}

it("keeps relays and oracles honest over kill -9 at any durable write", {
  timeout: 240_000 + killsWanted * 10_000,
}, async () => {
  const { node, killers } = await scene();
  const client = new NodeClient(node.rpcUrl);
  const messages = new Messages(client);
  for (const killer of killers) killer.start();
  const kills = () => killers.reduce((sum, { killCount }) => sum + killCount, 0);
  const problems = () => killers.flatMap((killer) => killer.problems);
  await untilBlock(node, () => kills() >= killsWanted || problems().length > 0);
  for (const killer of killers) killer.spare();
  // Until an epoch was committed to, and the time to submit its readings is over.
  await untilBlock(node, async () => (await pastCommits(client, messages)).length > 0 || problems().length > 0);
  expect(problems()).toEqual([]);
  const past = await pastCommits(client, messages);

  const submits = messages.all.filter(({ typeUrl }) => typeUrl.endsWith("MsgSubmitAttestations"));
  // On a busy machine one can come too late; none ever comes twice.
  const failed = messages.all.filter(({ code }) => code !== 0 && code !== commitClosedCode);
  expect(failed.map(({ typeUrl, code }) => `${typeUrl} ${code}`)).toEqual([]);
  const places = messages.commits.map(({ epoch, oracle }) => `${epoch}/${oracle}`);
  expect(new Set(places).size).toBe(places.length);

  const signed = new Map<string, string>();
  for (const { value } of submits) {
    for (const { epoch, oracle, attestations } of MsgSubmitAttestations.decode(value).ranges) {
      for (const attestation of attestations) {
        const place = `${epoch}/${oracle}/${attestation.relay}/${attestation.kind}`;
        const bytes = Buffer.from(Attestation.encode(attestation).finish()).toString("hex");
        expect(signed.get(place) ?? bytes).toBe(bytes);
        signed.set(place, bytes);
      }
    }
  }

  for (const { epoch, oracle, count } of past) {
    expect([epoch, oracle, await readingsCount(client, epoch, oracle)]).toEqual([epoch, oracle, count]);
  }
});
