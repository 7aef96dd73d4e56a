/** How relays' income goes over from what is minted to what users pay, epoch by epoch. Reads what finalized epochs left; owns nothing. */
import type { ReadContext } from "../../chain/context.ts";
import { type Dec, decFromProto, decOne, decToProto } from "../../chain/dec.ts";
import type { ShiftEpoch } from "../../proto/gen/weir/rewards/v1/query.ts";
import type { EpochRecord } from "../../proto/gen/weir/rewards/v1/state.ts";
import { settledOfEpoch } from "../market/index.ts";
import { epochReport } from "../reserve/index.ts";
import { mulDivDown } from "./ratio.ts";
import { epochRecords } from "./state.ts";

export const shiftEpochsDefault = 7n;
/** The market keeps what epochs settled for 32; the last three are not finalized. */
export const shiftEpochsMax = 28n;

/** Each rounded down; 0 of nothing. */
const shareOf = (part: bigint, whole: bigint): Dec => (whole === 0n ? 0n : (part * decOne) / whole);

/** At once, out of the auction, and in the token at the price that it was burned for. */
function feesOf(ctx: ReadContext, epoch: bigint): { readonly fees: bigint; readonly reference: Dec } {
  const report = epochReport(ctx, epoch);
  const { direct } = settledOfEpoch(ctx, epoch);
  if (report === undefined) return { fees: direct, reference: 0n };
  const token = mulDivDown(BigInt(report.reminted), decFromProto(report.price), decOne);
  const fees = direct + BigInt(report.stable) + BigInt(report.fallback) + token;
  return { fees, reference: decFromProto(report.referenceAfter) };
}

function shiftOf(ctx: ReadContext, { epoch, pools, paid, settledValue }: EpochRecord): ShiftEpoch {
  const { fees, reference } = feesOf(ctx, epoch);
  const [availability, usage] = [BigInt(paid?.availability ?? "0"), BigInt(paid?.usage ?? "0")];
  const mintedValue = mulDivDown(availability + usage, reference, decOne);
  const promised = [pools?.validators, pools?.oracles, pools?.availability, pools?.usage].map((pool) =>
    BigInt(pool ?? "0"),
  );
  const whole = promised.reduce((sum, pool) => sum + pool, 0n);
  return {
    epoch,
    settledValue: `${settledValue === "" ? "0" : settledValue}`,
    fees: `${fees}`,
    availability: `${availability}`,
    usage: `${usage}`,
    mintedValue: `${mintedValue}`,
    availabilityShare: decToProto(shareOf(BigInt(pools?.availability ?? "0"), whole)),
    feeShare: decToProto(shareOf(fees, fees + mintedValue)),
  };
}

/** Of the last finalized epochs, the latest last. */
export function shift(ctx: ReadContext, asked: bigint): ShiftEpoch[] {
  const count = asked === 0n ? shiftEpochsDefault : asked < shiftEpochsMax ? asked : shiftEpochsMax;
  const found: ShiftEpoch[] = [];
  for (const [, record] of epochRecords.iterate(ctx, { reverse: true })) {
    if (BigInt(found.length) === count) break;
    found.push(shiftOf(ctx, record));
  }
  return found.reverse();
}
