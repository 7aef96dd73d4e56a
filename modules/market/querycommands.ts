/** How the command line spells the market's queries. */
import type { QueryForm } from "../../chain/commandforms.ts";

export const querycommands: Readonly<Record<string, QueryForm>> = {
  "/weir.market.v1.Query/Params": { summary: "the market's parameters", examples: [""] },
  "/weir.market.v1.Query/Wallet": {
    summary: "what an account may spend or withdraw",
    positionals: ["owner"],
    examples: ["weir1…"],
  },
  "/weir.market.v1.Query/Denoms": {
    summary: "the stable coins that are taken, and what is held of each",
    examples: [""],
  },
  "/weir.market.v1.Query/Prices": {
    summary: "prices of a cell, or all that have moved",
    positionals: ["cell"],
    optional: 1,
    examples: ["", "eu-west"],
  },
  "/weir.market.v1.Query/Quote": {
    summary: "what so many bytes cost in a cell now, and by whom",
    positionals: ["cell", "bytes"],
    examples: ["eu-west 10737418240", "eu-west 10737418240 --stable-only --limit 3"],
  },
  "/weir.market.v1.Query/Session": { summary: "a session", positionals: ["session"], examples: ["12"] },
  "/weir.market.v1.Query/Sessions": {
    summary: "sessions: all, a client's or a relay's",
    examples: ["--client weir1…", "--relay 7"],
  },
  "/weir.market.v1.Query/Settled": {
    summary: "what an epoch settled, in all or of a relay",
    positionals: ["epoch", "relay"],
    optional: 1,
    examples: ["41", "41 7"],
  },
  "/weir.market.v1.Query/Metering": {
    summary: "how far a relay's counts are from its clients'",
    positionals: ["relay"],
    examples: ["7"],
  },
  "/weir.market.v1.Query/CapacityOffers": { summary: "capacity that is offered", examples: ["", "--relay 7"] },
  "/weir.market.v1.Query/Contract": { summary: "a reserved contract", positionals: ["contract"], examples: ["5"] },
  "/weir.market.v1.Query/Contracts": {
    summary: "reserved contracts: all, an owner's or a relay's",
    examples: ["--owner weir1…", "--relay 7"],
  },
  "/weir.market.v1.Query/Plans": { summary: "plans", examples: [""] },
  "/weir.market.v1.Query/Subscription": {
    summary: "a subscription",
    positionals: ["subscription"],
    examples: ["4"],
  },
  "/weir.market.v1.Query/Subscriptions": {
    summary: "subscriptions: all, or an owner's",
    examples: ["", "--owner weir1…"],
  },
};
