import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CodeProblem, codePrivateKey, formatCode, parseCode } from "./topupcode.ts";

const chain = "weir-devnet-1";
const secrets = () => fc.uint8Array({ minLength: 16, maxLength: 16 });
const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

function problemOf(typed: string, chainId = chain): string {
  try {
    parseCode(typed, chainId);
  } catch (error) {
    expect(error).toBeInstanceOf(CodeProblem);
    return (error as Error).message;
  }
  throw new Error("it was taken");
}

describe("a top-up code", () => {
  it("is read as it was written, however it is pasted", () =>
    fc.assert(
      fc.property(secrets(), (secret) => {
        const code = formatCode(chain, secret);
        expect(code).toMatch(/^weir(-[0-9a-z]{4}){9}$/);
        for (const typed of [code, code.toUpperCase(), code.replaceAll("-", ""), ` ${code.replaceAll("-", " ")}\n`]) {
          expect(parseCode(typed, chain)).toEqual(secret);
        }
        expect(parseCode(code.slice("weir-".length), chain)).toEqual(secret);
      }),
    ));

  it("is refused with up to four wrong characters, and one is found", () =>
    fc.assert(
      fc.property(
        secrets(),
        fc.uniqueArray(fc.integer({ min: 0, max: 35 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 31 }),
        (secret, places, shift) => {
          const letters = [...formatCode(chain, secret).slice("weir-".length).replaceAll("-", "")];
          for (const place of places) {
            letters[place] = alphabet[(alphabet.indexOf(letters[place]!) + shift) % 32]!;
          }
          const said = problemOf(letters.join(""));
          expect(said).toContain("mistyped");
          if (places.length === 1) expect(said).toContain(`group ${Math.floor(places[0]! / 4) + 1} `);
        },
      ),
    ));

  it("takes what looks alike for what it looks like", () => {
    const code = formatCode(
      chain,
      Uint8Array.from({ length: 16 }, (_, i) => i * 17),
    );
    expect(code).toMatch(/[l0]/);
    expect(parseCode(code.replaceAll("l", "1").replaceAll("0", "o"), chain)).toEqual(parseCode(code, chain));
  });

  it("says what is wrong, and never repeats what was typed", () => {
    const code = formatCode(chain, new Uint8Array(16).fill(7));
    expect(problemOf(code, "weir-1")).toContain("belongs to another network than weir-1");
    expect(problemOf(code.slice(0, -1))).toContain("35 characters");
    expect(problemOf(code.replace(/.$/, "b"))).toContain("group 9");
    expect(problemOf("x".repeat(500))).toContain("much longer");
    for (const typed of [code.slice(0, -1), code.replace(/.$/, "b")]) {
      expect(problemOf(typed)).not.toContain(code.slice(5, 13));
    }
  });

  it("leads to a key of its chain alone", () => {
    const secret = new Uint8Array(16).fill(9);
    expect(codePrivateKey(chain, secret)).toEqual(codePrivateKey(chain, secret));
    expect(codePrivateKey(chain, secret)).not.toEqual(codePrivateKey("weir-1", secret));
    expect(formatCode(chain, secret)).toBe("weir-qsh2-pyys-jzgf-pyys-jzgf-pyys-jzgf-pypc-qnd7");
  });
});
