/** Documents that stay true: links resolve, commands exist, dependencies are explained, decisions are numbered. */
import { posix } from "node:path";
import { at, type Problems, type TextFile } from "./source.ts";

export interface PackageJson {
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Lockfile {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}

interface LockedPackage {
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const isDocument = ({ path }: TextFile): boolean => path.endsWith(".md");

/** Each dependency is pinned to one version and has its line, a table row that begins with its name. */
export function checkDependencies(packageJson: PackageJson, dependenciesDocument: string): Problems {
  const { dependencies, devDependencies, optionalDependencies } = packageJson;
  const problems: Problems = [];
  const pinned = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });
  for (const [name, version] of pinned) {
    if (!/^(npm:@?[\w./-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) {
      problems.push(`package.json:1 pins ${name} to ${version}: write one exact version`);
    }
    if (!dependenciesDocument.includes(`| \`${name}\` |`)) {
      problems.push(`docs/dependencies.md:1 does not say why ${name} is needed`);
    }
  }
  for (const [, name] of dependenciesDocument.matchAll(/^\| `([^`]+)` \|/gm)) {
    if (!pinned.some(([known]) => known === name))
      problems.push(`docs/dependencies.md:1 explains ${name}, which is not used`);
  }
  return problems;
}

/** What runs a node is in dependencies, and nothing else is: `npm ci --omit=dev` installs exactly that. */
export function checkDependencyUse(packageJson: PackageJson, files: readonly TextFile[]): Problems {
  const running = files.filter(
    ({ path }) => /^(chain|modules|node|cli)\/.*\.[tj]s$/.test(path) && !path.endsWith(".test.ts"),
  );
  const isUsed = (name: string) => running.some(({ text }) => text.includes(`"${name}"`) || text.includes(`"${name}/`));
  const { dependencies = {}, devDependencies = {} } = packageJson;
  return [
    ...Object.keys(dependencies)
      .filter((name) => !isUsed(name))
      .map((name) => `package.json:1 has ${name} in dependencies, but nothing that runs imports it`),
    ...Object.keys(devDependencies)
      .filter(isUsed)
      .map((name) => `package.json:1 has ${name} in devDependencies, but what runs imports it`),
  ];
}

/**
 * `npm ci` refuses a lockfile that leaves out a package that another one names, be it for a platform that is not ours. npm leaves it out
 * when the registry does not have it. A registry's address has no place in the file either.
 */
export function checkLockfile({ packages }: Lockfile): Problems {
  const problems: Problems = [];
  const names = new Set(
    Object.keys(packages).map((path) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length)),
  );
  for (const [path, { resolved, dependencies, optionalDependencies }] of Object.entries(packages)) {
    if (resolved !== undefined) problems.push(`package-lock.json:1 holds the address ${resolved} of ${path}`);
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      if (!names.has(name)) {
        problems.push(
          `package-lock.json:1 leaves out ${name}, which ${path || "package.json"} names: pin versions that have it`,
        );
      }
    }
  }
  return problems;
}

/** `npm run NAME` in a document runs a script that there is. */
export function checkScripts(documents: readonly TextFile[], scripts: Readonly<Record<string, string>>): Problems {
  return documents
    .filter(isDocument)
    .flatMap((file) =>
      [...file.text.matchAll(/npm run ([\w:-]+)/g)]
        .filter(([, name]) => scripts[name!] === undefined)
        .map((match) => at(file, match.index, `names the script ${match[1]}, which package.json does not have`)),
    );
}

/** A relative link leads to a file or folder, and its #anchor to a heading there. `exists` takes a path from the root. */
export function checkLinks(documents: readonly TextFile[], exists: (path: string) => boolean): Problems {
  const texts = new Map(documents.map(({ path, text }) => [path, text]));
  const problems: Problems = [];
  for (const file of documents.filter(isDocument)) {
    for (const match of withoutCode(file.text).matchAll(/\]\(([^)\s]+)\)/g)) {
      const [path = "", anchor] = match[1]!.split("#");
      if (/^[a-z]+:/.test(path)) continue;
      const target = path === "" ? file.path : posix.normalize(posix.join(posix.dirname(file.path), path));
      if (!exists(target)) problems.push(at(file, match.index, `links to ${target}, which is not there`));
      else if (anchor !== undefined && !headingAnchors(texts.get(target) ?? "").has(anchor)) {
        problems.push(at(file, match.index, `links to ${target}#${anchor}, a heading that is not there`));
      }
    }
  }
  return problems;
}

