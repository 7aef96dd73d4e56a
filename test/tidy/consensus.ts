/**
 * What must not stand in code whose result every validator has to repeat: clocks, randomness, floats, locales, the machine, and anything
 * that runs later. Owns the list of names; which folders it binds is `isConsensusCode`.
 */
import { importsOf } from "./imports.ts";
import {
  at,
  identifierName,
  isTest,
  literalValue,
  type Problems,
  type SourceFile,
  type SyntaxNode,
  walk,
} from "./source.ts";

/** chain/ has edges that touch disks, sockets and threads; all else in it, and every module, is consensus code. */
const edges = /^chain\/(crypto|store|abci|consensus|server)\//;

export const isConsensusCode = (file: SourceFile): boolean =>
  /^(chain|modules|test\/example-module)\/.*\.ts$/.test(file.path) && !edges.test(file.path) && !isTest(file);

const names = new Map([
  ...["Date", "performance", "Temporal"].map((name) => [name, "reads a clock: use ctx.block.time"] as const),
  ...["crypto", "fetch", "process", "Buffer", "globalThis", "global", "navigator", "require", "console"].map(
    (name) => [name, "depends on the machine it runs on"] as const,
  ),
  ...["Promise", "setTimeout", "setInterval", "setImmediate", "queueMicrotask", "Atomics", "Worker"].map(
    (name) => [name, "runs later: handlers run to completion"] as const,
  ),
  ...["parseFloat", "Float32Array", "Float64Array", "Float16Array"].map(
    (name) => [name, "is a float: use bigint"] as const,
  ),
  ["Intl", "depends on the locale"],
  ["WeakRef", "depends on the garbage collector"],
  ["FinalizationRegistry", "depends on the garbage collector"],
]);

/** Whole numbers out, for counts of bytes and bits. Money cannot get here: it is bigint, which the types keep out of Math. */
const mathAllowed = new Set(["min", "max", "abs", "imul", "clz32", "floor", "ceil", "trunc"]);
const localeMethods = new Set([
  "localeCompare",
  "toLocaleString",
  "toLocaleUpperCase",
  "toLocaleLowerCase",
  "toFixed",
  "toPrecision",
]);
/** Each package is trusted with every validator's agreement. */
const packagesAllowed = new Set(["@bufbuild/protobuf/wire"]);
const sorts = new Set(["sort", "toSorted"]);

export function checkConsensusCode(files: readonly SourceFile[]): Problems {
  const problems: Problems = [];
  for (const file of files.filter(isConsensusCode)) {
    for (const { specifier, start } of importsOf(file)) {
      if (specifier.startsWith(".") || packagesAllowed.has(specifier)) continue;
      problems.push(
        at(file, start, `imports ${specifier}: consensus code uses no Node module and no package but protobuf's`),
      );
    }
    walk(file.syntax, (node, ancestors) => {
      const problem = problemOf(node, ancestors.at(-1));
      if (problem !== undefined) problems.push(at(file, node.start, problem));
    });
  }
  return problems;
}

function problemOf(node: SyntaxNode, parent: SyntaxNode | undefined): string | undefined {
  switch (node.type) {
    case "Identifier":
      return isPropertyName(node, parent) ? undefined : bannedName(String(node.name));
    case "MemberExpression":
      return memberProblem(node);
    case "CallExpression":
      return sortProblem(node);
    case "AwaitExpression":
      return "awaits: handlers run to completion";
    case "ForOfStatement":
      return node.await === true ? "awaits: handlers run to completion" : undefined;
    case "Literal":
      return typeof node.value === "number" && !Number.isInteger(node.value)
        ? `is a float (${node.raw}): use bigint`
        : undefined;
    default:
      return node.async === true ? "is async: handlers run to completion" : undefined;
  }
}

function bannedName(name: string): string | undefined {
  const why = names.get(name);
  return why === undefined ? undefined : `${name} ${why}`;
}

/** `block.process` names a property of ours, not the global. */
function isPropertyName(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  if (parent === undefined || parent.computed === true) return false;
  return (
    (parent.type === "MemberExpression" && parent.property === node) || (parent.key === node && parent.value !== node)
  );
}

function memberProblem({ object, property, computed }: SyntaxNode): string | undefined {
  const owner = identifierName(object);
  const name = computed === true ? literalValue(property) : identifierName(property);
  if (owner === "Math" && !(typeof name === "string" && mathAllowed.has(name))) {
    return `Math.${String(name ?? "…")} is random or a float: use bigint`;
  }
  if (typeof name !== "string") return undefined;
  if (owner === "Number" && name === "parseFloat") return "Number.parseFloat is a float: use bigint";
  return localeMethods.has(name) ? `.${name} depends on the locale or rounds a float` : undefined;
}

function sortProblem({ callee, arguments: list }: SyntaxNode): string | undefined {
  const name = identifierName((callee as SyntaxNode).property);
  if (name === undefined || !sorts.has(name) || !Array.isArray(list) || list.length > 0) return undefined;
  return `.${name}() without a comparator orders by UTF-16: say the order`;
}
