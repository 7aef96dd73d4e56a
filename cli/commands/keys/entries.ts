/** What `weir keys` knows. Owns the words; each command is loaded when called. */
import type { Entries } from "../../command.ts";

export const keysEntries: Entries = {
  add: { summary: "make a key, or recover one from its mnemonic", load: () => import("./add.ts") },
  list: { summary: "list the keys", aliases: ["ls"], load: () => import("./list.ts") },
  show: { summary: "show keys by name or address", load: () => import("./show.ts") },
  delete: { summary: "delete keys", load: () => import("./delete.ts") },
  rename: { summary: "give a key another name", load: () => import("./rename.ts") },
  export: { summary: "write a private key, encrypted, for other tools", load: () => import("./export.ts") },
  import: { summary: "read an exported private key", load: () => import("./import.ts") },
  "import-hex": { summary: "read a private key in hexadecimal", load: () => import("./import-hex.ts") },
  "sign-data": {
    summary: "sign a document of ADR-036, such as an emergency act",
    load: () => import("./sign-data.ts"),
  },
  parse: { summary: "convert an address between hexadecimal and bech32", load: () => import("./parse.ts") },
  mnemonic: { summary: "make a mnemonic, without a key", load: () => import("./mnemonic.ts") },
};
