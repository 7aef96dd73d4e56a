/**
 * `npm run campaign -- light [--quick]`: the real `cometbft light` follows a weir node header by header, with a second address of the same
 * node as its witness, and serves what it has verified; transactions are sent meanwhile. Needs Go.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DirectSecp256k1HdWallet } from "@cosmjs/proto-signing";
import { SigningStargateClient } from "@cosmjs/stargate";
import { devnetAccounts } from "../../cli/devnet-accounts.ts";
import { cometBftBinary, end, freePort, whyNoCometBft } from "../helpers/cometbft.ts";
import { startTestNode, type TestNode } from "../helpers/node.ts";
import { relayTo } from "../helpers/relay.ts";
import type { CampaignOptions } from "./main.ts";

const heights = 300;
const quickHeights = 40;
const blockMillis = 50;
const sendEveryHeights = 10;
const startMillisMax = 20_000;

interface Answer {
  readonly result?: {
    readonly signed_header?: {
      readonly header: { readonly app_hash: string };
      readonly commit: { readonly block_id: object };
    };
    readonly block_id?: object;
    readonly hash?: string;
  };
  readonly error?: { readonly data: string };
}

async function get(url: string): Promise<NonNullable<Answer["result"]>> {
  const answer = (await (await fetch(url)).json()) as Answer;
  if (answer.result === undefined) throw new Error(`${url} was refused: ${JSON.stringify(answer.error)}`);
  return answer.result;
}

async function startLight(node: TestNode, witnessPort: number, folder: string) {
  const first = (await get(`${node.rpcUrl}/commit?height=1`)).signed_header?.commit.block_id as { hash: string };
  const port = await freePort();
  const child = spawn(
    cometBftBinary(),
    [
      ...["light", node.genesis.chainId, "--primary", node.rpcUrl, "--witnesses", `http://127.0.0.1:${witnessPort}`],
      ...["--height", "1", "--hash", first.hash, "--home-dir", folder, "--laddr", `tcp://127.0.0.1:${port}`],
      ...["--sequential", "--verbose"],
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data) => {
      output = (output + String(data)).slice(-20_000);
    });
  }
  const url = `http://127.0.0.1:${port}`;
  for (const until = Date.now() + startMillisMax; Date.now() < until && child.exitCode === null; ) {
    const isUp = await fetch(`${url}/status`).then(
      (response) => response.ok,
      () => false,
    );
    if (isUp) return { url, output: () => output, stop: () => end(child) };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await end(child);
  throw new Error(`cometbft light did not start: ${output}`);
}

const reach = (node: TestNode, height: number): Promise<void> =>
  new Promise((resolve, reject) => {
    if (node.engine.height > BigInt(height)) return resolve();
    const stop = node.engine.onBlock(({ state }) => {
      if (state.lastBlockHeight <= BigInt(height)) return;
      stop();
      resolve();
    });
    node.ended.then((error) => reject(error ?? new Error("the node ended")));
  });

async function connectSender(rpcUrl: string) {
  const [alice, bob] = devnetAccounts;
  if (alice === undefined || bob === undefined) throw new Error("the devnet has at least two accounts");
  const wallet = await DirectSecp256k1HdWallet.fromMnemonic(alice.mnemonic, { prefix: "weir" });
  const client = await SigningStargateClient.connectWithSigner(rpcUrl, wallet);
  const send = async () => {
    const fee = { amount: [], gas: "200000" };
    const sent = await client.sendTokens(alice.address, bob.address, [{ denom: "uweir", amount: "1" }], fee);
    return sent.transactionHash;
  };
  return { send, close: () => client.disconnect() };
}

/** The light client has decoded and written the answer again: an empty list is null or left out then. */
const plain = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    inner === null || (Array.isArray(inner) && inner.length === 0) ? undefined : inner,
  );

/** What the light client verifies before it answers must be what the node has. */
async function compare(path: string, light: string, node: string): Promise<void> {
  const [verified, told] = [await get(`${light}/${path}`), await get(`${node}/${path}`)];
  if (plain(verified) === plain(told)) return;
  throw new Error(`${path}: the light client shows ${plain(verified)}, the node ${plain(told)}`);
}

export default async function light({ quick }: CampaignOptions): Promise<void> {
  const reason = whyNoCometBft();
  if (reason !== undefined) throw new Error(`${reason}; install Go and run this again`);
  const count = quick ? quickHeights : heights;
  const started = performance.now();
  const node = await startTestNode({ blockMillis, checkInvariants: false });
  const witness = await relayTo(Number(new URL(node.rpcUrl).port));
  const folder = mkdtempSync(join(tmpdir(), "weir-light-"));
  let client: Awaited<ReturnType<typeof startLight>> | undefined;
  try {
    client = await startLight(node, witness.port, folder);
    const sums = { headers: 0, blocks: 0, results: 0, transactions: 0 };
    const sender = await connectSender(node.rpcUrl);
    for (let height = 2; height <= count; height++) {
      await reach(node, height + 1);
      await compare(`commit?height=${height}`, client.url, node.rpcUrl);
      sums.headers++;
      if (height % sendEveryHeights !== 0) continue;
      const hash = await sender.send();
      await compare(`block?height=${height}`, client.url, node.rpcUrl);
      await compare(`validators?height=${height}`, client.url, node.rpcUrl);
      await compare(`block_results?height=${height}`, client.url, node.rpcUrl);
      await reach(node, Number(node.engine.height) + 1);
      await compare(`tx?hash=0x${hash}&prove=true`, client.url, node.rpcUrl);
      sums.blocks++;
      sums.results++;
      sums.transactions++;
    }
    sender.close();
    const complaint = /.*(conflict|diverge|invalid|not match).*/i.exec(client.output())?.[0];
    if (complaint !== undefined) throw new Error(`cometbft light complains: ${complaint}`);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log("headers verified   blocks   results   transactions with proof   seconds");
    console.log(`${sums.headers}   ${sums.blocks}   ${sums.results}   ${sums.transactions}   ${seconds}`);
  } finally {
    await client?.stop();
    await witness.close();
    await node.remove();
    rmSync(folder, { recursive: true, force: true });
  }
}
