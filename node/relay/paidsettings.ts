/** What a relay's settings say, as the paid data plane takes it, and whether it can. Owns that translation alone. */
import { parseDec } from "../../chain/dec.ts";
import { fatal, textOf } from "../daemon/failure.ts";
import { Exits } from "../forwarding/exits.ts";
import type { ForwardingSettings } from "../forwarding/forwarding.ts";
import { exitPolicyOf, type RelaySettings } from "./settings.ts";

/** The same object as long as the settings are the same: lists of domains are built once for each. */
const translated = new WeakMap<RelaySettings, ForwardingSettings>();

export function paidSettingsOf(settings: RelaySettings): ForwardingSettings {
  const known = translated.get(settings);
  if (known !== undefined) return known;
  const { exit, limits, settle, allowPrivateAddresses } = settings;
  const made: ForwardingSettings = {
    exit: exitPolicyOf(settings),
    deniedDomains: exit.deniedDomains,
    allowedDomains: exit.allowedDomains,
    allowsPrivate: allowPrivateAddresses,
    sessionsMax: limits.sessions,
    flowsMax: limits.flows,
    settle: {
      feeShareMax: parseDec(settle.feeShareMax),
      epochsMax: BigInt(settle.epochsMax),
      feePerVoucherMicros: settle.feePerVoucherMicros,
    },
  };
  translated.set(settings, made);
  return made;
}

/** Throws what no single setting shows. */
export function checkPaid(settings: RelaySettings): void {
  try {
    const { exit: policy, allowedDomains, deniedDomains } = paidSettingsOf(settings);
    new Exits({ policy, allowedDomains, deniedDomains });
  } catch (error) {
    throw fatal(`config/relay.toml: ${textOf(error)}`);
  }
}