/** These checks name files that are not there. */
const isTidy = ({ path }: TextFile): boolean => path.startsWith("test/tidy");

/** A document that a comment names is there, and so is a source that a document names in code. */
export function checkMentions(files: readonly TextFile[], exists: (path: string) => boolean): Problems {
  const inComments = /\bdocs\/[\w./-]+\.md\b/g;
  const inDocuments = /(?<=`)(?:chain|modules|node|cli|proto|test|bench|docs)\/[\w./-]+\.(?:ts|js|md|json)(?=`)/g;
  return files.flatMap((file) =>
    [...file.text.matchAll(isDocument(file) ? inDocuments : inComments)]
      .filter(([path]) => !isTidy(file) && !exists(path))
      .map((match) => at(file, match.index, `names ${match[0]}, which is not there`)),
  );
}

/** The same text with code blanked out, so that offsets keep their meaning. */
const withoutCode = (text: string): string =>
  text.replace(/```[\s\S]*?```|`[^`\n]*`/g, (code) => code.replace(/[^\n]/g, " "));

/** As GitHub derives them from headings. */
function headingAnchors(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading] of text.matchAll(/^#+ (.+)$/gm)) {
    anchors.add(
      heading!
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replace(/\s/g, "-"),
    );
  }
  return anchors;
}

/** Decisions are files docs/adr/NNNN-title.md, numbered from 0001 without a gap, and each is in the index. */
export function checkDecisions(files: readonly TextFile[]): Problems {
  const index = files.find(({ path }) => path === "docs/adr/README.md")?.text ?? "";
  const decisions = files.filter(({ path }) => /^docs\/adr\/.+\.md$/.test(path) && path !== "docs/adr/README.md");
  return decisions.flatMap(({ path }, i) => {
    const expected = String(i + 1).padStart(4, "0");
    const name = posix.basename(path);
    const problems: Problems = [];
    if (!new RegExp(`^${expected}-[a-z0-9-]+\\.md$`).test(name))
      problems.push(`${path}:1 should be named ${expected}-title.md`);
    if (!index.includes(`(${name})`)) problems.push(`${path}:1 is not in docs/adr/README.md`);
    return problems;
  });
}

/** What is not released yet has its place, so that no change is left out of the log. */
export const checkChangelog = (changelog: string): Problems =>
  /^## \[Unreleased\]$/m.test(changelog) ? [] : ["CHANGELOG.md:1 has no heading ## [Unreleased]"];

/** A code block that begins with `// path` shows a piece of that file, word for word. */
export function checkExcerpts(documents: readonly TextFile[]): Problems {
  const texts = new Map(documents.map(({ path, text }) => [path, text]));
  const problems: Problems = [];
  for (const file of documents.filter(isDocument)) {
    for (const match of file.text.matchAll(/^```\w+\n\/\/ (\S+)\n([\s\S]*?)^```$/gm)) {
      const [, path, excerpt] = match;
      if (!texts.get(path!)?.includes(excerpt!))
        problems.push(at(file, match.index, `shows what does not stand in ${path}`));
    }
  }
  return problems;
}

/** Each vector file can be made again by the program of its name, which says so in its first line. */
export function checkVectors(files: readonly TextFile[], vectorFiles: readonly string[]): Problems {
  const problems: Problems = [];
  const programs = new Set<string>();
  for (const { path, text } of files) {
    const name = /^docs\/vectors\/([^/]+)\/main\.go$/.exec(path)?.[1];
    if (name === undefined) continue;
    programs.add(`${name}.json`);
    if (!text.startsWith(`// Writes test/vectors/${name}.json`)) {
      problems.push(`${path}:1 should begin with "// Writes test/vectors/${name}.json" and what is in it`);
    }
    if (!vectorFiles.includes(`${name}.json`)) problems.push(`${path}:1 has not written test/vectors/${name}.json`);
  }
  for (const file of vectorFiles.filter((name) => !programs.has(name))) {
    problems.push(`test/vectors/${file}:1 has no program in docs/vectors that makes it`);
  }
  return problems;
}
