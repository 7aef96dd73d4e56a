/** `weir client shop`: top-up codes, made and paid into, for whoever buys them. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { AccountSigner } from "../../node/chain/signer.ts";
import { walletCoins } from "../../node/client/accounts.ts";
import { codesPerTransaction, fundCodes, isFunded } from "../../node/client/codes.ts";
import { codeSecretBytes, formatCode } from "../../node/client/topupcode.ts";
import type { Sender } from "../../node/client/transactions.ts";
import { agrees } from "../agrees.ts";
import { UsageError } from "../arguments.ts";
import { codeAddress, codesMax, readCodes, writeCodes } from "../clientcodes.ts";
import { clientFlags, clientKeysOf, openSender } from "../clienthome.ts";
import { expirationIn, feesFlag, grantDaysDefault } from "../clientshop.ts";
import { typedCoins } from "../coins.ts";
import type { Command, Invocation } from "../command.ts";
import { makeFolders } from "../home.ts";

export const command: Command = {
  name: "client shop",
  positionals: [],
  summary: "Makes top-up codes and pays into them: what a shop sells to people who hold no coins of this chain.",
  description:
    "Each code is an account of its own. It gets --amount in the market's wallet, and --from pays its fees up to --fee-limit, for a buyer's messages\n" +
    "alone. Codes of one size that are made many at a time tell nothing of who bought them: sell a few small ones rather than a large one.\n" +
    "The codes are written to a file first, and paid into then: run it again with --resume FILE where it broke off. The file is money until the codes\n" +
    "are taken over; whoever takes one over moves the money to where this file does not lead. --list FILE says which were.",
  flags: [
    { name: "count", value: "N", help: `how many, at most ${codesMax}`, default: "1" },
    { name: "amount", value: "COINS", help: "what is in each: 5000000uusdc" },
    { name: "from", value: "KEY", help: "the account that pays, by the name of its key" },
    { name: "out", value: "FILE", help: "where the codes are written (default HOME/codes-TIME.txt)" },
    { name: "days", value: "N", help: "how long fees are paid for", default: `${grantDaysDefault}` },
    { name: "resume", value: "FILE", help: "pay into those of a file that were not paid into" },
    { name: "list", value: "FILE", help: "say which codes of a file were taken over" },
    { name: "yes", short: "y", help: "do not ask" },
    feesFlag,
    ...clientFlags,
  ],
  examples: [
    "weir client shop --count 10 --amount 1000000uusdc --from shop --out codes.txt",
    "weir client shop --resume codes.txt --amount 1000000uusdc --from shop",
    "weir client shop --list codes.txt",
  ],
  async run(invocation) {
    const { sender, close } = await openSender(invocation);
    try {
      const list = invocation.flag("list");
      return list === undefined ? await make(invocation, sender) : await show(invocation, sender, readCodes(list));
    } finally {
      await close();
    }
  },
};

function required(invocation: Invocation, name: string): string {
  const value = invocation.flag(name);
  if (value === undefined) throw new UsageError(`--${name} is missing; see the examples`);
  return value;
}

function termsOf(invocation: Invocation) {
  const text = required(invocation, "amount");
  const [amount, ...more] = typedCoins(text, "--amount");
  if (amount === undefined || more.length > 0)
    throw new UsageError(`--amount ${text}: expected one coin, 5000000uusdc`);
  const fees = typedCoins(invocation.flag("fee-limit") ?? "", "--fee-limit");
  return { amount, fees, expiration: expirationIn(Number(invocation.flag("days")), Date.now()) };
}

function countOf(invocation: Invocation): number {
  const text = invocation.flag("count") ?? "";
  const count = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > codesMax) throw new UsageError(`--count ${text}: expected 1 to ${codesMax}`);
  return count;
}

async function make(invocation: Invocation, sender: Sender): Promise<number> {
  const terms = termsOf(invocation);
  const from = required(invocation, "from");
  const { chainId } = sender.chain;
  const resumed = invocation.flag("resume");
  const count = resumed === undefined ? countOf(invocation) : readCodes(resumed).length;
  const { denom, amount } = terms.amount;
  const words = `${count} codes of ${amount}${denom} each on ${chainId}, paid by ${from}: ${amount * BigInt(count)}${denom} in all.\n`;
  const question = "Make them and pay?";
  if (!(await agrees(invocation, { words, question, otherwise: "Nothing was made or paid." }))) return 1;
  const shop = await clientKeysOf(invocation).signer(from);
  const { path, codes } =
    resumed === undefined ? newCodes(invocation, chainId, count) : { path: resumed, codes: readCodes(resumed) };
  invocation.say(`The codes are in ${path}; each is worth money once it is paid into.\n`);
  const paid = await payInto(invocation, sender, shop, codes, terms);
  invocation.answer(`${codes.join("\n")}\n`, { file: path, codes, paid, amount: { denom, amount: `${amount}` } });
  return 0;
}

function newCodes(invocation: Invocation, chainId: string, count: number) {
  const stamp = new Date().toISOString().replace(/[:.]/g, "-");
  const { home } = invocation;
  const path = invocation.flag("out") ?? join(home.folder, `codes-${stamp}.txt`);
  makeFolders(home);
  const codes = Array.from({ length: count }, () => formatCode(chainId, new Uint8Array(randomBytes(codeSecretBytes))));
  writeCodes(path, `Top-up codes for ${chainId}, made ${stamp}. Whoever reads them can take the money.`, codes);
  return { path, codes };
}

async function payInto(
  invocation: Invocation,
  sender: Sender,
  shop: AccountSigner,
  codes: readonly string[],
  terms: ReturnType<typeof termsOf>,
): Promise<number> {
  const addresses = codes.map((code) => codeAddress(sender.chain.chainId, code));
  let paid = 0;
  for (let at = 0; at < addresses.length; at += codesPerTransaction) {
    const batch = addresses.slice(at, at + codesPerTransaction);
    const funded = await Promise.all(batch.map((address) => isFunded(sender.chain, address)));
    const missing = batch.filter((_, index) => !funded[index]);
    if (missing.length > 0) await fundCodes(sender, shop, missing, terms);
    paid += missing.length;
    invocation.say(`${at + batch.length} of ${addresses.length} are paid into.\n`);
  }
  return paid;
}

async function show(invocation: Invocation, sender: Sender, codes: readonly string[]): Promise<number> {
  const { chain } = sender;
  const states = await Promise.all(
    codes.map(async (code) => {
      const address = codeAddress(chain.chainId, code);
      const [coin] = await walletCoins(chain, address);
      if (coin !== undefined) return { address, state: "unused", amount: `${coin.amount}${coin.denom}` };
      return { address, state: (await isFunded(chain, address)) ? "taken over" : "not paid into", amount: "" };
    }),
  );
  const lines = states.map(({ address, state, amount }, index) =>
    `${index + 1}  ${address}  ${state} ${amount}`.trimEnd(),
  );
  invocation.answer(`${lines.join("\n")}\n`, { codes: states });
  return 0;
}
