/** Third step: a transaction that states how long it is good for is refused afterwards. */
import type { Timestamp } from "../../context.ts";
import { sdk } from "../../errors.ts";
import { formatRfc3339 } from "../../rfc3339.ts";
import type { AnteRun } from "./run.ts";

const isBefore = (a: Timestamp, b: Timestamp): boolean =>
  a.seconds < b.seconds || (a.seconds === b.seconds && a.nanos < b.nanos);

/** Go's zero time and the Unix epoch both mean "none", as in the SDK. */
const isNone = ({ seconds }: Timestamp): boolean => seconds === 0n || seconds === -62_135_596_800n;

/** As Go prints a time in UTC. */
const goText = (time: Timestamp): string => formatRfc3339(time).replace("T", " ").replace("Z", " +0000 UTC");

export function checkTimeout({ ctx, tx }: AnteRun): void {
  const { timeoutHeight, timeoutTimestamp } = tx.body;
  const { height, time } = ctx.block;
  if (timeoutHeight > 0n && height > timeoutHeight)
    throw sdk.txTimeoutHeight(`block height: ${height}, timeout height: ${timeoutHeight}`);
  if (timeoutTimestamp === undefined || isNone(timeoutTimestamp) || !isBefore(timeoutTimestamp, time)) return;
  throw sdk.txTimeout(`block time: ${goText(time)}, timeout timestamp: ${goText(timeoutTimestamp)}`);
}
