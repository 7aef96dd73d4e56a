import { describe, expect, it } from "vitest";
import { ActKind } from "../../proto/gen/weir/circuit/v1/state.ts";
import { type MarketChain, marketChain, textOf } from "../../test/helpers/marketchain.ts";
import { bytesPerGib } from "./index.ts";
import { pruneSessions } from "./sessions.ts";
import { heldUntil } from "./state.ts";
import { withHeldEnd } from "./windows.ts";

const settleUrl = "/weir.market.v1.MsgSettle";
const hour = 3_600n;

/** A committee of one, so that an act stands at once; a session of two epochs whose window is one more. */
function scene() {
  const member = { address: textOf("shop"), name: "the committee", term_ends: "2030-01-01T00:00:00Z" };
  const committee = { version: "1", threshold: 1, members: [member] };
  const chain = marketChain({ dispute_epochs: "1" }, { circuit: { committee } });
  chain.addRelay();
  chain.topUp("alice", 10_000_000n);
  const session = chain.opened({ deposit: 5_000_000n, epochs: 2n });
  return { chain, session };
}

function act(chain: MarketChain, kind: ActKind, targets: string[]): void {
  const duration = kind === ActKind.ACT_KIND_LIFT ? undefined : { seconds: hour, nanos: 0 };
  const said = { kind, targets, duration, reason: "vouchers pay twice", reference: "https://example.org/1" };
  const { refusal } = chain.message("/weir.circuit.v1.MsgProposeAct", { member: textOf("shop"), act: said });
  expect(refusal).toBeUndefined();
  chain.block();
}
const pause = (chain: MarketChain) => act(chain, ActKind.ACT_KIND_PAUSE_MESSAGES, [settleUrl]);
const lift = (chain: MarketChain) => act(chain, ActKind.ACT_KIND_LIFT, ["0"]);

describe("windows of sessions", () => {
  it("do not run out while MsgSettle is paused, nor before an epoch of disputes after the pause", () => {
    const { chain, session } = scene();
    const voucher = chain.voucher(session, bytesPerGib);
    pause(chain);
    chain.epochs(8);
    expect(chain.session(session).endsEpoch).toBeLessThan(chain.epoch());
    const refused = chain.message(settleUrl, { submitter: textOf("relay"), vouchers: [voucher] });
    expect(refused.refusal?.message).toContain("paused");
    lift(chain);
    const until = chain.epoch() + 2n;
    expect(withHeldEnd(chain.context(), chain.session(session)).endsEpoch).toBe(until);
    chain.epochs(1);
    const [result] = chain.settle([voucher]);
    expect(result).toMatchObject({ code: 0 });
    expect(BigInt(result!.paid)).toBeGreaterThan(0n);
    chain.epochs(1);
    expect(chain.epoch()).toBe(until);
    expect(() => chain.session(session)).toThrow("no session");
    expect(heldUntil.get(chain.context())).toBeUndefined();
  });

  it("are over in their time where nothing is paused, and while other messages are", () => {
    const { chain, session } = scene();
    act(chain, ActKind.ACT_KIND_PAUSE_MESSAGES, ["/weir.market.v1.MsgOpenSession"]);
    const { endsEpoch } = chain.session(session);
    chain.epochs(Number(endsEpoch - chain.epoch()));
    expect(() => chain.session(session)).toThrow("no session");
    expect(heldUntil.get(chain.context())).toBeUndefined();
  });

  it("give the rest back once at the end, however many pauses there were", () => {
    const { chain, session } = scene();
    const before = chain.wallet("alice");
    pause(chain);
    chain.epochs(5);
    lift(chain);
    chain.epochs(2);
    expect(() => chain.session(session)).toThrow("no session");
    expect(chain.wallet("alice")).not.toBe(before);
    expect(chain.wallet("alice")).toContain("10000000");
    chain.attempt((ctx) => expect(pruneSessions(ctx, chain.epoch(), 10)).toBe(0));
  });
});
