/** `weir relay claim`: what the relay earned its operator, taken or bonded again. */
import { messageCodec } from "../../chain/codec.ts";
import { weirText } from "../../modules/rewards/words.ts";
import { readReport } from "../../node/relay/report.ts";
import { MsgClaim, MsgRestake } from "../../proto/gen/weir/rewards/v1/tx.ts";
import type { Command } from "../command.ts";
import { requireRelay } from "../relay.ts";
import { openRelaySession } from "../relaysession.ts";
import type { NamedMessage } from "../tx/document.ts";
import { txFlags } from "../tx/flags.ts";
import { send } from "../tx/send.ts";

export const command: Command = {
  name: "relay claim",
  positionals: [],
  summary: "Takes what the relay earned its operator and can be claimed by now.",
  description:
    "Half of each reward can be claimed once its epoch is settled, the other half comes evenly over 90 days and counts as bond until then.\n" +
    "What nobody claims for 180 epochs is burned. With --restake it is added to the bond instead.",
  flags: [{ name: "restake", help: "add it to the relay's bond" }, ...txFlags],
  examples: ["weir relay claim", "weir relay claim --restake"],
  async run(invocation) {
    const relay = await openRelaySession(invocation);
    const relayId = await requireRelay(relay);
    const report = await readReport(relay.chain, relayId);
    if (report === undefined)
      throw new Error(`relay ${relayId} does not stand on ${relay.settings.chainId}: see relay in config/relay.toml`);
    const { claimable, record } = report;
    const unvested = BigInt(record?.unvested ?? "0");
    if (claimable === 0n) {
      const more = unvested > 0n ? `; ${weirText(unvested)} vest still` : "";
      throw new Error(`nothing can be claimed yet${more}: \`weir relay status\` says what the relay earns`);
    }
    invocation.say(`${weirText(claimable)} can be claimed now; ${weirText(unvested)} vest still.\n`);
    const isRestaked = invocation.has("restake");
    const codec = isRestaked ? messageCodec(MsgRestake) : messageCodec(MsgClaim);
    return send(relay.session, [
      { codec: codec as NamedMessage["codec"], value: { claimant: relay.address, relayId } },
    ]);
  },
};
