/** How the command line spells auth's messages and queries, as simd spells them. */
import type { ModuleCommands } from "../../chain/commandforms.ts";

export const commands: ModuleCommands = {
  messages: {
    "/cosmos.auth.v1beta1.MsgUpdateParams": {
      summary: "set auth's parameters, by governance",
      positionals: ["params"],
      examples: ["@params.json --generate-only"],
      describe: () => ["Sets the parameters of auth; only governance may"],
    },
  },
  queries: {
    "/cosmos.auth.v1beta1.Query/Accounts": { summary: "all accounts", examples: ["", "--limit 10"] },
    "/cosmos.auth.v1beta1.Query/Account": {
      summary: "an account, whatever its type",
      positionals: ["address"],
      examples: ["weir1…", "alice"],
    },
    "/cosmos.auth.v1beta1.Query/AccountInfo": {
      summary: "an account's number, sequence and public key",
      positionals: ["address"],
      examples: ["weir1…"],
    },
    "/cosmos.auth.v1beta1.Query/AccountAddressByID": {
      name: "address-by-acc-num",
      summary: "the address of an account number",
      positionals: ["account_id"],
      examples: ["0"],
    },
    "/cosmos.auth.v1beta1.Query/ModuleAccounts": { summary: "the accounts of modules", examples: [""] },
    "/cosmos.auth.v1beta1.Query/ModuleAccountByName": {
      name: "module-account",
      summary: "the account of a module",
      positionals: ["name"],
      examples: ["gov"],
    },
    "/cosmos.auth.v1beta1.Query/Bech32Prefix": {
      name: "bech32-prefix",
      summary: "what addresses begin with",
      examples: [""],
    },
    "/cosmos.auth.v1beta1.Query/AddressBytesToString": {
      summary: "an address as text, of its bytes",
      positionals: ["address_bytes"],
      examples: ["0x0102030405060708090a0b0c0d0e0f1011121314"],
    },
    "/cosmos.auth.v1beta1.Query/AddressStringToBytes": {
      summary: "the bytes of an address",
      positionals: ["address_string"],
      examples: ["weir1…"],
    },
    "/cosmos.auth.v1beta1.Query/Params": { summary: "auth's parameters", examples: [""] },
  },
};
