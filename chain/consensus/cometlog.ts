/** CometBFT's log in this node's own: its JSON lines as messages with fields, anything else as it stands. Owns which level a line has here. */
import type { Log, LogFields } from "../log.ts";

/** What an operator wants to see of a healthy engine; the rest of its info is for debugging. */
const toldModules: ReadonlySet<string> = new Set(["main", "statesync", "blocksync", "upnp"]);
/** Said by each of its parts. */
const chatter: ReadonlySet<string> = new Set(["service start", "service stop"]);
const fieldCharactersMax = 300;

/** Keeps the last lines that tell of trouble: an engine that ends said there why. */
export class CometLog {
  readonly #log: Log;
  readonly #onMessage: (message: string) => void;
  #trouble: string[] = [];
  #isQuiet = false;

  constructor(log: Log, onMessage: (message: string) => void = () => {}) {
    this.#log = log;
    this.#onMessage = onMessage;
  }

  /** The last errors, oldest first. */
  get trouble(): readonly string[] {
    return this.#trouble;
  }

  line(text: string): void {
    if (text.trim() === "") return;
    const entry = parseEntry(text);
    if (entry === undefined) {
      this.#keep(text);
      this.#log.error(`cometbft: ${text}`);
      return;
    }
    const { level, message, module, fields } = entry;
    this.#onMessage(message);
    const words = `cometbft: ${message}`;
    if (this.#isQuiet) {
      this.#log.debug(words, { module, ...fields });
      return;
    }
    if (level === "error") {
      this.#keep([message, ...Object.values(fields)].join(" "));
      this.#log.error(words, fields);
    } else if (level === "info" && toldModules.has(module) && !chatter.has(message)) this.#log.info(words, fields);
    else this.#log.debug(words, { module, ...fields });
  }

  /** Before a new run. */
  clear(): void {
    this.#trouble = [];
  }

  /** It is being stopped: that its parts find each other gone is no error then. */
  quiet(): void {
    this.#isQuiet = true;
  }

  #keep(text: string): void {
    this.#trouble = [...this.#trouble, text].slice(-troubleLinesMax);
  }
}

const troubleLinesMax = 12;

interface Entry {
  readonly level: string;
  readonly message: string;
  readonly module: string;
  readonly fields: LogFields;
}

/** One of its JSON lines; undefined for what is none, as the text of a panic. */
function parseEntry(text: string): Entry | undefined {
  if (!text.startsWith("{")) return undefined;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const { level, _msg, module, ts: _ts, ...rest } = parsed as Record<string, unknown>;
  if (typeof _msg !== "string") return undefined;
  const fields = Object.entries(rest).map(([name, value]) => [name, fieldText(value)] as const);
  return { level: String(level), message: _msg, module: String(module ?? ""), fields: Object.fromEntries(fields) };
}

function fieldText(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > fieldCharactersMax ? `${text.slice(0, fieldCharactersMax)}…` : text;
}
