/** Words that must not be committed: notes to oneself, switched-off tests, and paths of one machine. */
import {
  at,
  identifierName,
  isNode,
  isTest,
  type Problems,
  type SourceFile,
  type SyntaxNode,
  type TextFile,
  walk,
} from "./source.ts";

/** Spelt in pieces, so that this file obeys itself. */
const notes = new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "X".repeat(3), "HA" + "CK"].join("|")})\\b`, "g");
const machinePaths = /(?<![\w.])(\/(root|work|Users)\/|\/home\/[a-z]+\/|[A-Z]:\\Users)/g;

export const checkNotes = (files: readonly TextFile[]): Problems =>
  findAll(files, notes, (word) => `holds ${word}: do it now, or open an issue`);

export const checkMachinePaths = (files: readonly TextFile[]): Problems =>
  findAll(files, machinePaths, (path) => `holds ${path}, a path of one machine`);

function findAll(files: readonly TextFile[], pattern: RegExp, problem: (found: string) => string): Problems {
  return files.flatMap((file) =>
    [...file.text.matchAll(pattern)].map((match) => at(file, match.index, problem(match[0]))),
  );
}

const suites = new Set(["it", "test", "describe", "suite", "bench"]);
const switches = new Set(["only", "skip", "todo", "skipIf", "runIf", "fails"]);
const aliases = new Set(["xit", "xtest", "xdescribe", "fit", "fdescribe"]);

/** Beside the real cometbft, which only Go can build; where it is missing these count as skipped. */
const needGo = /^test\/(comet|drills)\//;

/** A test that does not run tells nothing; one that runs alone hides the others. */
export function checkSwitchedTests(files: readonly SourceFile[]): Problems {
  const problems: Problems = [];
  for (const file of files.filter(isTest)) {
    walk(file.syntax, (node) => {
      if (node.type !== "MemberExpression" && node.type !== "CallExpression") return;
      const name = identifierName(node.property);
      const isForGo = name === "skipIf" && needGo.test(file.path);
      const off = name !== undefined && switches.has(name) && !isForGo && suites.has(rootName(node) ?? "");
      const alias = identifierName(node.callee);
      if (off) problems.push(at(file, node.start, `switches tests by .${name}`));
      if (alias !== undefined && aliases.has(alias)) problems.push(at(file, node.start, `switches tests by ${alias}`));
    });
  }
  return problems;
}

/** `it` in `it.each(…).only`. */
function rootName(node: SyntaxNode): string | undefined {
  let at: unknown = node;
  while (isNode(at) && at.type !== "Identifier") at = at.object ?? at.callee;
  return identifierName(at);
}
