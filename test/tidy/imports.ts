/** Who may import whom: proto ← chain ← modules ← node ← cli, a module through its index only, and no cycles. */
import { posix } from "node:path";
import { at, isNode, isTest, literalValue, type Problems, type SourceFile, type SyntaxNode, walk } from "./source.ts";

const layers = ["proto", "chain", "modules", "node", "cli"];
/** They stand beside the layers and may import every one of them. */
const onlookers = new Set(["test", "bench"]);

export interface Import {
  readonly specifier: string;
  /** The imported file from the root of the repository; undefined for a package. */
  readonly target: string | undefined;
  readonly typeOnly: boolean;
  readonly start: number;
}

export function importsOf(file: SourceFile): Import[] {
  const imports: Import[] = [];
  walk(file.syntax, (node) => {
    const specifier = literalValue(node.source);
    if (typeof specifier !== "string" || !importing.has(node.type)) return;
    const relative = specifier.startsWith(".");
    const target = relative ? posix.join(posix.dirname(file.path), specifier) : undefined;
    imports.push({ specifier, target, typeOnly: isTypeOnly(node), start: node.start });
  });
  return imports;
}

const importing = new Set([
  "ImportDeclaration",
  "ExportNamedDeclaration",
  "ExportAllDeclaration",
  "ImportExpression",
  "TSImportType",
]);

function isTypeOnly(node: SyntaxNode): boolean {
  if (node.type === "TSImportType" || node.importKind === "type" || node.exportKind === "type") return true;
  const specifiers = Array.isArray(node.specifiers) ? node.specifiers.filter(isNode) : [];
  return (
    specifiers.length > 0 && specifiers.every(({ importKind, exportKind }) => (importKind ?? exportKind) === "type")
  );
}

const topFolder = (path: string): string => path.split("/")[0] ?? "";

export function checkLayers(files: readonly SourceFile[]): Problems {
  const problems: Problems = [];
  for (const file of files) {
    const own = layers.indexOf(topFolder(file.path));
    if (own === -1 || isTest(file)) continue;
    for (const { target, specifier, start } of importsOf(file)) {
      if (target === undefined) continue;
      const other = layers.indexOf(topFolder(target));
      if (other > own || onlookers.has(topFolder(target))) {
        problems.push(
          at(
            file,
            start,
            `imports ${specifier}: ${layers[own]} may import only what is left of it in ${layers.join(" ← ")}`,
          ),
        );
      }
    }
  }
  return problems;
}

/** A module's folder is its own; what others may use is what its index.ts exports. */
export function checkModuleDoors(files: readonly SourceFile[]): Problems {
  const problems: Problems = [];
  for (const file of files) {
    if (isTest(file)) continue;
    for (const { target, specifier, start } of importsOf(file)) {
      const inside = /^modules\/([^/]+)\/(.+)$/.exec(target ?? "");
      if (inside === null || file.path.startsWith(`modules/${inside[1]}/`) || !file.path.startsWith("modules/"))
        continue;
      if (inside[2] === "index.ts") continue;
      problems.push(at(file, start, `imports ${specifier}: use what modules/${inside[1]}/index.ts exports`));
    }
  }
  return problems;
}

/** Where a module calls those that stand on it, by functions that nobody calls while modules are loaded. */
const callsBack: ReadonlySet<string> = new Set([
  "modules/attestation/hooks.ts",
  "modules/bank/restriction.ts",
  "modules/beacon/blockreward.ts",
  "modules/staking/hooks.ts",
]);

/** Files that need each other to load; imports of types are erased and need nothing. */
export function checkCycles(files: readonly SourceFile[]): Problems {
  const edges = new Map<string, readonly string[]>();
  for (const file of files) {
    if (isTest(file) || !/^(chain|modules)\//.test(file.path)) continue;
    const targets = callsBack.has(file.path) ? [] : importsOf(file).filter(({ typeOnly }) => !typeOnly);
    edges.set(
      file.path,
      targets.flatMap(({ target }) => (target === undefined ? [] : [target])),
    );
  }
  const problems: Problems = [];
  const state = new Map<string, "open" | "done">();
  const path: string[] = [];
  const visit = (from: string) => {
    if (state.get(from) === "done") return;
    if (state.get(from) === "open") {
      problems.push(`${from}:1 imports itself: ${[...path.slice(path.indexOf(from)), from].join(" → ")}`);
      return;
    }
    state.set(from, "open");
    path.push(from);
    for (const to of edges.get(from) ?? []) visit(to);
    path.pop();
    state.set(from, "done");
  };
  for (const from of edges.keys()) visit(from);
  return problems;
}
