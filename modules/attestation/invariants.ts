/** What is always true of relays, oracles and their bonds. */
import type { Invariant } from "../../chain/module.ts";

export const registryInvariants: Readonly<Record<string, Invariant>> = {};
