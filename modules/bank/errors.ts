/** Bank's errors, with the numbers and texts of cosmos-sdk x/bank/types/errors.go: they are for ever. */
import { ChainError, sdk } from "../../chain/errors.ts";

const bank = (code: number, text: string, detail?: string) =>
  new ChainError("bank", code, detail === undefined ? text : `${detail}: ${text}`);

export const noInputs = () => bank(2, "no inputs to send transaction");
export const noOutputs = () => bank(3, "no outputs to send transaction");
export const inputOutputMismatch = () => bank(4, "sum inputs != sum outputs");
export const sendDisabled = (denom: string) =>
  bank(5, "send transactions are disabled", `${denom} transfers are currently disabled`);
export const duplicateEntry = () => bank(8, "duplicate entry");
export const multipleSenders = () => bank(9, "multiple senders not allowed");

export const notAllowedToReceive = (address: string) => sdk.unauthorized(`${address} is not allowed to receive funds`);
