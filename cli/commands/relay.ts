/** The commands of `weir relay`: their words. Each is loaded when it is called. */
import type { Entries } from "../command.ts";

export const relayEntries: Entries = {
  init: { summary: "make keys and config/relay.toml", load: () => import("./relay-init.ts") },
  register: { summary: "register the relay on the chain, with its bond", load: () => import("./relay-register.ts") },
  start: { summary: "run the relay", load: () => import("./relay-start.ts") },
  status: { summary: "how it stands, what it earned, what to fix", load: () => import("./relay-status.ts") },
  claim: { summary: "take what it earned", load: () => import("./relay-claim.ts") },
  unbond: { summary: "take bond out, or see what is on its way", load: () => import("./relay-unbond.ts") },
};
