/** How the command line spells the market's messages and queries. */
import { parseBase64 } from "../../chain/base64.ts";
import type { GivenArguments, MessageForm, ModuleCommands } from "../../chain/commandforms.ts";
import type * as tx from "../../proto/gen/weir/market/v1/tx.ts";
import { contractForms } from "./contractcommands.ts";
import { querycommands } from "./querycommands.ts";

const topUp: MessageForm<tx.MsgTopUp> = {
  summary: "put stable coins into a wallet, one's own or another's",
  arguments: {
    positionals: ["AMOUNT"],
    flags: { for: { value: "ADDRESS", help: "whose wallet; one's own without it" } },
    build: (given) => ({
      sender: given.from(),
      owner: ownerOf(given),
      amount: oneCoin(given.coins(given.positionals[0]!)),
    }),
  },
  examples: ["25000000uusdc --from alice", "5000000uusdc --for weir1… --from shop"],
  describe: ({ owner, amount }, wording) => [
    `Puts ${wording.coins([amount!])} into the wallet of ${wording.who(owner)}`,
  ],
};

function ownerOf(given: GivenArguments): string {
  const owner = given.flag("for");
  return owner === undefined ? given.from() : given.address(owner);
}

function oneCoin(coins: readonly { readonly denom: string; readonly amount: bigint }[]) {
  const [coin] = coins;
  if (coin === undefined || coins.length > 1) throw new Error("expected one amount, such as 5000000uusdc");
  return { denom: coin.denom, amount: `${coin.amount}` };
}

const withdraw: MessageForm<tx.MsgWithdraw> = {
  summary: "take out of one's wallet what no session locks",
  positionals: ["amount"],
  examples: ["5000000uusdc --from alice"],
  describe: ({ amount }, wording) => [`Takes ${wording.coins([amount!])} out of the wallet`],
};

const openSession: MessageForm<tx.MsgOpenSession> = {
  summary: "open a channel to a relay",
  positionals: ["relay", "key"],
  examples: [
    "7 BASE64 --deposit 2000000uusdc --price-max 60000 --epochs 30 --from alice",
    "7 BASE64 --subscription 3 --bytes-max 1073741824 --price-max 0 --epochs 5 --from alice",
  ],
  describe: ({ relay, deposit, epochs }, wording) => [
    `Opens a session with relay ${relay} for ${epochs} epochs${deposit === undefined ? "" : `, locking ${wording.coins([deposit])}`}`,
  ],
};

const topUpSession: MessageForm<tx.MsgTopUpSession> = {
  summary: "lock more in an open session, or keep it open for longer",
  positionals: ["session"],
  examples: ["12 --amount 1000000uusdc --from alice", "12 --epochs 10 --from alice"],
  describe: ({ session, amount, epochs }, wording) => [
    `Tops up session ${session}${amount === undefined ? "" : ` by ${wording.coins([amount])}`}${epochs === 0n ? "" : `, for ${epochs} epochs more`}`,
  ],
};

const settle: MessageForm<tx.MsgSettle> = {
  summary: "pay vouchers of many sessions, each with a result of its own",
  arguments: {
    positionals: ["FILE"],
    build: (given) => ({
      submitter: given.from(),
      vouchers: vouchersOf(given.file(given.positionals[0]!)),
    }),
  },
  examples: ["vouchers.json --from operator"],
  describe: ({ vouchers }) => [`Settles ${vouchers.length} vouchers`],
};

const text = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? `${value}` : "");

function count(value: unknown, name: string): bigint {
  if (/^(?:0|[1-9][0-9]{0,19})$/.test(text(value))) return BigInt(text(value));
  throw new Error(`${name} of a voucher is ${JSON.stringify(value)}; expected a whole number`);
}

function bytesOf(value: unknown): Uint8Array {
  const bytes = typeof value === "string" ? parseBase64(value) : undefined;
  if (bytes === undefined) throw new Error("a signature of a voucher is no base64");
  return bytes;
}

/** As daemons keep them: numbers as text, signatures in base64. */
function vouchersOf(json: unknown): tx.Voucher[] {
  const list = Array.isArray(json) ? json : (json as { vouchers?: unknown } | null)?.vouchers;
  if (!Array.isArray(list)) throw new Error('expected a list of vouchers, or an object with "vouchers"');
  return list.map((one: Record<string, unknown>) => ({
    session: count(one.session, "session"),
    bytes: count(one.bytes, "bytes"),
    amount: text(one.amount),
    nonce: count(one.nonce ?? "0", "nonce"),
    signature: bytesOf(one.signature),
    deliveredBytes: count(one.delivered_bytes ?? "0", "delivered_bytes"),
    relaySignature: bytesOf(one.relay_signature ?? ""),
  }));
}

const closeSession: MessageForm<tx.MsgCloseSession> = {
  summary: "close a session: at once with the relay's agreement or as its operator, else after a window",
  positionals: ["session"],
  examples: ["12 --from alice", "12 --relay-signature BASE64 --from alice"],
  describe: ({ session }) => [`Closes session ${session}; what it has not paid goes back to its client's wallet`],
};

export const commands: ModuleCommands = {
  messages: {
    "/weir.market.v1.MsgTopUp": topUp,
    "/weir.market.v1.MsgWithdraw": withdraw,
    "/weir.market.v1.MsgOpenSession": openSession,
    "/weir.market.v1.MsgTopUpSession": topUpSession,
    "/weir.market.v1.MsgSettle": settle,
    "/weir.market.v1.MsgCloseSession": closeSession,
    ...contractForms,
    "/weir.market.v1.MsgFreezeDenom": {
      summary: "stop a denomination for a time, by governance",
      positionals: ["denom", "until", "reason"],
      examples: ['uusdc 2026-12-01T00:00:00Z "its issuer stopped redeeming" --generate-only'],
      describe: ({ denom, reason }: tx.MsgFreezeDenom) => [`Freezes ${denom} (${reason}); only governance may`],
    },
    "/weir.market.v1.MsgThawDenom": {
      summary: "let a frozen denomination go on, by governance",
      positionals: ["denom"],
      examples: ["uusdc --generate-only"],
      describe: ({ denom }: tx.MsgThawDenom) => [`Thaws ${denom}; only governance may`],
    },
    "/weir.market.v1.MsgUpdateParams": {
      summary: "set the market's parameters, by governance",
      positionals: ["params"],
      examples: ["@params.json --generate-only"],
      describe: () => ["Sets the parameters of the market; only governance may"],
    },
  },
  queries: querycommands,
};
