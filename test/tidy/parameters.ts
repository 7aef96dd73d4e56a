/** The rule that every parameter has its rule: each field of each params message that a message replaces is declared, with a range that holds. */
import type { Module } from "../../chain/module.ts";
import { type AnyModuleParameters, parameterPaths } from "../../chain/parameters.ts";
import type { Schema } from "../../proto/schema.ts";
import type { Problems } from "./source.ts";

const wordsMax = 100;
const measured: ReadonlySet<string> = new Set(["integer", "decimal", "duration", "coins", "list"]);

function checkDeclaration({ typeName, rules, message }: AnyModuleParameters): Problems {
  const problems: Problems = [];
  const paths = parameterPaths(typeName);
  for (const path of paths) if (rules[path] === undefined) problems.push(`${typeName}: ${path} has no rule`);
  for (const [path, rule] of Object.entries(rules)) {
    const name = `${message}: ${path}`;
    if (!paths.includes(path)) problems.push(`${name} is no field of ${typeName}`);
    if (rule.words === "" || rule.words.length > wordsMax || rule.words.endsWith("."))
      problems.push(`${name} says what it is in 1 to ${wordsMax} characters, without a full stop`);
    if (measured.has(rule.kind) ? !((rule.least ?? 1n) <= (rule.most ?? 0n)) : rule.allowed === undefined)
      problems.push(`${name} has no range`);
    if (rule.loosens !== undefined && rule.class !== "economic")
      problems.push(`${name} loosens, which only an economic parameter does`);
  }
  return problems;
}

/** `handled` are messages that replace params, by their name. */
export function checkParameters(messages: Schema["messages"], modules: readonly Module[]): Problems {
  const problems: Problems = [];
  for (const module of modules) {
    const declared = new Map((module.parameters ?? []).map((one) => [one.message, one]));
    for (const typeUrl of Object.keys(module.messages)) {
      if (!typeUrl.endsWith(".MsgUpdateParams") || declared.has(typeUrl)) continue;
      problems.push(`${module.name} does not declare what ${typeUrl} may change`);
    }
    for (const [typeUrl, one] of declared) {
      if (module.messages[typeUrl] === undefined) problems.push(`${module.name} has no ${typeUrl}`);
      if (messages[one.typeName] === undefined) problems.push(`${one.typeName} is no message`);
      else problems.push(...checkDeclaration(one));
    }
  }
  return problems;
}
