/** `weir reserve …`: how the reserve stands, whether that can be recomputed, and the two things that holders do with it. Owns the words. */
import { reserve } from "../../modules/reserve/index.ts";
import type { CommandEntry, Entries } from "../command.ts";

/** The same as `weir tx reserve WORD`, for who does not think of it as a transaction. */
function messageEntry(word: string, url: string): CommandEntry {
  const form = reserve.commands?.messages[url] ?? {};
  return {
    summary: form.summary ?? word,
    load: async () => {
      const { moduleMessage } = await import("../tx/modulemessage.ts");
      return { command: moduleMessage({ handler: reserve.messages[url]!, name: `reserve ${word}`, form }) };
    },
  };
}

export const reserveEntries: Entries = {
  report: {
    summary: "how the reserve stands: R, S, V, C, B and the last epochs",
    load: () => import("./reserve-report.ts"),
  },
  audit: {
    summary: "recompute it from the records, and say what was checked",
    load: () => import("./reserve-audit.ts"),
  },
  sale: {
    summary: "the sale of new coins that governance opened, drawn",
    load: () => import("./reserve-sale.ts"),
  },
  offer: messageEntry("offer", "/weir.reserve.v1.MsgOffer"),
  redeem: messageEntry("redeem", "/weir.reserve.v1.MsgRedeem"),
};
