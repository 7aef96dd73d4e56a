/** How staking's queries refuse: in the SDK some by a status, the others by a bare error, which becomes an invalid request. */
import type { AddressFormat } from "../../chain/address.ts";
import { ChainError, QueryError, sdk } from "../../chain/errors.ts";
import { PageError } from "../../chain/pagination.ts";

export const notFound = (text: string) => new QueryError("NotFound", text);

export function requireText(text: string, which: "validator" | "delegator"): void {
  if (text === "") throw new QueryError("InvalidArgument", `${which} address cannot be empty`);
}

export function requireTextAddress(format: AddressFormat, text: string): Uint8Array {
  try {
    return format.decode(text);
  } catch (error) {
    if (error instanceof ChainError) throw sdk.invalidRequest(error.message);
    throw error;
  }
}

/** What goes wrong within is told by its text alone. */
export function asInternal<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (error instanceof ChainError || error instanceof PageError) throw new QueryError("Internal", error.message);
    throw error;
  }
}

/** Of pages: how x/staking counts. */
export const countsBeyond = { countsBeyond: true } as const;
