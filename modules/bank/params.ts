/** Bank's parameters: their defaults and what is wrong with others, in the SDK's words. Pure. */
import type { Params } from "../../proto/gen/cosmos/bank/v1beta1/bank.ts";

export const defaultParams: Params = { sendEnabled: [], defaultSendEnabled: true };

/** Undefined when all is well. */
export const paramsProblem = (params: Params): string | undefined =>
  params.sendEnabled.length > 0 ? "use of send_enabled in params is no longer supported" : undefined;
