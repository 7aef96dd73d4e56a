/** `weir relay register`: the relay of config/relay.toml on the chain, with its bond. Owns what is asked and said before it is sent. */
import { messageCodec } from "../../chain/codec.ts";
import { bitrateText, priceText } from "../../modules/attestation/units.ts";
import { weirText } from "../../modules/rewards/words.ts";
import { advisedBond, type BondTerms, bondTerms, cellNames, registerMessage } from "../../node/relay/registering.ts";
import { balanceOf } from "../../node/relay/report.ts";
import type { RelaySettings } from "../../node/relay/settings.ts";
import { MsgRegisterRelay } from "../../proto/gen/weir/attestation/v1/tx.ts";
import type { Command, Invocation } from "../command.ts";
import { settingsPath } from "../daemon.ts";
import { relayKind, transportKeyName } from "../relay.ts";
import { openRelaySession, type RelaySession } from "../relaysession.ts";
import type { NamedMessage } from "../tx/document.ts";
import { txFlags } from "../tx/flags.ts";
import { send } from "../tx/send.ts";
import { version } from "../version.ts";

/** For this transaction and those of the first days. */
const feeReserve = 1_000_000n;

export const command: Command = {
  name: "relay register",
  positionals: [],
  summary: "Registers the relay of config/relay.toml on the chain, with its bond.",
  description:
    "Shows what the claim asks for as bond and what will be bonded, and asks before anything is signed. The proof that the transport key is this\n" +
    "home's is made on the way. The relay takes part from the next epoch on: start it before that.",
  flags: txFlags,
  examples: ["weir relay register", "weir relay register --yes", "weir relay register --dry-run"],
  async run(invocation) {
    const relay = await openRelaySession(invocation);
    const { settings, keys, session, address, chain } = relay;
    await refuseTwice(relay);
    await requireOffer(relay, settingsPath(invocation.home, relayKind));
    const terms = await bondTerms(chain, settings.offer.claim);
    const bond = settings.offer.bond === 0n ? advisedBond(terms) : settings.offer.bond;
    invocation.say(termsText(settings, terms, bond));
    await requireFunds(relay, bond);
    const identity = await keys.machine(transportKeyName);
    const value = registerMessage({ settings, operator: address, identity, bond, softwareVersion: version });
    const code = await send(session, [{ codec: messageCodec(MsgRegisterRelay) as NamedMessage["codec"], value }]);
    if (code === 0) await sayNext(invocation, relay);
    return code;
  },
};

async function refuseTwice({ find }: RelaySession): Promise<void> {
  const id = await find();
  if (id === undefined) return;
  throw new Error(
    `this home's relay is registered already, as relay ${id}: \`weir relay status\` shows it, \`weir tx attestation update-relay ${id}\` changes it`,
  );
}

async function requireOffer({ settings, chain }: RelaySession, path: string): Promise<void> {
  const { endpoint, offer } = settings;
  if (endpoint === "")
    throw new Error(`${path}: endpoint is empty; expected HOST:PORT, as the world reaches this relay`);
  const cells = await cellNames(chain);
  if (cells.includes(offer.cell)) return;
  const found = offer.cell === "" ? "offer.cell is empty" : `there is no region ${JSON.stringify(offer.cell)}`;
  throw new Error(`${path}: ${found}; expected one of ${cells.slice(0, 40).join(", ")}`);
}

function termsText({ offer, endpoint, exit }: RelaySettings, { required, least }: BondTerms, bond: bigint): string {
  const enough = bond >= required ? "" : "; with less than is asked for, pay counts in proportion";
  return [
    `A relay at ${endpoint} in ${offer.cell}, exit policy ${exit.policy}, claiming ${bitrateText(offer.claim)} for at least ${priceText(offer.priceFloor)}.`,
    `The claim asks for a bond of ${weirText(required)} today (the least of any is ${weirText(least)}).`,
    `${weirText(bond)} will be bonded${enough}. It is slashed where the relay delivers less than it claims: docs/relay.md, How you can lose.`,
    "",
  ].join("\n");
}

async function requireFunds({ chain, address }: RelaySession, bond: bigint): Promise<void> {
  const [balance, needed] = [await balanceOf(chain, address), bond + feeReserve];
  if (balance >= needed) return;
  throw new Error(
    `${address} has ${weirText(balance)}; ${weirText(bond)} of bond and about ${weirText(feeReserve)} for fees are needed: ` +
      `send it ${weirText(needed - balance)} more, or claim less in config/relay.toml`,
  );
}

async function sayNext(invocation: Invocation, { find }: RelaySession): Promise<void> {
  const id = invocation.has("dry-run") || invocation.has("generate-only") ? undefined : await find();
  if (id === undefined || invocation.json) return;
  invocation.say(`It is relay ${id}, and takes part from the next epoch on. Run it now: weir relay start\n`);
}
