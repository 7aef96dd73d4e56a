/** How the command line spells staking's messages and queries, as simd spells them. */
import type { ModuleCommands } from "../../chain/commandforms.ts";

export const commands: ModuleCommands = { messages: {}, queries: {} };
