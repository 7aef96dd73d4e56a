/** How much a connected client may bind and spend: from the flags, the wallets and the market's parameters. Owns the defaults. */
import { walletCoins } from "../node/client/accounts.ts";
import type { StepRules } from "../node/client/step.ts";
import { QueryParamsRequest, QueryParamsResponse } from "../proto/gen/weir/market/v1/query.ts";
import { type FlagSpec, UsageError } from "./arguments.ts";
import type { ClientHome } from "./clienthome.ts";
import { dollars, typedDollars } from "./clientwords.ts";
import type { Invocation } from "./command.ts";

export const rulesFlags: readonly FlagSpec[] = [
  { name: "budget", value: "DOLLARS", help: "what may be spent in all (default: what the wallets have)" },
  { name: "deposit", value: "DOLLARS", help: "what is locked at a time (default a quarter of the budget, at most 1)" },
  {
    name: "epochs",
    value: "N",
    help: "how long a session is opened for; it is kept open for longer while it is used (default 30)",
  },
];

const depositDefaultMax = 1_000_000n;
const epochsDefault = 30n;
const parts = 4n;

const smaller = (left: bigint, right: bigint): bigint => (left < right ? left : right);
const larger = (left: bigint, right: bigint): bigint => (left > right ? left : right);

async function marketParams({
  purse,
}: ClientHome): Promise<{ readonly depositMin: bigint; readonly epochsMax: bigint }> {
  const request = QueryParamsRequest.encode({}).finish();
  const { params } = await purse.sender.chain.query("/weir.market.v1.Query/Params", request, (bytes) =>
    QueryParamsResponse.decode(bytes),
  );
  if (params === undefined) throw new Error("the chain has no market");
  return { depositMin: BigInt(params.depositMin), epochsMax: params.sessionEpochsMax };
}

/** In wallets, and locked in sessions that a run before this one left open. */
async function atHand({ purse, store }: ClientHome): Promise<bigint> {
  const amounts = await Promise.all(
    (await store.wallets()).map(async ({ address, denom }) => {
      const coins = await walletCoins(purse.sender.chain, address);
      return coins.find((coin) => coin.denom === denom)?.amount ?? 0n;
    }),
  );
  const open = (await store.sessions()).filter(({ state }) => state === "open");
  return [...amounts, ...open.map(({ locked }) => locked)].reduce((sum, amount) => sum + amount, 0n);
}

export async function rulesOf(invocation: Invocation, home: ClientHome): Promise<StepRules> {
  const { depositMin, epochsMax } = await marketParams(home);
  const has = await atHand(home);
  if (has < depositMin) {
    throw new Error(
      `the wallets have ${dollars(has)}, and a session takes at least ${dollars(depositMin)}: \`weir client topup\``,
    );
  }
  const budgetText = invocation.flag("budget");
  const budget = budgetText === undefined ? has : typedDollars(budgetText, "--budget");
  if (budget < depositMin)
    throw new UsageError(`--budget ${budgetText}: a session takes at least ${dollars(depositMin)}`);
  const depositText = invocation.flag("deposit");
  const byBudget = larger(depositMin, smaller(depositDefaultMax, budget / parts));
  const deposit = depositText === undefined ? byBudget : smaller(budget, typedDollars(depositText, "--deposit"));
  if (deposit < depositMin)
    throw new UsageError(`--deposit ${depositText}: the chain takes at least ${dollars(depositMin)}`);
  return { budget, deposit, depositMin, isWarm: !invocation.has("no-warm"), epochs: epochsOf(invocation, epochsMax) };
}

function epochsOf(invocation: Invocation, epochsMax: bigint): bigint {
  const text = invocation.flag("epochs");
  if (text === undefined) return smaller(epochsDefault, epochsMax);
  const epochs = /^\d{1,9}$/.test(text) ? BigInt(text) : 0n;
  if (epochs < 1n || epochs > epochsMax) throw new UsageError(`--epochs ${text}: expected 1 to ${epochsMax}`);
  return epochs;
}
