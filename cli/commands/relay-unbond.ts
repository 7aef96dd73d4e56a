/** `weir relay unbond`: bond taken out of the relay, and what is on its way out. Owns what is said of it. */
import { messageCodec } from "../../chain/codec.ts";
import { decOne } from "../../chain/dec.ts";
import { relaySubject, sameSubject } from "../../modules/attestation/subject.ts";
import { parseWeir } from "../../modules/attestation/units.ts";
import { weirText } from "../../modules/rewards/words.ts";
import { type BondTerms, bondTerms } from "../../node/relay/registering.ts";
import { ask, type RelayReport, readReport } from "../../node/relay/report.ts";
import {
  QueryDelegatorUnbondingsRequest,
  QueryDelegatorUnbondingsResponse,
  type UnbondingView,
} from "../../proto/gen/weir/attestation/v1/query.ts";
import { MsgUnbond } from "../../proto/gen/weir/attestation/v1/tx.ts";
import { UsageError } from "../arguments.ts";
import type { Command } from "../command.ts";
import { asUsage } from "../fields.ts";
import { requireRelay } from "../relay.ts";
import { openRelaySession, type RelaySession } from "../relaysession.ts";
import { columns } from "../table.ts";
import type { NamedMessage } from "../tx/document.ts";
import { txFlags } from "../tx/flags.ts";
import { send } from "../tx/send.ts";

const daySeconds = 86_400n;
const unbondingsMax = 1_000n;

export const command: Command = {
  name: "relay unbond",
  positionals: ["[AMOUNT]"],
  summary: "Takes bond out of the relay; without an amount, shows what there is and what is on its way.",
  description:
    "What is taken out is paid after the unbonding time, and can still be slashed until then for what was done before. What stays counts from now\n" +
    "on: below what the claim asks for, pay counts in proportion. The last of an operator's own stake can be taken out once the relay has left:\n" +
    "`weir tx attestation leave relay ID`.",
  flags: txFlags,
  examples: ["weir relay unbond", "weir relay unbond 200weir"],
  async run(invocation) {
    const relay = await openRelaySession(invocation);
    const id = await requireRelay(relay);
    const report = await readReport(relay.chain, id);
    if (report === undefined)
      throw new Error(`relay ${id} does not stand on ${relay.settings.chainId}: see relay in config/relay.toml`);
    const terms = await bondTerms(relay.chain, report.view.visibleBps);
    const [text] = invocation.positionals;
    if (text === undefined) {
      const leaving = await unbondingsOf(relay, id);
      invocation.answer(overview(report, leaving), {
        relay: `${id}`,
        bond: report.view.bond,
        required: report.view.requiredBond,
        unbonding: leaving.map(({ amount, unbonding }) => ({ amount, until_seconds: `${untilOf(unbonding)}` })),
      });
      return 0;
    }
    const amount = asUsage(() => parseWeir(text, "AMOUNT"), "");
    if (amount === 0n) throw new UsageError("AMOUNT is 0; expected an amount such as 200weir");
    invocation.say(consequences(report, terms, amount));
    const value = MsgUnbond.fromPartial({
      delegator: relay.address,
      subject: relaySubject(id),
      amount: `${amount}`,
    });
    return send(relay.session, [{ codec: messageCodec(MsgUnbond) as NamedMessage["codec"], value }]);
  },
};

async function unbondingsOf({ chain, address }: RelaySession, id: bigint): Promise<readonly UnbondingView[]> {
  const pagination = { key: new Uint8Array(0), offset: 0n, limit: unbondingsMax, countTotal: false, reverse: false };
  const path = "/weir.attestation.v1.Query/DelegatorUnbondings";
  const request = [QueryDelegatorUnbondingsRequest, { delegator: address, pagination }] as const;
  const { unbondings } = await ask(chain, path, request, QueryDelegatorUnbondingsResponse);
  return unbondings.filter(({ subject }) => subject !== undefined && sameSubject(subject, relaySubject(id)));
}

const untilOf = (unbonding: UnbondingView["unbonding"]): bigint => unbonding?.completionTime?.seconds ?? 0n;

const dateOf = (seconds: bigint): string =>
  new Date(Number(seconds) * 1000).toISOString().slice(0, 16).replace("T", " ");

function overview({ view, relay: { id } }: RelayReport, leaving: readonly UnbondingView[]): string {
  const rows = leaving.map(({ amount, unbonding }) => [
    weirText(BigInt(amount)),
    `paid ${dateOf(untilOf(unbonding))} UTC`,
  ]);
  return [
    `Relay ${id} has ${weirText(BigInt(view.bond))} of bond; its claim asks for ${weirText(BigInt(view.requiredBond))}.`,
    ...(rows.length === 0
      ? ["Nothing of yours is on its way out."]
      : ["On its way to you, unless it is slashed:", ...columns(rows)]),
    "",
  ].join("\n");
}

function consequences(
  { view }: RelayReport,
  { required, least, floor, unbondingSeconds }: BondTerms,
  amount: bigint,
): string {
  const left = BigInt(view.bond) - amount;
  const lowest = (least * floor) / decOne;
  const days = unbondingSeconds / daySeconds;
  const wait = days > 0n ? `${days} days` : `${unbondingSeconds} s`;
  const after =
    left < lowest
      ? `below ${weirText(lowest)} the relay takes part in nothing`
      : left < required
        ? `the claim asks for ${weirText(required)}, so pay counts in proportion`
        : "that is enough for the claim";
  return [
    `${weirText(amount)} of ${weirText(BigInt(view.bond))} will leave the bond, and be paid after ${wait}; until then it can still be slashed for what was done before.`,
    `${weirText(left < 0n ? 0n : left)} stay: ${after}.`,
    "",
  ].join("\n");
}
