/** What circuit asks of the chain that it is part of, told once all modules are listed. Owns which messages can never be paused. */
import type { ReadContext } from "../../chain/context.ts";
import type { MessageRegistry } from "../../chain/tx/decode.ts";
import { schema } from "../../proto/schema.ts";

export interface Surroundings extends MessageRegistry {
  /** Type URLs of messages by which users take back what is theirs: every module names its own. */
  exits(): ReadonlySet<string>;
  /** What fees, stakes and deposits are paid in. */
  nativeDenom(ctx: ReadContext): string;
  /** Why an account cannot be frozen in a denom; undefined where it can. */
  accountFreezeProblem(ctx: ReadContext, account: Uint8Array, denom: string): string | undefined;
  /** Of the upgrade that is planned. */
  plannedUpgrade(ctx: ReadContext): string | undefined;
}

/** Packages through which the chain is governed, this brake included. */
const governing = /^\/(cosmos\.gov|weir\.gov|cosmos\.circuit|weir\.circuit)\./;

/** A proposer's own message: every block would be rejected. */
const ofProposers: ReadonlySet<string> = new Set(["/weir.beacon.v1.MsgProve"]);

/** Why, or undefined where it may be paused. */
export function unpausable(typeUrl: string): string | undefined {
  if (governing.test(typeUrl)) return "by it the chain is governed, and this brake is released";
  if (ofProposers.has(typeUrl)) return "every block has it";
  const signers = schema().messages[typeUrl.slice(1)]?.signers ?? [];
  return signers.includes("authority") ? "a vote carries it out" : undefined;
}
