import { describe, expect, it } from "vitest";
import { jsonLog, lineLog } from "./log.ts";

describe("the node's log", () => {
  it("is a line of words for people, from its level on", () => {
    const lines: string[] = [];
    const log = lineLog((line) => void lines.push(line), "info", false);
    log.debug("not told");
    log.warn("disk is slow", { height: 7n, place: "log" });
    expect(lines).toEqual([expect.stringMatching(/^\d\d:\d\d:\d\d\.\d{3} WARN {2}disk is slow height=7 place=log\n$/)]);
  });

  it("is a JSON object a line for programs, whatever a message or a field holds", () => {
    const lines: string[] = [];
    const log = jsonLog((line) => void lines.push(line), "warn");
    log.info("not told");
    log.error('a "quote"\nand a line', { height: 7n, gas: 2n ** 70n, level: "mine", ok: true, none: undefined });
    expect(lines).toHaveLength(1);
    expect(lines[0]!.match(/\n/g)).toHaveLength(1);
    expect(JSON.parse(lines[0]!)).toEqual({
      level: "error",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      message: 'a "quote"\nand a line',
      height: 7,
      gas: "1180591620717411303424",
      ok: true,
    });
  });
});
