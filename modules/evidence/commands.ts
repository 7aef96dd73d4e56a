/** How the command line spells evidence's message and queries, as simd spells them, and what its message means in words. */
import type { ModuleCommands } from "../../chain/commandforms.ts";

export const commands: ModuleCommands = {
  messages: {
    "/cosmos.evidence.v1beta1.MsgSubmitEvidence": {
      name: "submit",
      summary: "submit evidence by hand; this chain takes none, its engine reports what it proves",
      positionals: ["evidence"],
      examples: ['\'{"@type":"/cosmos.evidence.v1beta1.Equivocation", …}\' --from alice'],
      describe: () => ["Submits evidence of misbehavior"],
    },
  },
  queries: {
    "/cosmos.evidence.v1beta1.Query/Evidence": {
      summary: "one piece of evidence",
      positionals: ["hash"],
      examples: ["DF0C23E8634E480F84B9D5674A7CDC9816466DEC28A3358F73260F68D28D7660"],
    },
    "/cosmos.evidence.v1beta1.Query/AllEvidence": {
      name: "list",
      aliases: ["all-evidence"],
      summary: "all evidence for which a validator was punished",
      examples: [""],
    },
  },
};
