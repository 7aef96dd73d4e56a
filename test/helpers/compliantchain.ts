/** A market chain with a reserve on which compliance is in force: an issuer, a rule for the stable coin, a committee that freezes. */
import { authorityAddress } from "../../chain/authority.ts";
import { formatJsonTime } from "../../chain/rfc3339.ts";
import { addDuration } from "../../chain/time.ts";
import { compliance } from "../../modules/compliance/index.ts";
import { weir } from "../../modules/index.ts";
import type { QueryAccountResponse } from "../../proto/gen/weir/compliance/v1/query.ts";
import { type DenomRule, Flow } from "../../proto/gen/weir/compliance/v1/state.ts";
import type { MsgIssueCredential } from "../../proto/gen/weir/compliance/v1/tx.ts";
import { coin, stable, textOf } from "./marketchain.ts";
import { type ReserveChain, reserveChain } from "./reservechain.ts";
import { type Outcome, testBlock } from "./testchain.ts";

const circuit = weir.modules.find(({ name }) => name === "circuit")!;
const day = 86_400n;

export const issuerText = textOf("issuer");
export const members = ["ada", "bea", "cid"].map(textOf);

/** May do so much in an epoch without a credential "identity". */
export const rule = (more: Partial<DenomRule> = {}): DenomRule => ({
  denom: stable,
  requirement: { kind: "identity", levelMin: 1, issuers: [], jurisdictions: [] },
  limits: [Flow.FLOW_RECEIVE, Flow.FLOW_TOP_UP, Flow.FLOW_REDEEM].map((flow) => ({ flow, amount: "1000" })),
  freezable: true,
  ...more,
});

const committee = {
  version: "1",
  threshold: 2,
  members: members.map((address) => ({
    address,
    name: "",
    term_ends: formatJsonTime({ seconds: testBlock.time.seconds + 300n * day, nanos: 0 }),
  })),
};

export interface CompliantChain extends ReserveChain {
  say(name: string, value: object): Outcome;
  govern(name: string, value: object): Outcome;
  credential(subject: string, more?: Partial<MsgIssueCredential>): Outcome;
  send(from: string, to: string, amount: bigint, denom?: string): Outcome;
  /** Two members agree; the refusal of the second. */
  freeze(names: readonly string[], hours?: bigint, denom?: string): Outcome;
  lift(act: bigint): Outcome;
  wait(seconds: bigint): void;
  account(name: string): QueryAccountResponse;
  held(name: string): string;
}

/** With this rule, or with none. */
export function compliantChain(
  of: DenomRule | "no rule" = rule(),
  market: Readonly<Record<string, unknown>> = {},
): CompliantChain {
  const defaults = compliance.genesis.toJson(compliance.genesis.default()) as { readonly params: object };
  const chain = reserveChain(market, undefined, {
    compliance: { ...defaults, params: { ...defaults.params, enabled: true } },
    circuit: { ...(circuit.genesis.toJson(circuit.genesis.default()) as object), committee },
  });
  const say = (name: string, value: object): Outcome => chain.message(`/weir.compliance.v1.Msg${name}`, value);
  const govern = (name: string, value: object): Outcome => say(name, { authority: authorityAddress(), ...value });
  const act = (value: object): Outcome => {
    const { refusal, events } = chain.message("/weir.circuit.v1.MsgProposeAct", { member: members[0], act: value });
    if (refusal !== undefined) return { refusal, events };
    const proposed = events.find(({ type }) => type === "circuit_act_proposed")!;
    const number = proposed.attributes.find(({ key }) => key === "id")!.value;
    return chain.message("/weir.circuit.v1.MsgApproveAct", { member: members[1], id: BigInt(number) });
  };
  const words = { reason: "on a list", reference: "https://example.org/list" };
  govern("SetIssuer", { address: issuerText, name: "Checks", reference: "", kinds: ["identity", "accredited"] });
  if (of !== "no rule") govern("SetDenomRule", { rule: of });
  return {
    ...chain,
    say,
    govern,
    credential: (subject, more = {}) =>
      say("IssueCredential", {
        issuer: issuerText,
        subject: textOf(subject),
        kind: "identity",
        level: 1,
        jurisdiction: "",
        hash: new Uint8Array(32).fill(7),
        expires: addDuration(chain.context().block.time, { seconds: 30n * day, nanos: 0 }),
        ...more,
      }),
    send: (from, to, amount, denom = stable) =>
      chain.message("/cosmos.bank.v1beta1.MsgSend", {
        fromAddress: textOf(from),
        toAddress: textOf(to),
        amount: [coin(amount, denom)],
      }),
    freeze: (names, hours = 240n, denom = stable) =>
      act({
        kind: 6,
        targets: names.map((name) => `${textOf(name)}/${denom}`),
        duration: { seconds: hours * 3_600n, nanos: 0 },
        ...words,
      }),
    lift: (id) => act({ kind: 5, targets: [`${id}`], duration: undefined, ...words }),
    wait(seconds) {
      chain.block(seconds);
      const ctx = chain.context();
      compliance.beginBlock?.(ctx, undefined as never);
      circuit.beginBlock?.(ctx, undefined as never);
      const broken = chain.broken();
      if (broken !== undefined) throw new Error(broken);
    },
    account: (name) => chain.query("/weir.compliance.v1.Query/Account", { address: textOf(name) }),
    held(name) {
      const { held } = chain.query<QueryAccountResponse>("/weir.compliance.v1.Query/Account", {
        address: textOf(name),
      });
      return held.map(({ denom, amount }) => `${amount}${denom}`).join(",");
    },
  };
}
