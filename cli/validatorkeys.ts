/**
 * The keys that the local engine signs with beside the home's own: a folder of CometBFT key files. Owns which files are keys and where each
 * key's last signature is kept: beside the key, so that whoever uses the key finds it.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { freshSignStateJson, loadSigner, type Signer } from "../chain/consensus/keys.ts";
import { compareBytes } from "../chain/store/types.ts";
import { writeText } from "./home.ts";

const keySuffix = "_key.json";
const stateSuffix = "_state.json";
/** As many validators as one process signs for at all. */
const keysMax = 1_000;

/** In the order of their files' names. Of a chain that is to begin no key has signed anything yet: it gets its state file here. */
export function otherSigners(folder: string | undefined, own: Signer, isNewChain: boolean): Signer[] {
  if (folder === undefined) return [];
  const names = keyFiles(folder);
  const signers: Signer[] = [];
  for (const name of names) {
    const statePath = join(folder, `${name.slice(0, -keySuffix.length)}${stateSuffix}`);
    if (isNewChain && !existsSync(statePath)) writeText(statePath, freshSignStateJson());
    const signer = loadSigner(join(folder, name), statePath);
    const isKnown = [own, ...signers].some(({ address }) => compareBytes(address, signer.address) === 0);
    if (isKnown) {
      throw new Error(
        `--validator-keys: the key in ${join(folder, name)} is also the home's own or another file's: two memories of what it ` +
          "signed could sign a height twice. Remove one of the two",
      );
    }
    signers.push(signer);
  }
  return signers;
}

function keyFiles(folder: string): string[] {
  if (!existsSync(folder)) throw new Error(`--validator-keys: there is no folder ${folder}`);
  const names = readdirSync(folder).filter((name) => name.endsWith(keySuffix));
  if (names.length === 0) throw new Error(`--validator-keys: no file in ${folder} ends with ${keySuffix}`);
  if (names.length > keysMax)
    throw new Error(`--validator-keys: ${names.length} keys in ${folder}, expected at most ${keysMax}`);
  return names.sort();
}
