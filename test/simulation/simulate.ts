/** Runs a seed's blocks on a whole application, invariants after each, and tells what a node would have to agree on. */
import { createHash } from "node:crypto";
import type { ChainApplicationOptions } from "../../chain/abci/chainapplication.ts";
import { accountAddress } from "../../chain/address.ts";
import { readContext } from "../../chain/execution.ts";
import { unlimitedGasMeter } from "../../chain/gas.ts";
import { weir } from "../../modules/index.ts";
import { ResponseFinalizeBlock } from "../../proto/gen/tendermint/abci/types.ts";
import { chainId, TestApplication } from "../helpers/testapplication.ts";
import { Workload } from "./workload.ts";

export interface SimulationReport {
  readonly chain: TestApplication;
  /** One line a block: height, app hash, hash of the whole FinalizeBlock answer. */
  readonly blocks: readonly string[];
  readonly transactions: number;
  readonly succeeded: number;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

export async function simulate(
  seed: number,
  blockCount: number,
  options: Partial<ChainApplicationOptions> = {},
): Promise<SimulationReport> {
  const chain = await TestApplication.start({ accounts: 12, ...options });
  const workload = new Workload(chain, seed);
  const blocks: string[] = [];
  let transactions = 0;
  let succeeded = 0;
  for (let i = 0; i < blockCount; i++) {
    const txs = workload.block();
    // Half of the blocks are executed early, and half of those are not the block that comes.
    if (i % 4 === 0) chain.process(txs);
    if (i % 4 === 2) chain.process(chain.prepare([...txs, ...txs]), new Uint8Array(32).fill(1));
    for (const tx of txs) chain.check(tx);
    const answer = chain.seal(txs);
    transactions += txs.length;
    succeeded += answer.txResults.filter(({ code }) => code === 0).length;
    const digest = createHash("sha256").update(ResponseFinalizeBlock.encode(answer).finish()).digest("hex");
    blocks.push(`${chain.height} ${hex(answer.appHash)} ${digest}`);
    resynchronise(chain);
  }
  return { chain, blocks, transactions, succeeded };
}

/** A test account counts the sequences it signed with; the chain knows which of them counted. */
function resynchronise(chain: TestApplication): void {
  const ctx = queryContext(chain);
  const { accounts } = weir.ante;
  for (const account of chain.accounts)
    account.sequence = accounts.account(ctx, accountAddress.decode(account.address))?.sequence ?? 0n;
}

const queryContext = (chain: TestApplication) =>
  readContext(
    chain.state.latest,
    { chainId, height: chain.height, time: { seconds: 0n, nanos: 0 }, proposerAddress: new Uint8Array(0) },
    unlimitedGasMeter(),
  );

/** Genesis of every module from the newest state, as `weir export` writes it. */
export function exported(chain: TestApplication): Record<string, unknown> {
  const ctx = queryContext(chain);
  return Object.fromEntries(weir.order.genesis.map(({ name, genesis }) => [name, genesis.toJson(genesis.export(ctx))]));
}

/** Every key and value of every store, as text. */
export function storeContents(chain: TestApplication): string[] {
  return chain.state.storeNames.flatMap((name) =>
    [...chain.state.latest.store(name).iterate({})].map(([key, value]) => `${name} ${hex(key)} ${hex(value)}`),
  );
}
