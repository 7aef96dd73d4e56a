import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { weir } from "../../modules/index.ts";
import { schema } from "../../proto/schema.ts";
import { bulletin } from "../example-module/bulletin/index.ts";
import { checkExits } from "./exits.ts";
import { checkParameters } from "./parameters.ts";
import { checkModuleList, checkReadme, checkRpcs } from "./rpcs.ts";

const root = join(import.meta.dirname, "..", "..");

describe("the modules", () => {
  it("handle every rpc of their services, and nothing else", () => {
    expect(checkRpcs(schema().services, weir.modules)).toEqual([]);
    const bank = weir.modules.find(({ name }) => name === "bank")!;
    const { "/cosmos.bank.v1beta1.MsgSend": _, ...others } = bank.messages;
    const { "/cosmos.bank.v1beta1.Query/Balance": balance, ...queries } = bank.queries;
    const bad = { ...bank, messages: others, queries: { ...queries, "/cosmos.bank.v1beta1.Query/Balanse": balance! } };
    expect(checkRpcs(schema().services, [...weir.modules.filter((module) => module !== bank), bad])).toEqual([
      "proto cosmos.bank.v1beta1.Msg/Send has no handler /cosmos.bank.v1beta1.MsgSend in modules/",
      "proto cosmos.bank.v1beta1.Query/Balance has no handler /cosmos.bank.v1beta1.Query/Balance in modules/",
      "modules/ handle /cosmos.bank.v1beta1.Query/Balanse, which is no rpc in proto/",
    ]);
  });

  it("are all listed, by name, and each takes part in genesis and in the blocks that it has hooks for", () => {
    const folders = globSync("modules/*/index.ts", { cwd: root }).map((path) => path.split(/[\\/]/)[1]!);
    expect(checkModuleList(weir, folders)).toEqual([]);
    const { beginBlock: _begin, endBlock: _end, ...first } = weir.modules[0]!;
    const rest = weir.modules.slice(1);
    const hooked = { ...first, beginBlock: () => {} };
    expect(checkModuleList({ ...weir, modules: [hooked, ...rest] }, [...folders, "lost"])).toEqual([
      "modules/lost is not listed in modules/index.ts",
      `${hooked.name} is in no genesis order`,
      `${hooked.name} has a beginBlock hook but is not in that order`,
    ]);
  });

  it("name the messages by which users take back what is theirs, which no emergency closes for long", () => {
    expect(checkExits(weir.modules)).toEqual([]);
    const staking = weir.modules.find(({ name }) => name === "staking")!;
    const forgetful = { ...staking, exits: ["/cosmos.staking.v1beta1.MsgFlee"] };
    expect(checkExits([forgetful])).toEqual([
      "staking names /cosmos.staking.v1beta1.MsgFlee as an exit, which is no message of it",
      "/cosmos.staking.v1beta1.MsgUndelegate: is it how users take back what is theirs? Name it in the exits of staking, or in test/tidy/exits.ts why not",
    ]);
  });

  it("each have a README that names their state, messages, queries and invariants", () => {
    const readme = (folder: string) => {
      const path = join(root, folder, "README.md");
      return existsSync(path) ? readFileSync(path, "utf8") : "";
    };
    for (const module of weir.modules) expect(checkReadme(module, readme(`modules/${module.name}`))).toEqual([]);
    expect(checkReadme(bulletin, readme("test/example-module/bulletin"))).toEqual([]);
    expect(checkReadme(bulletin, readme("modules/auth"))).toContain("the README of bulletin does not name `MsgPin`");
  });

  it("say of each parameter what it is, its range and how it is changed", () => {
    const { messages } = schema();
    expect(checkParameters(messages, weir.modules)).toEqual([]);
    const bank = weir.modules.find(({ name }) => name === "bank")!;
    const { parameters, ...silent } = bank;
    expect(checkParameters(messages, [silent])).toEqual([
      "bank does not declare what /cosmos.bank.v1beta1.MsgUpdateParams may change",
    ]);
    const [declared] = parameters!;
    const { send_enabled: list, ...rules } = declared!.rules;
    const bad = { ...rules, sent_enabled: { ...list!, least: 2n, words: "A list.", loosens: "up" } } as const;
    expect(checkParameters(messages, [{ ...bank, parameters: [{ ...declared!, rules: bad }] }])).toEqual([
      "cosmos.bank.v1beta1.Params: send_enabled has no rule",
      "/cosmos.bank.v1beta1.MsgUpdateParams: sent_enabled is no field of cosmos.bank.v1beta1.Params",
      expect.stringContaining("says what it is"),
      "/cosmos.bank.v1beta1.MsgUpdateParams: sent_enabled has no range",
      "/cosmos.bank.v1beta1.MsgUpdateParams: sent_enabled loosens, which only an economic parameter does",
    ]);
  });
});
