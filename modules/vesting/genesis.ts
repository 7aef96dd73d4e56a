/** Vesting has no genesis state of its own: its accounts are auth's. Genesis files of the SDK hold an empty object. */
import type { Genesis } from "../../chain/module.ts";
import { fieldError, shown } from "../../chain/protojson.ts";

type Nothing = Readonly<Record<never, never>>;

export const genesis: Genesis<Nothing> = {
  default: () => ({}),
  parse(json) {
    const isEmpty =
      json === null || (typeof json === "object" && !Array.isArray(json) && Object.keys(json).length === 0);
    if (isEmpty) return {};
    throw fieldError("app_state.vesting", shown(json), "null or {}; vesting accounts stand in app_state.auth.accounts");
  },
  toJson: () => ({}),
  init: () => undefined,
  export: () => ({}),
};
