/** What an act may say. Pure: what the state has against it is acts.ts. */
import { accountAddress } from "../../chain/address.ts";
import { isValidDenom } from "../../chain/coins.ts";
import { ChainError } from "../../chain/errors.ts";
import { isPositiveDuration } from "../../chain/time.ts";
import { utf8Length } from "../../chain/utf8.ts";
import { type Act, ActKind } from "../../proto/gen/weir/circuit/v1/state.ts";
import { invalidAct, mayNotBePaused } from "./errors.ts";
import { unpausable } from "./surroundings.ts";

export const reasonBytesMax = 500;
export const referenceBytesMax = 300;
export const targetsMax = 32;
export const targetBytesMax = 256;

const targetCounts: Readonly<Record<number, readonly [least: number, most: number]>> = {
  [ActKind.ACT_KIND_PAUSE_MESSAGES]: [1, targetsMax],
  [ActKind.ACT_KIND_FREEZE_DENOM]: [1, 8],
  [ActKind.ACT_KIND_FREEZE_ACCOUNT]: [1, targetsMax],
  [ActKind.ACT_KIND_PAUSE_REDEMPTION]: [0, 0],
  [ActKind.ACT_KIND_STOP_UPGRADE]: [1, 1],
  [ActKind.ACT_KIND_LIFT]: [1, targetsMax],
};

const isText = (text: string, bytesMax: number): boolean => text.trim() !== "" && utf8Length(text) <= bytesMax;

/** Throws what is wrong with it, whatever the state. */
export function checkAct(act: Act | undefined): Act {
  if (act === undefined) throw invalidAct("there is no act; expected a kind, a reason and a reference");
  const { kind, targets, duration, reason, reference } = act;
  const counts = targetCounts[kind];
  if (counts === undefined) throw invalidAct(`${kind} is no kind of act`);
  const [least, most] = counts;
  if (targets.length < least || targets.length > most) {
    throw invalidAct(`${targets.length} targets, expected ${least === most ? least : `${least} to ${most}`}`);
  }
  if (new Set(targets).size !== targets.length) throw invalidAct("a target is named twice");
  if (!isText(reason, reasonBytesMax)) throw invalidAct(`a reason is expected, of at most ${reasonBytesMax} bytes`);
  if (!isText(reference, referenceBytesMax)) {
    throw invalidAct(`a reference is expected, where more is said in public, of at most ${referenceBytesMax} bytes`);
  }
  const lasts = duration !== undefined && isPositiveDuration(duration);
  if (lasts !== (kind !== ActKind.ACT_KIND_LIFT)) {
    throw invalidAct(kind === ActKind.ACT_KIND_LIFT ? "a lift has no duration" : "a duration is expected");
  }
  for (const target of targets) checkTarget(kind, target);
  return act;
}

function checkTarget(kind: ActKind, target: string): void {
  if (target === "" || utf8Length(target) > targetBytesMax) {
    throw invalidAct(`a target is expected to have 1 to ${targetBytesMax} bytes`);
  }
  if (kind === ActKind.ACT_KIND_PAUSE_MESSAGES) {
    const why = unpausable(target);
    if (why !== undefined) throw mayNotBePaused(target, why);
  }
  if (kind === ActKind.ACT_KIND_FREEZE_DENOM && !isValidDenom(target)) throw invalidAct(`${target} is no denom`);
  if (kind === ActKind.ACT_KIND_FREEZE_ACCOUNT) frozenAccountOf(target);
  if (kind === ActKind.ACT_KIND_LIFT && !/^(0|[1-9]\d{0,18})$/.test(target)) {
    throw invalidAct(`${target} is no number of an act`);
  }
}

export interface AccountInDenom {
  readonly account: Uint8Array;
  readonly denom: string;
}

/** Of a target "weir1…/uusdc"; a denomination may hold strokes of its own, an address none. One spelling of each. */
export function frozenAccountOf(target: string): AccountInDenom {
  const [, address = "", denom = ""] = /^([^/]+)\/(.+)$/.exec(target) ?? [];
  if (!isValidDenom(denom)) throw invalidAct(`${target} is no address, a stroke and a denom: weir1…/uusdc`);
  try {
    const account = accountAddress.decode(address);
    if (accountAddress.encode(account) === address) return { account, denom };
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    throw invalidAct(`${target}: ${error.message}`);
  }
  throw invalidAct(`${target}: the address is to be written in small letters`);
}
