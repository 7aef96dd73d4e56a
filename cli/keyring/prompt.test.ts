import { PassThrough } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Interrupted } from "../arguments.ts";
import { answerCharactersMax, type Input, type Prompts, promptsOn } from "./prompt.ts";

/** A terminal that types what is given as soon as it is asked, a chunk a question. */
function terminal(...typed: readonly string[]) {
  const input: PassThrough & { isTTY?: boolean; setRawMode?: (raw: boolean) => void } = new PassThrough();
  const rest = [...typed];
  const modes: boolean[] = [];
  let said = "";
  input.isTTY = true;
  input.setRawMode = (raw) => void modes.push(raw);
  const prompts = promptsOn(input as Input, (text) => {
    said += text;
    if (text.endsWith(" ") && rest.length > 0) setImmediate(() => input.write(rest.shift()));
  });
  return { prompts, modes, input, said: () => said };
}

/** A pipe that holds all answers, cut into chunks. */
function pipe(chunks: readonly (string | Buffer)[]) {
  const input = new PassThrough();
  let said = "";
  for (const chunk of chunks) input.write(chunk);
  input.end();
  const prompts = promptsOn(input, (text) => {
    said += text;
  });
  return { prompts, said: () => said };
}

async function allLines({ secret }: Prompts): Promise<string[]> {
  const lines: string[] = [];
  for (;;) {
    const line = await secret("?");
    if (line === undefined) return lines;
    lines.push(line);
  }
}

describe("a question on a terminal", () => {
  it("takes a secret without showing it, and gives the terminal back", async () => {
    const { prompts, modes, said } = terminal("hunter22\r");
    expect(await prompts.secret("Passphrase:")).toBe("hunter22");
    expect(said()).toBe("Passphrase: \n");
    expect(modes).toEqual([true, false]);
  });

  it.each([
    ["backspace takes a character away", "abç\u007f\u007fx\r", "ax"],
    ["control-U takes all away", "wrong\u0015right\r", "right"],
    ["other control characters and arrow keys count for nothing", "a\u0001\tb\r", "ab"],
    ["what is pasted with a line's end ends there", "pasted\nmore", "pasted"],
    ["an emoji is one character", "🔑🔑\u007f\r", "🔑"],
  ])("knows that %s", async (_what, typed, expected) => {
    expect(await terminal(typed).prompts.secret("?")).toBe(expected);
  });

  it("does not take an arrow key for text", async () => {
    const { prompts, input } = terminal();
    const answer = prompts.secret("?");
    for (const chunk of ["a", "\u001b[A", "b", "\r"]) {
      input.write(chunk);
      await new Promise(setImmediate);
    }
    expect(await answer).toBe("ab");
  });

  it("is interrupted by control-C, and the terminal is given back", async () => {
    const { prompts, modes, said } = terminal("sec\u0003");
    await expect(prompts.secret("?")).rejects.toBeInstanceOf(Interrupted);
    expect(modes).toEqual([true, false]);
    expect(said()).not.toContain("sec");
  });

  it("ends by control-D on an empty line", async () => {
    expect(await terminal("\u0004").prompts.secret("?")).toBeUndefined();
  });

  it("asks twice for a new secret, until both are the same", async () => {
    const { prompts, said } = terminal("one\r", "two\r", "three\r", "three\r");
    expect(await prompts.newSecret("New:")).toBe("three");
    expect(said()).toContain("The two differ.");
    await expect(terminal("1\r", "2\r", "3\r", "4\r", "5\r", "6\r").prompts.newSecret("New:")).rejects.toThrow(
      "differs",
    );
  });

  it("takes only a y or a yes for one", async () => {
    for (const yes of ["y\n", "Y\n", "yes\n", " YES \r\n"]) {
      const { prompts, said } = terminal(yes);
      expect(await prompts.confirm("Sure?"), yes).toBe(true);
      expect(said()).toBe("Sure? [y/N]: ");
    }
    for (const no of ["\n", "n\n", "yess\n", "true\n"]) expect(await terminal(no).prompts.confirm("?"), no).toBe(false);
  });

  it("has an end", async () => {
    await expect(terminal("x".repeat(answerCharactersMax + 1)).prompts.secret("?")).rejects.toThrow("more than 8192");
  });
});

describe("a question to a pipe", () => {
  it("takes the next line, whatever the chunks", async () => {
    const line = fc.string({ unit: "grapheme", maxLength: 20 }).filter((text) => !/[\r\n]/.test(text));
    const property = fc.asyncProperty(
      fc.array(line, { maxLength: 5 }),
      fc.array(fc.nat(200)),
      fc.constantFrom("\n", "\r\n"),
      async (lines, cuts, end) => {
        const bytes = Buffer.from(lines.map((text) => text + end).join(""));
        const at = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length];
        const chunks = at.slice(1).map((to, i) => bytes.subarray(at[i], to));
        expect(await allLines(pipe(chunks.filter(({ length }) => length > 0)).prompts)).toEqual(lines);
      },
    );
    await fc.assert(property, { numRuns: 100 });
  });

  it("says nothing, and needs no line's end at the end", async () => {
    const { prompts, said } = pipe(["y\nsecret"]);
    expect(prompts.isTerminal).toBe(false);
    expect(await prompts.confirm("?")).toBe(true);
    expect(await prompts.secret("?")).toBe("secret");
    expect(await prompts.secret("?")).toBeUndefined();
    expect(await prompts.confirm("?")).toBe(false);
    expect(said()).toBe("");
  });

  it("may give a new secret once or twice, and not two that differ", async () => {
    expect(await pipe(["once\n"]).prompts.newSecret("?")).toBe("once");
    expect(await pipe(["twice\ntwice\n"]).prompts.newSecret("?")).toBe("twice");
    expect(await pipe([]).prompts.newSecret("?")).toBeUndefined();
    await expect(pipe(["one\ntwo\n"]).prompts.newSecret("?")).rejects.toThrow("nothing was changed");
  });

  it("has an end", async () => {
    await expect(pipe(["x".repeat(answerCharactersMax + 1)]).prompts.line("?")).rejects.toThrow("more than 8192");
    await expect(pipe([`${"x".repeat(answerCharactersMax + 1)}\n`]).prompts.line("?")).rejects.toThrow(
      "more than 8192",
    );
  });
});
