/**
 * Questions to whoever runs the command: on a terminal with words, secrets unseen; from a pipe a line an answer, in the order of the
 * questions. Owns stdin while a question stands; does not own what is asked.
 */
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { Interrupted } from "../arguments.ts";

/** process.stdin, on a terminal or not. */
export interface Input extends Readable {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
  /** A terminal's and a pipe's; a file has neither. */
  ref?(): unknown;
  unref?(): unknown;
}

export interface Prompts {
  /** Questions are shown, and may be asked again. */
  readonly isTerminal: boolean;
  /** Undefined when the input has ended. */
  line(question: string): Promise<string | undefined>;
  /** The same, and what is typed on a terminal is not shown. */
  secret(question: string): Promise<string | undefined>;
  /** Asked twice; a pipe may end after the first. */
  newSecret(question: string): Promise<string | undefined>;
  /** y or yes; anything else is no. */
  confirm(question: string): Promise<boolean>;
}

export const answerCharactersMax = 8_192;
const repeatsMax = 3;

const controlC = "\u0003";
const controlD = "\u0004";
const controlU = "\u0015";
const escapeKey = "\u001b";

export function promptsOn(input: Input, say: (text: string) => void): Prompts {
  const isTerminal = input.isTTY === true && input.setRawMode !== undefined;
  const lines = lineReader(input);
  const line = async (question: string) => {
    if (isTerminal) say(`${question} `);
    return lines();
  };
  const secret = async (question: string) => {
    if (!isTerminal) return lines();
    say(`${question} `);
    try {
      return await readUnseen(input);
    } finally {
      say("\n");
    }
  };
  const newSecret = async (question: string) => {
    for (let attempt = 1; attempt <= (isTerminal ? repeatsMax : 1); attempt++) {
      const first = await secret(question);
      const second = await secret("Repeat it:");
      if (first === second || (!isTerminal && second === undefined)) return first;
      say("The two differ.\n");
    }
    throw new Error("what was typed the second time differs from the first: nothing was changed");
  };
  return {
    isTerminal,
    line,
    secret,
    newSecret,
    confirm: async (question) => /^y(es)?$/i.test((await line(`${question} [y/N]:`))?.trim() ?? ""),
  };
}

/** The next chunk; undefined at the end. Stdin is let go afterwards: a paused pipe that stays open would keep the process alive. */
function nextChunk(input: Input): Promise<Buffer | string | undefined> {
  if (input.readableEnded) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const release = () => {
      input.off("data", onData);
      input.off("end", onEnd);
      input.off("error", onError);
      input.pause();
      input.unref?.();
    };
    const onData = (chunk: Buffer | string) => {
      release();
      resolve(chunk);
    };
    const onEnd = () => {
      release();
      resolve(undefined);
    };
    const onError = (error: Error) => {
      release();
      reject(error);
    };
    input.ref?.();
    input.on("data", onData);
    input.on("end", onEnd);
    input.on("error", onError);
    input.resume();
  });
}

/** Lines out of chunks; the last one need not end. */
function lineReader(input: Input): () => Promise<string | undefined> {
  const decoder = new StringDecoder("utf8");
  let pending = "";
  let ended = false;
  return async () => {
    while (!ended && !pending.includes("\n")) {
      if (pending.length > answerCharactersMax) throw tooLong();
      const chunk = await nextChunk(input);
      ended = chunk === undefined;
      pending += chunk === undefined ? decoder.end() : typeof chunk === "string" ? chunk : decoder.write(chunk);
    }
    const end = pending.indexOf("\n");
    if (end === -1 && pending === "") return undefined;
    const answer = end === -1 ? pending : pending.slice(0, end);
    pending = end === -1 ? "" : pending.slice(end + 1);
    if (answer.length > answerCharactersMax) throw tooLong();
    return answer.endsWith("\r") ? answer.slice(0, -1) : answer;
  };
}

const tooLong = (): Error => new Error(`an answer has more than ${answerCharactersMax} characters`);

/** Key by key, with the terminal's echo and line editing off. */
async function readUnseen(input: Input): Promise<string | undefined> {
  const decoder = new StringDecoder("utf8");
  let typed = "";
  input.setRawMode?.(true);
  try {
    for (;;) {
      const chunk = await nextChunk(input);
      if (chunk === undefined) return typed === "" ? undefined : typed;
      const text = typeof chunk === "string" ? chunk : decoder.write(chunk);
      // Arrow and function keys come as a sequence of their own.
      if (text.startsWith(escapeKey)) continue;
      const step = type(typed, text);
      if (step.isDone) return step.typed;
      typed = step.typed ?? "";
      if (typed.length > answerCharactersMax) throw tooLong();
    }
  } finally {
    input.setRawMode?.(false);
  }
}

function type(before: string, text: string): { readonly typed: string | undefined; readonly isDone: boolean } {
  const typed = [...before];
  for (const character of text) {
    if (character === "\r" || character === "\n") return { typed: typed.join(""), isDone: true };
    if (character === controlC) throw new Interrupted("interrupted: nothing was changed");
    if (character === controlD && typed.length === 0) return { typed: undefined, isDone: true };
    if (character === controlU) typed.length = 0;
    else if (character === "\u007f" || character === "\b") typed.pop();
    else if (character >= " ") typed.push(character);
  }
  return { typed: typed.join(""), isDone: false };
}
