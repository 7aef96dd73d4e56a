/** How the command line spells the reserve's messages and queries. `weir reserve …` is in cli/. */
import type { MessageForm, ModuleCommands } from "../../chain/commandforms.ts";
import { formatDec } from "../../chain/dec.ts";
import type * as tx from "../../proto/gen/weir/reserve/v1/tx.ts";

const offer: MessageForm<tx.MsgOffer> = {
  summary: "rest an offer in the book of the burn auction",
  positionals: ["quantity", "ask"],
  examples: ["100000000000 0.0105 --from alice"],
  describe: ({ quantity, ask }) => [
    `Offers ${quantity}uweir to the burn auction for at least ${formatDec(BigInt(ask))} stable units each; they are held until sold or taken back`,
  ],
};

const cancelOffer: MessageForm<tx.MsgCancelOffer> = {
  summary: "take an offer back, before the epoch closes",
  positionals: ["offer"],
  examples: ["7 --from alice"],
  describe: ({ offer: id }) => [`Takes offer ${id} back`],
};

const redeem: MessageForm<tx.MsgRedeem> = {
  summary: "ask for the token's share of the reserve; requests of an epoch share its allowance",
  positionals: ["quantity"],
  examples: ["5000000000 --from alice"],
  describe: ({ quantity }) => [
    `Asks to redeem ${quantity}uweir at the floor less the exit fee; what is paid is burned, the rest comes back`,
  ],
};

const buy: MessageForm<tx.MsgBuy> = {
  summary: "buy new coins at the ceiling, while the schedule leaves room",
  positionals: ["quantity", "cost_max"],
  examples: ["1000000000 60000000uusdc --from alice"],
  describe: ({ quantity, costMax }, wording) => [
    `Buys ${quantity}uweir at the ceiling for at most ${wording.coins([costMax!])}`,
  ],
};

const buyInSale: MessageForm<tx.MsgBuyInSale> = {
  summary: "buy new coins in the sale that governance opened",
  positionals: ["quantity", "cost_max"],
  examples: ["1000000000 25000000uusdc --from alice"],
  describe: ({ quantity, costMax }, wording) => [
    `Buys ${quantity}uweir in the sale for at most ${wording.coins([costMax!])}`,
  ],
};

const openSale: MessageForm<tx.MsgOpenSale> = {
  summary: "open a one-way sale of new coins along a curve, by governance",
  positionals: ["quantity", "price_start", "price_end", "epochs"],
  examples: ["1000000000000 0.02 0.04 30 --generate-only"],
  describe: ({ quantity, priceStart, priceEnd, epochs }) => [
    `Sells up to ${quantity}uweir, from ${formatDec(BigInt(priceStart))} to ${formatDec(BigInt(priceEnd))} stable units each, for ${epochs} epochs; only governance may`,
  ],
};

export const commands: ModuleCommands = {
  messages: {
    "/weir.reserve.v1.MsgBuyInSale": buyInSale,
    "/weir.reserve.v1.MsgOpenSale": openSale,
    "/weir.reserve.v1.MsgEndSale": {
      summary: "end the sale of new coins, by governance",
      examples: ["--generate-only"],
      describe: () => ["Ends the sale of new coins; only governance may"],
    },
    "/weir.reserve.v1.MsgOffer": offer,
    "/weir.reserve.v1.MsgCancelOffer": cancelOffer,
    "/weir.reserve.v1.MsgRedeem": redeem,
    "/weir.reserve.v1.MsgBuy": buy,
    "/weir.reserve.v1.MsgUpdateParams": {
      summary: "set the reserve's parameters, by governance",
      positionals: ["params"],
      examples: ["@params.json --generate-only"],
      describe: () => ["Sets the parameters of the reserve; only governance may"],
    },
  },
  queries: {
    "/weir.reserve.v1.Query/Params": { summary: "the reserve's parameters", examples: [""] },
    "/weir.reserve.v1.Query/Sale": {
      summary: "the sale of new coins, and what so many of them cost now",
      positionals: ["quantity"],
      optional: 1,
      examples: ["", "1000000000"],
    },
    "/weir.reserve.v1.Query/Report": {
      summary: "how the reserve stands, with the last epochs",
      examples: ["", "--epochs 30"],
    },
    "/weir.reserve.v1.Query/Epochs": {
      summary: "what finalized epochs did to the reserve",
      positionals: ["from"],
      optional: 1,
      examples: ["", "12 --limit 5"],
    },
    "/weir.reserve.v1.Query/Offers": { summary: "the book, the lowest asks first", examples: ["", "--seller weir1…"] },
    "/weir.reserve.v1.Query/Redemptions": {
      summary: "redemptions that wait, of an epoch",
      positionals: ["epoch"],
      examples: ["12"],
    },
  },
};
