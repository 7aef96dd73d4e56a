/** How the command line spells messages about reserved contracts, plans and subscriptions. */
import type { MessageForm } from "../../chain/commandforms.ts";
import type * as tx from "../../proto/gen/weir/market/v1/tx.ts";

const offerCapacity: MessageForm<tx.MsgOfferCapacity> = {
  summary: "offer a relay's capacity for a term",
  positionals: ["relay", "capacity_bps", "price_per_epoch"],
  examples: ["7 50000000 200000uusdc --epochs-min 7 --epochs-max 90 --count 2 --from operator"],
  describe: ({ relay, capacityBps, pricePerEpoch }, wording) => [
    `Offers ${capacityBps} bits a second of relay ${relay} for ${wording.coins([pricePerEpoch!])} an epoch; each contract takes a bond of the operator's wallet`,
  ],
};

const withdrawCapacity: MessageForm<tx.MsgWithdrawCapacity> = {
  summary: "take an offer of capacity back",
  positionals: ["offer"],
  examples: ["3 --from operator"],
  describe: ({ offer }) => [`Takes offer ${offer} of capacity back; contracts that were made of it go on`],
};

const reserveCapacity: MessageForm<tx.MsgReserveCapacity> = {
  summary: "buy capacity that is offered, for a term",
  positionals: ["offer", "epochs", "price_max"],
  examples: ["3 30 6000000uusdc --from alice"],
  describe: ({ offer, epochs, priceMax }, wording) => [
    `Reserves what offer ${offer} offers for ${epochs} epochs, for at most ${wording.coins([priceMax!])} and a bond that comes back as it is used`,
  ],
};

const transferContract: MessageForm<tx.MsgTransferContract> = {
  summary: "give an unused contract to another",
  positionals: ["contract", "to"],
  examples: ["5 weir1… --from alice"],
  describe: ({ contract, to }, wording) => [`Gives contract ${contract} to ${wording.who(to)}, with what it holds`],
};

const createPlan: MessageForm<tx.MsgCreatePlan> = {
  summary: "sell so many bytes in so many epochs over one's relays",
  positionals: ["name", "quota_bytes", "epochs", "price", "relays"],
  examples: ['"50 GiB a month" 53687091200 30 3000000uusdc 4 7 --from operator'],
  describe: ({ name, quotaBytes, epochs, price }, wording) => [
    `Sells plan ${JSON.stringify(name)}: ${quotaBytes} bytes in ${epochs} epochs for ${wording.coins([price!])}`,
  ],
};

const retirePlan: MessageForm<tx.MsgRetirePlan> = {
  summary: "sell a plan no more",
  positionals: ["plan"],
  examples: ["2 --from operator"],
  describe: ({ plan }) => [`Sells plan ${plan} no more; subscriptions go on`],
};

const subscribe: MessageForm<tx.MsgSubscribe> = {
  summary: "buy a plan out of one's wallet",
  positionals: ["plan"],
  examples: ["2 --from alice"],
  describe: ({ plan }) => [`Subscribes to plan ${plan}`],
};

const shareQuota: MessageForm<tx.MsgShareQuota> = {
  summary: "let another account use some of a subscription; 0 takes it back",
  positionals: ["subscription", "member", "bytes"],
  examples: ["4 weir1… 10737418240 --from alice"],
  describe: ({ subscription, member, bytes }, wording) => [
    `Lets ${wording.who(member)} use ${bytes} bytes of subscription ${subscription}`,
  ],
};

const cancelSubscription: MessageForm<tx.MsgCancelSubscription> = {
  summary: "give a subscription up, for what the provider has not earned",
  positionals: ["subscription"],
  examples: ["4 --from alice"],
  describe: ({ subscription }) => [`Gives subscription ${subscription} up`],
};

export const contractForms = {
  "/weir.market.v1.MsgOfferCapacity": offerCapacity,
  "/weir.market.v1.MsgWithdrawCapacity": withdrawCapacity,
  "/weir.market.v1.MsgReserveCapacity": reserveCapacity,
  "/weir.market.v1.MsgTransferContract": transferContract,
  "/weir.market.v1.MsgCreatePlan": createPlan,
  "/weir.market.v1.MsgRetirePlan": retirePlan,
  "/weir.market.v1.MsgSubscribe": subscribe,
  "/weir.market.v1.MsgShareQuota": shareQuota,
  "/weir.market.v1.MsgCancelSubscription": cancelSubscription,
};
