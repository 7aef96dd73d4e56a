/** A test chain as daemons ask it: by gRPC path, bytes to bytes. Owns the counting of what was asked, which tests look at. */
import { weir } from "../../modules/index.ts";
import type { ChainAnswers } from "../../node/measurement/epochfacts.ts";
import type { MeasuredChain } from "./measuredchain.ts";

export interface CountedAnswers extends ChainAnswers {
  /** By path. */
  readonly asked: Map<string, number>;
}

const handlers = new Map(weir.modules.flatMap(({ queries }) => Object.entries(queries)));

export function answersOf(measured: MeasuredChain): CountedAnswers {
  const asked = new Map<string, number>();
  return {
    chainId: measured.chain.context().block.chainId,
    asked,
    query: async (path, request, decode) => {
      asked.set(path, (asked.get(path) ?? 0) + 1);
      const handler = handlers.get(path);
      if (handler === undefined) throw new Error(`no module answers ${path}`);
      return decode(handler.response.encode(measured.chain.query(path, handler.request.decode(request) as object)));
    },
  };
}
