/** Opens the paid data plane of a relay with what its daemon has. */
import { type Forwarding, openForwarding as open } from "../forwarding/openforwarding.ts";
import { paidSettingsOf } from "./paidsettings.ts";
import type { ForwardingParts } from "./relay.ts";

export function openForwarding({ settings, ...parts }: ForwardingParts): Promise<Forwarding> {
  return open({ ...parts, operator: parts.chain.address, settings: () => paidSettingsOf(settings()) });
}
