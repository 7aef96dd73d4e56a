/** Shell completion, written from the table of commands. Owns the scripts; each looks up words and flags by the command typed so far. */
import { type FlagSpec, globalFlags } from "./arguments.ts";
import { type Entries, isGroup } from "./command.ts";

export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** What may follow "weir query bank". */
interface Place {
  readonly at: string;
  readonly words: readonly string[];
  readonly flags: readonly string[];
}

const flagNames = (flags: readonly FlagSpec[]): string[] =>
  [...flags, ...globalFlags].flatMap(({ name, aliases = [] }) => [name, ...aliases].map((flag) => `--${flag}`));

export async function placesOf(entries: Entries, at = "weir"): Promise<readonly Place[]> {
  const words = Object.entries(entries).flatMap(([word, { aliases = [] }]) => [word, ...aliases]);
  const places: Place[] = [{ at, words, flags: flagNames([]) }];
  for (const [word, entry] of Object.entries(entries)) {
    for (const name of [word, ...(entry.aliases ?? [])]) {
      const below = `${at} ${name}`;
      if (isGroup(entry)) places.push(...(await placesOf(await entry.entries(), below)));
      else {
        const further = entry.below ?? {};
        const { flags } = (await entry.load()).command;
        places.push({ at: below, words: Object.keys(further), flags: flagNames(flags) });
        places.push(...(await placesOf(further, below)).slice(1));
      }
    }
  }
  return places;
}

export async function completionScript(shell: Shell, entries: Entries): Promise<string> {
  const places = await placesOf(entries);
  return shell === "fish" ? fishScript(places) : shell === "zsh" ? zshScript(places) : bashScript(places);
}

/** Words of commands and flags hold letters, digits and dashes only, so nothing needs quoting inside the quotes. */
const cases = (name: string, places: readonly Place[], listOf: (place: Place) => readonly string[]): string => {
  const rows = places.map((place) => `    "${place.at}") echo "${listOf(place).join(" ")}" ;;`);
  return `${name}() {\n  case "$1" in\n${rows.join("\n")}\n  esac\n}\n`;
};

const tables = (places: readonly Place[]): string =>
  cases("_weir_words", places, ({ words }) => words) + cases("_weir_flags", places, ({ flags }) => flags);

const bashScript = (places: readonly Place[]): string => `# bash completion of weir: source it, or keep it in
# ~/.local/share/bash-completion/completions/weir
${tables(places)}
_weir() {
  local current="\${COMP_WORDS[COMP_CWORD]}" at="weir" word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case " $(_weir_words "$at") " in *" $word "*) at="$at $word" ;; esac
  done
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$(_weir_flags "$at")" -- "$current")) ;;
    *) COMPREPLY=($(compgen -W "$(_weir_words "$at")" -- "$current")) ;;
  esac
}
complete -o default -F _weir weir
`;

const zshScript = (places: readonly Place[]): string => `#compdef weir
# zsh completion of weir: keep it as _weir in a folder of $fpath, or source it after compinit
${tables(places)}
_weir() {
  local at="weir" word
  for word in "\${(@)words[2,CURRENT-1]}"; do
    [[ " $(_weir_words "$at") " == *" $word "* ]] && at="$at $word"
  done
  if [[ "$PREFIX" == -* ]]; then
    compadd -- \${=$(_weir_flags "$at")}
  else
    local -a found=(\${=$(_weir_words "$at")})
    if (( \${#found} )); then compadd -- $found; else _files; fi
  fi
}
compdef _weir weir
`;

const fishCases = (name: string, places: readonly Place[], listOf: (place: Place) => readonly string[]): string => {
  const rows = places
    .filter((place) => listOf(place).length > 0)
    .map((place) => `    case "${place.at}"\n      printf '%s\\n' ${listOf(place).join(" ")}`);
  return `function ${name}\n  switch "$argv[1]"\n${rows.join("\n")}\n  end\nend\n`;
};

const fishScript = (
  places: readonly Place[],
): string => `# fish completion of weir: keep it as ~/.config/fish/completions/weir.fish
${fishCases("__weir_words", places, ({ words }) => words)}${fishCases("__weir_flags", places, ({ flags }) => flags)}
function __weir_candidates
  set -l at weir
  for word in (commandline -opc)[2..-1]
    contains -- $word (__weir_words $at); and set at "$at $word"
  end
  if string match -q -- '-*' (commandline -ct)
    __weir_flags $at
  else if test -n "$(__weir_words $at)"
    __weir_words $at
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c weir -f -a '(__weir_candidates)'
`;
