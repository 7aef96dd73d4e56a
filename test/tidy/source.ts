/** The repository's own text as the tidy checks see it. Owns finding, parsing and walking; the rules stand in the files beside it. */
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { parseAst } from "vitest/node";

export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [property: string]: unknown;
}

export interface TextFile {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface SourceFile extends TextFile {
  readonly syntax: SyntaxNode;
}

/** Every check returns what is wrong, one line each, beginning with "path:line". */
export type Problems = string[];

const foldersNotOurs = new Set([".git", "node_modules", "dist", "coverage", ".cache", ".stryker-tmp"]);
/** Made by others' programs or by ours: not held to the rules for what people write. */
const isGenerated = (path: string) => /^(proto\/gen|test\/example-module\/gen|test\/vectors)\//.test(path);
const textEndings = [
  ".ts",
  ".js",
  ".json",
  ".md",
  ".toml",
  ".yaml",
  ".proto",
  ".go",
  ".mod",
  ".sh",
  ".gitignore",
  "/run",
];

export function readRepository(root: string): TextFile[] {
  const files: TextFile[] = [];
  const visit = (folder: string) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      const path = posix.join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!foldersNotOurs.has(entry.name)) visit(path);
      } else if (entry.isFile() && !isGenerated(path) && textEndings.some((ending) => `/${path}`.endsWith(ending))) {
        files.push({ path, text: readFileSync(join(root, path), "utf8") });
      }
    }
  };
  visit("");
  return files.sort((a, b) => (a.path < b.path ? -1 : 1));
}

export const isSource = ({ path }: TextFile): boolean => /\.(ts|js)$/.test(path);
export const isTest = ({ path }: TextFile): boolean => /\.test\.ts$/.test(path);

export function parse({ path, text }: TextFile): SourceFile {
  const syntax = parseAst(text, { lang: path.endsWith(".js") ? "js" : "ts" }, path);
  return { path, text, syntax: syntax as unknown as SyntaxNode };
}

/** A source that a test holds inline. */
export const snippet = (path: string, text: string): SourceFile => parse({ path, text });

export const isNode = (value: unknown): value is SyntaxNode =>
  typeof value === "object" && value !== null && typeof (value as SyntaxNode).type === "string";

/** Visits every node, parents first; `ancestors` ends with the parent. */
export function walk(root: SyntaxNode, visit: (node: SyntaxNode, ancestors: readonly SyntaxNode[]) => void): void {
  const ancestors: SyntaxNode[] = [];
  const enter = (node: SyntaxNode) => {
    visit(node, ancestors);
    ancestors.push(node);
    for (const property of Object.values(node)) {
      if (Array.isArray(property)) {
        for (const item of property) if (isNode(item)) enter(item);
      } else if (isNode(property)) enter(property);
    }
    ancestors.pop();
  };
  enter(root);
}

export function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

export const at = (file: TextFile, offset: number, problem: string): string =>
  `${file.path}:${lineOf(file.text, offset)} ${problem}`;

export const identifierName = (value: unknown): string | undefined =>
  isNode(value) && value.type === "Identifier" ? String(value.name) : undefined;

export const literalValue = (value: unknown): unknown =>
  isNode(value) && value.type === "Literal" ? value.value : undefined;
