/** From names of the .proto files to words of the command line. */

/** "AllBalances" and "DenomMetadataByQueryString" in kebab-case; a run of capitals is one word: "AccountAddressByID" ends in "by-id". */
export const kebabCase = (name: string): string =>
  name
    .replaceAll("_", "-")
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1-$2")
    .toLowerCase();

/** "/cosmos.bank.v1beta1.Query/AllBalances" and "/cosmos.bank.v1beta1.MsgSend". */
export const queryWord = (path: string): string => kebabCase(path.slice(path.lastIndexOf("/") + 1));
export const messageWord = (typeUrl: string): string =>
  kebabCase(typeUrl.slice(typeUrl.lastIndexOf(".") + 1).replace(/^Msg/, ""));

/** A module of two versions has the same words in both: those after the first are told by their package too. */
export function wordsIn(paths: readonly string[], wordOf: (path: string) => string): ReadonlyMap<string, string> {
  const taken = new Set<string>();
  const words = new Map<string, string>();
  for (const path of paths) {
    const word = wordOf(path);
    const packageName = path
      .slice(1)
      .replace(/\.[^.]+$/, "")
      .replace(/\.Query$/, "");
    const unique = taken.has(word) ? `${packageName.replaceAll(".", "-")}-${word}` : word;
    taken.add(unique);
    words.set(path, unique);
  }
  return words;
}

/** What a query or a message is called, for a list of commands that says nothing better: "validator delegations". */
export const wordsOfName = (path: string): string =>
  queryWord(path)
    .replace(/^.*\.msg-/, "")
    .replaceAll("-", " ");

/** How a field is named where it is given by position. */
export const placeOf = (field: string): string => field.replaceAll("_", "-").toUpperCase();
