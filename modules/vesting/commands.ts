/** How the command line spells vesting's messages, as simd spells them, and what they mean in words. */
import { coinsToProto } from "../../chain/coins.ts";
import type { ArgumentForm, MessageForm, ModuleCommands } from "../../chain/commandforms.ts";
import { formatRfc3339 } from "../../chain/rfc3339.ts";
import type {
  MsgCreatePeriodicVestingAccount,
  MsgCreatePermanentLockedAccount,
  MsgCreateVestingAccount,
} from "../../proto/gen/cosmos/vesting/v1beta1/tx.ts";

const day = (seconds: bigint): string => {
  const inRange = seconds > -62_135_596_800n && seconds < 253_402_300_800n;
  return inRange ? formatRfc3339({ seconds, nanos: 0 }) : `second ${seconds}`;
};

const create: MessageForm<MsgCreateVestingAccount> = {
  summary: "give coins that become spendable by and by, or all on a day",
  positionals: ["to_address", "amount", "end_time"],
  examples: ["weir1… 1000000uweir 1893456000 --from alice", "weir1… 1000000uweir 1893456000 --delayed --from alice"],
  describe: ({ fromAddress, toAddress, amount, endTime, delayed }, { who, coins }) => [
    `${who(fromAddress)} gives ${coins(amount)} to the new account ${who(toAddress)}`,
    delayed ? `  all of it spendable on ${day(endTime)}` : `  spendable little by little until ${day(endTime)}`,
  ],
};

const createLocked: MessageForm<MsgCreatePermanentLockedAccount> = {
  summary: "give coins that can be delegated but never spent",
  positionals: ["to_address", "amount"],
  examples: ["weir1… 1000000uweir --from alice"],
  describe: ({ fromAddress, toAddress, amount }, { who, coins }) => [
    `${who(fromAddress)} gives ${coins(amount)} to the new account ${who(toAddress)}, never to be spent, only to be delegated`,
  ],
};

interface PeriodsFile {
  readonly start_time: unknown;
  readonly periods: readonly { readonly coins: unknown; readonly length_seconds: unknown }[];
}

const fileShape = 'expected {"start_time":1893456000,"periods":[{"coins":"10uweir","length_seconds":2592000}]}';

function asPeriodsFile(json: unknown): PeriodsFile {
  const file = json as Partial<PeriodsFile> | null;
  if (typeof file !== "object" || file === null || !Array.isArray(file.periods)) throw new Error(fileShape);
  return file as PeriodsFile;
}

function wholeNumber(value: unknown, name: string): bigint {
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  throw new Error(`${name} is ${JSON.stringify(value)}; ${fileShape}`);
}

const periodsFromFile: ArgumentForm<MsgCreatePeriodicVestingAccount> = {
  positionals: ["TO-ADDRESS", "PERIODS-JSON-FILE"],
  build({ positionals, from, address, coins, file }) {
    const { start_time, periods } = asPeriodsFile(file(positionals[1]!));
    return {
      fromAddress: from(),
      toAddress: address(positionals[0]!),
      startTime: wholeNumber(start_time, "start_time"),
      vestingPeriods: periods.map((period, index) => ({
        length: wholeNumber(period.length_seconds, `periods[${index}].length_seconds`),
        amount: coinsToProto(coins(String(period.coins))),
      })),
    };
  },
};

const createPeriodic: MessageForm<MsgCreatePeriodicVestingAccount> = {
  summary: "give coins that become spendable in parts",
  arguments: periodsFromFile,
  examples: ["weir1… periods.json --from alice"],
  describe: ({ fromAddress, toAddress, startTime, vestingPeriods }, { who, coins }) => [
    `${who(fromAddress)} gives to the new account ${who(toAddress)}, counted from ${day(startTime)}:`,
    ...vestingPeriods.map(({ length, amount }) => `  ${coins(amount)} spendable after ${length} seconds more`),
  ],
};

export const commands: ModuleCommands = {
  messages: {
    "/cosmos.vesting.v1beta1.MsgCreateVestingAccount": create,
    "/cosmos.vesting.v1beta1.MsgCreatePermanentLockedAccount": createLocked,
    "/cosmos.vesting.v1beta1.MsgCreatePeriodicVestingAccount": createPeriodic,
  },
  queries: {},
};
