/** A relay that sells nothing yet: whoever wants to buy is told so. */
import { RefusalCode } from "../../proto/gen/weir/wire/v1/wire.ts";
import { refusal, refuse } from "../transport/opening.ts";
import type { Link } from "../transport/transport.ts";
import type { PaidForwarding } from "./forwarded.ts";
import type { ForwardingParts } from "./relay.ts";

export async function openForwarding(_parts: ForwardingParts): Promise<PaidForwarding> {
  const serve = async (link: Link) => refuse(link, refusal(RefusalCode.REFUSAL_CODE_FULL, "this relay sells nothing"));
  return {
    serveSession: serve,
    serveForward: serve,
    drain: () => undefined,
    status: () => ({ sessionsOpen: 0, flowsOpen: 0, unsettled: [] }),
    stop: async () => undefined,
  };
}
