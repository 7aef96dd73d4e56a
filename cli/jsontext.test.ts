import { describe, expect, it } from "vitest";
import { UsageError } from "./arguments.ts";
import { parseJsonText } from "./jsontext.ts";

describe("JSON that somebody names", () => {
  it("is read", () => {
    expect(parseJsonText('{"a":[1]}', "FILE")).toEqual({ a: [1] });
  });

  it.each([
    ["", "FILE is no JSON: it is empty; or name a file"],
    ['{"a":1,}', "FILE is no JSON: it breaks off or goes wrong at position 7 (line 1 column 8); or name a file"],
    ['{"a":', "FILE is no JSON: it breaks off or goes wrong"],
  ])("is refused as %j, and it is said where", (text, message) => {
    expect(() => parseJsonText(text, "FILE", "; or name a file")).toThrow(UsageError);
    expect(() => parseJsonText(text, "FILE", "; or name a file")).toThrow(message);
  });

  it("is never quoted: what was named by mistake may be a mnemonic or a key", () => {
    const words = "reveal attitude guitar gate escape bleak fix worth mixed measure wide minimum".split(" ");
    for (const text of [words.join(" "), `{"mnemonic": ${words.join(" ")}`, `"${words.join("\n")}"`]) {
      const said = refusalOf(() => parseJsonText(text, "FILE"));
      for (const word of words) expect(said).not.toContain(word);
    }
  });
});

function refusalOf(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    return String(error);
  }
  return "";
}
