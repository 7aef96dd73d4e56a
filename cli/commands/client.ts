/** Which commands there are under `weir client`. Owns their one-line summaries. */
import type { Entries } from "../command.ts";

export const clientEntries: Entries = {
  topup: {
    summary: "put money into your wallet, by a code from a shop or from an account",
    load: () => import("./client-topup.ts"),
  },
  connect: {
    summary: "browse through a relay: a SOCKS and HTTP proxy on this machine, paid as you go",
    load: () => import("./client-connect.ts"),
  },
  sessions: { summary: "show wallets and sessions, and what is left", load: () => import("./client-sessions.ts") },
  close: { summary: "close sessions and say when the rest comes back", load: () => import("./client-close.ts") },
  withdraw: { summary: "move money out of the wallets to an address", load: () => import("./client-withdraw.ts") },
  quote: { summary: "say what traffic costs now, and by whom", load: () => import("./client-quote.ts") },
  shop: { summary: "make top-up codes to sell", load: () => import("./client-shop.ts") },
  init: { summary: "make the wallets' secret, or recover it from its words", load: () => import("./client-init.ts") },
};
