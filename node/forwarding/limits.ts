/** Every bound of paid forwarding that an operator does not set. Owns the numbers and nothing else. */

export const forwardingLimits = {
  /** Streams of one session at a time: a browser with many tabs. */
  flowsPerSessionMax: 512,
  /** Without a byte either way. */
  idleMillisMax: 600_000,
  /** The same after one end has said its last: whoever went away looks so. */
  halfClosedMillisMax: 60_000,
  totalMillisMax: 86_400_000,
  /** A stream that waits for a voucher is cut. */
  unpaidMillisMax: 30_000,
  /** A control link on which nothing was said. */
  controlIdleMillisMax: 900_000,
  /** Of one control link; then it is cut. */
  badVouchersMax: 16,
  /** Of one control link: each is a write to the disk. Gigabits a second need a hundred. */
  vouchersPerSecondMax: 250,
  /** Receipts that nobody reads. */
  receiptBytesMax: 64 << 10,
  /** After a refusal the other end hangs up, or it is hung up on. */
  lingerMillisMax: 5_000,
  /** How often all of the above is looked at. */
  sweepMillis: 5_000,
} as const;
export type ForwardingLimits = { readonly [name in keyof typeof forwardingLimits]: number };
