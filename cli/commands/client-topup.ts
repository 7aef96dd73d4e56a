/** `weir client topup`: a code becomes money in a wallet that only this machine's secret leads to. */
import { codeSigner, inWallet } from "../../node/client/accounts.ts";
import { fundCodes, isFunded } from "../../node/client/codes.ts";
import { formatCode } from "../../node/client/topupcode.ts";
import { UsageError } from "../arguments.ts";
import { codesOf, type Taken, takeCodes } from "../clientcodes.ts";
import { type ClientHome, clientFlags, clientKeysOf, ensureRoot, openClient } from "../clienthome.ts";
import { expirationIn, feesDefault, feesFlag, grantDaysDefault } from "../clientshop.ts";
import { dollars } from "../clientwords.ts";
import { typedCoins } from "../coins.ts";
import type { Command, Invocation } from "../command.ts";
import type { DaemonKeys } from "../daemonkeys.ts";

export const command: Command = {
  name: "client topup",
  positionals: ["[CODE...]"],
  summary: "Puts money into your wallet: by a code from a shop, or from an account of yours.",
  description:
    "You need no coins of this chain for a code: the shop has paid the fees. The first time, a secret is made that all your wallets follow from, and\n" +
    "you choose a passphrase for it. Each code becomes a wallet of its own, so that sessions paid by different codes cannot be linked by their\n" +
    "wallets. A code is money: on a machine that others use, leave it off the line and type it when asked.\n" +
    "With --amount and --from it is paid by an account of your keyring, through a code that nobody sees; whoever reads the chain can then link that\n" +
    "account with the sessions of this wallet.",
  flags: [
    { name: "code-file", value: "FILE", help: "codes, a line each" },
    { name: "amount", value: "COINS", help: "from an account instead: 5000000uusdc" },
    { name: "from", value: "KEY", help: "the account that pays, by the name of its key" },
    feesFlag,
    ...clientFlags,
  ],
  examples: [
    "weir client topup",
    "weir client topup weir-qsh2-… --node http://192.0.2.1:26657",
    "weir client topup --code-file codes.txt",
    "weir client topup --amount 5000000uusdc --from alice",
  ],
  async run(invocation) {
    const own = ownMoney(invocation);
    const codes = own === undefined ? await codesOf(invocation) : [];
    const keys = clientKeysOf(invocation);
    const isNew = await ensureRoot(invocation, keys);
    const home = await openClient(invocation, { keys });
    try {
      const given = own === undefined ? codes : [await ownCode(home, keys, own)];
      const taken = await takeCodes(home, given);
      await say(invocation, home, taken, isNew);
      return 0;
    } finally {
      await home.close();
    }
  },
};

interface OwnMoney {
  readonly from: string;
  readonly amount: { readonly denom: string; readonly amount: bigint };
  readonly fees: string;
}

function ownMoney(invocation: Invocation): OwnMoney | undefined {
  const [text, from] = [invocation.flag("amount"), invocation.flag("from")];
  if (text === undefined && from === undefined) return undefined;
  if (text === undefined || from === undefined) throw new UsageError("--amount and --from belong together");
  const [amount, ...more] = typedCoins(text, "--amount");
  if (amount === undefined || more.length > 0)
    throw new UsageError(`--amount ${text}: expected one coin, 5000000uusdc`);
  return { from, amount, fees: invocation.flag("fee-limit") ?? feesDefault };
}

/** Between the account and the wallet stands a code's account, as if a shop had sold it; a run that broke off is gone on with. */
async function ownCode({ purse, store }: ClientHome, keys: DaemonKeys, own: OwnMoney): Promise<string> {
  const { sender } = purse;
  const { chain } = sender;
  const index = (await store.wallets()).reduce((next, wallet) => Math.max(next, wallet.index + 1), 0);
  const secret = purse.keys.ownCode(index);
  const { address } = codeSigner(chain.chainId, secret);
  const payer = await keys.signer(own.from);
  const terms = {
    amount: own.amount,
    fees: typedCoins(own.fees, "--fee-limit"),
    expiration: expirationIn(grantDaysDefault, Date.now()),
  };
  if (!(await isFunded(chain, address))) await fundCodes(sender, payer, [address], terms);
  return formatCode(chain.chainId, secret);
}

async function say(invocation: Invocation, { purse, store }: ClientHome, taken: readonly Taken[], isNew: boolean) {
  const wallets = (await store.wallets()).filter(({ state }) => state === "ready");
  const amounts = await Promise.all(wallets.map(({ address, denom }) => inWallet(purse.sender.chain, address, denom)));
  const total = amounts.reduce((sum, amount) => sum + amount, 0n);
  const lines = taken.map(({ wallet, wasMine, inWallet: has }) =>
    wasMine
      ? `You had taken that code before: wallet ${wallet.index} holds ${dollars(has)}.`
      : `${dollars(has)} is yours now, in wallet ${wallet.index}.`,
  );
  const text = [
    ...lines,
    `In all: ${dollars(total)} in ${wallets.length} wallet${wallets.length === 1 ? "" : "s"}.`,
    ...(isNew
      ? ["Your wallets follow from one secret: `weir client init --show-words` shows the words to write down."]
      : []),
    "`weir client connect` starts browsing.",
  ].join("\n");
  invocation.answer(`${text}\n`, {
    taken: taken.map(({ wallet, wasMine, inWallet: has }) => ({
      wallet: wallet.index,
      address: wallet.address,
      denom: wallet.denom,
      amount: `${has}`,
      was_mine: wasMine,
    })),
    total: `${total}`,
    wallets: wallets.length,
  });
}
