import { describe, expect, it } from "vitest";
import type { GivenArguments } from "../../chain/commandforms.ts";
import { type Act, ActKind } from "../../proto/gen/weir/circuit/v1/state.ts";
import { actWords, commands } from "./commands.ts";

/** What the command line makes of words and flags. */
function built(positionals: readonly string[], flags: Readonly<Record<string, string>> = {}) {
  const form = commands.messages["/weir.circuit.v1.MsgProposeAct"]!.arguments!;
  const given = { positionals, flag: (name: string) => flags[name], from: () => "weir1member" };
  return form.build(given as unknown as GivenArguments) as { readonly act: Act };
}

const why = { reason: "it loses coins", reference: "https://example.org" };

describe("an act on the command line", () => {
  it("is a kind, its targets, a time and why", () => {
    expect(built(["pause-messages", "/a", "/b"], { for: "12h", ...why }).act).toEqual({
      kind: ActKind.ACT_KIND_PAUSE_MESSAGES,
      targets: ["/a", "/b"],
      duration: { seconds: 43_200n, nanos: 0 },
      ...why,
    });
    expect(built(["pause-redemption"], { for: "3d", ...why }).act.duration).toEqual({ seconds: 259_200n, nanos: 0 });
    expect(built(["lift", "7"], why).act).toMatchObject({ kind: ActKind.ACT_KIND_LIFT, duration: undefined });
  });

  it("is refused by what was typed wrongly", () => {
    expect(() => built(["halt"], why)).toThrow(
      "halt: expected pause-messages, freeze-denom, pause-redemption, stop-upgrade, lift",
    );
    expect(() => built(["unspecified"], why)).toThrow(/expected pause-messages/);
    expect(() => built(["freeze-denom", "uusdc"], { for: "soon", ...why })).toThrow(
      "--for soon: expected a time such as 12h or 3d",
    );
  });

  it("is told in words before it is signed", () => {
    const { act } = built(["freeze-denom", "uusdc"], { for: "2d", ...why });
    expect(actWords(act)).toEqual([
      "Freezes uusdc for 2 days, after which it ends by itself",
      "  because: it loses coins",
      "  more at: https://example.org",
    ]);
    expect(actWords(built(["stop-upgrade", "v2"], { for: "36h", ...why }).act)[0]).toBe(
      "Holds up the upgrade v2 for 36 h, after which it ends by itself",
    );
    expect(actWords(undefined)).toEqual(["Does nothing"]);
  });
});
