/** Error codes are for ever: one (codespace, code) belongs to one error. Reads `new ChainError("x", 1, …)` and factories in the same file. */
import {
  at,
  identifierName,
  isNode,
  isTest,
  literalValue,
  type Problems,
  type SourceFile,
  type SyntaxNode,
  walk,
} from "./source.ts";

interface Code {
  readonly codespace: string;
  readonly code: number;
  readonly file: SourceFile;
  readonly start: number;
}

/** The SDK's own table: elsewhere its codes may be used again, with a text that the SDK writes without the registered one. */
const sdkTable = "chain/errors.ts";
const sdkCodespaces = new Set(["sdk", "undefined"]);

export function checkErrorCodes(files: readonly SourceFile[]): Problems {
  const problems: Problems = [];
  const owners = new Map<string, Code>();
  const borrowed: Code[] = [];
  for (const file of files) {
    if (isTest(file) || !/^(chain|modules|node|cli)\//.test(file.path)) continue;
    const { codes, unreadable } = codesOf(file);
    problems.push(...unreadable);
    for (const code of codes) {
      const owner = owners.get(keyOf(code));
      if (sdkCodespaces.has(code.codespace) && file.path !== sdkTable) borrowed.push(code);
      else if (owner === undefined) owners.set(keyOf(code), code);
      else
        problems.push(
          at(file, code.start, `error ${keyOf(code)} is taken by ${at(owner.file, owner.start, "").trim()}`),
        );
    }
  }
  for (const code of borrowed) {
    if (!owners.has(keyOf(code)))
      problems.push(at(code.file, code.start, `error ${keyOf(code)} is not in ${sdkTable}`));
  }
  return problems;
}

const keyOf = ({ codespace, code }: Code): string => `${codespace} ${code}`;

function codesOf(file: SourceFile): { codes: Code[]; unreadable: Problems } {
  const codes: Code[] = [];
  const unreadable: Problems = [];
  walk(file.syntax, (node, ancestors) => {
    if (node.type !== "NewExpression" || identifierName(node.callee) !== "ChainError") return;
    const [space, number] = node.arguments as unknown[];
    if (propertyName(space) === "codespace" && propertyName(number) === "code") return;
    const codespace = literalValue(space) ?? constantOf(file, identifierName(space));
    const code = literalValue(number);
    if (typeof codespace === "string" && typeof code === "number") {
      codes.push({ codespace, code, file, start: node.start });
      return;
    }
    const factory = factoryAround(ancestors, identifierName(number));
    if (typeof codespace !== "string" || factory === undefined) {
      unreadable.push(
        at(file, node.start, "the codespace and the code of a ChainError must be readable: write them as literals"),
      );
      return;
    }
    codes.push(...callsOf(file, factory).map(({ code, start }) => ({ codespace, code, file, start })));
  });
  return { codes, unreadable };
}

/** An error that says more about another one keeps its code: `new ChainError(error.codespace, error.code, …)`. */
const propertyName = (value: unknown): string | undefined =>
  isNode(value) && value.type === "MemberExpression" ? identifierName(value.property) : undefined;

/** `const name = "bank"` at the top of the file. */
function constantOf(file: SourceFile, name: string | undefined): unknown {
  let value: unknown;
  if (name === undefined) return undefined;
  walk(file.syntax, (node) => {
    if (node.type === "VariableDeclarator" && identifierName(node.id) === name) value = literalValue(node.init);
  });
  return value;
}

interface Factory {
  readonly name: string;
  readonly parameter: number;
}

/** The named function among the ancestors that takes the code as a parameter: `const bankError = (code: number, …) => …`. */
function factoryAround(ancestors: readonly SyntaxNode[], codeName: string | undefined): Factory | undefined {
  if (codeName === undefined) return undefined;
  for (const [i, node] of ancestors.entries()) {
    const parameters = Array.isArray(node.params) ? node.params : [];
    const parameter = parameters.findIndex((item) => identifierName(item) === codeName);
    const name = identifierName(node.id) ?? identifierName(ancestors[i - 1]?.id);
    if (parameter !== -1 && name !== undefined) return { name, parameter };
  }
  return undefined;
}

function callsOf(file: SourceFile, { name, parameter }: Factory): { code: number; start: number }[] {
  const calls: { code: number; start: number }[] = [];
  walk(file.syntax, (node) => {
    if (node.type !== "CallExpression" || identifierName(node.callee) !== name || !Array.isArray(node.arguments))
      return;
    const code = literalValue(node.arguments[parameter]);
    if (isNode(node.arguments[parameter]) && typeof code === "number") calls.push({ code, start: node.start });
  });
  return calls;
}
