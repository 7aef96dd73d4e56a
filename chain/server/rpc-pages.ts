/** Pages of a list, by the rules of CometBFT's rpc/core/env.go. */
import { RpcError } from "./rpc-error.ts";

const perPageDefault = 30;
export const perPageMax = 100;

export function perPage(asked: bigint | undefined): number {
  if (asked === undefined || asked < 1n) return perPageDefault;
  return asked > BigInt(perPageMax) ? perPageMax : Number(asked);
}

export interface Page {
  readonly skip: number;
  readonly count: number;
}

export function pageOf(asked: bigint | undefined, size: number, total: number): Page {
  const pages = Math.max(1, Math.ceil(total / size));
  if (asked !== undefined && (asked <= 0n || asked > BigInt(pages))) {
    throw new RpcError(`page should be within [1, ${pages}] range, given ${asked}`);
  }
  const skip = (Number(asked ?? 1n) - 1) * size;
  return { skip, count: Math.max(0, Math.min(size, total - skip)) };
}
