/** How long a function and a file may be. Longer ones are cut where a reader would pause. */
import { at, identifierName, isTest, lineOf, type Problems, type SourceFile, type SyntaxNode, walk } from "./source.ts";

export const functionLinesMax = 70;
export const fileLinesMax = 500;

const functions = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);

export function checkFunctionLengths(files: readonly SourceFile[]): Problems {
  const problems: Problems = [];
  for (const file of files) {
    walk(file.syntax, (node, ancestors) => {
      if (!functions.has(node.type) || (isTest(file) && isDescribeBody(ancestors.at(-1)))) return;
      const lines = lineOf(file.text, node.end) - lineOf(file.text, node.start) + 1;
      if (lines > functionLinesMax) {
        problems.push(at(file, node.start, `function of ${lines} lines; ${functionLinesMax} is the most`));
      }
    });
  }
  return problems;
}

/** The body of a describe is a list of tests, not a thing done. */
const isDescribeBody = (parent: SyntaxNode | undefined): boolean =>
  parent?.type === "CallExpression" && identifierName(parent.callee) === "describe";

export function checkFileLengths(files: readonly SourceFile[]): Problems {
  const problems: Problems = [];
  for (const file of files) {
    const lines = file.text.split("\n").length - 1;
    if (lines > fileLinesMax) problems.push(`${file.path}:1 has ${lines} lines; ${fileLinesMax} is the most`);
  }
  return problems;
}

/** The first thing a reader meets is what the file owns. */
export function checkHeadComments(files: readonly SourceFile[]): Problems {
  return files
    .filter((file) => !isTest(file) && !/^(#![^\n]*\n)?\s*\/\*\*/.test(file.text))
    .map(({ path }) => `${path}:1 begins without a /** comment that says what it owns`);
}
