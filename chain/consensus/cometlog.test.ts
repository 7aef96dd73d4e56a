import { describe, expect, it } from "vitest";
import type { Log } from "../log.ts";
import { CometLog } from "./cometlog.ts";

function collecting() {
  const lines: string[] = [];
  const at = (level: string) => (message: string, fields?: object) =>
    void lines.push(`${level} ${message}${fields === undefined ? "" : ` ${JSON.stringify(fields)}`}`);
  const log: Log = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  return { lines, log };
}

describe("CometBFT's log in ours", () => {
  it("keeps what an operator wants to see at its level, and the rest for debugging", () => {
    const { lines, log } = collecting();
    const heard: string[] = [];
    const comet = new CometLog(log, (message) => heard.push(message));
    comet.line(
      '{"level":"info","module":"statesync","height":"7","ts":"2026-01-01T00:00:00Z","_msg":"Snapshot accepted"}',
    );
    comet.line('{"level":"info","module":"consensus","_msg":"Timed out"}');
    comet.line('{"level":"info","module":"main","_msg":"service start","impl":"Node"}');
    comet.line('{"level":"error","module":"p2p","err":"no route","_msg":"Dialing failed"}');
    comet.line("");
    expect(lines).toEqual([
      'info cometbft: Snapshot accepted {"height":"7"}',
      'debug cometbft: Timed out {"module":"consensus"}',
      'debug cometbft: service start {"module":"main","impl":"Node"}',
      'error cometbft: Dialing failed {"err":"no route"}',
    ]);
    expect(heard).toEqual(["Snapshot accepted", "Timed out", "service start", "Dialing failed"]);
    expect(comet.trouble).toEqual(["Dialing failed no route"]);
  });

  it("passes on what is no line of its own, as a panic, and remembers the last of it", () => {
    const { lines, log } = collecting();
    const comet = new CometLog(log);
    for (let i = 0; i < 30; i++) comet.line(`panic ${i}`);
    comet.line('{"broken');
    expect(lines.at(-1)).toBe('error cometbft: {"broken');
    expect(comet.trouble).toHaveLength(12);
    expect(comet.trouble.at(-2)).toBe("panic 29");
    comet.clear();
    expect(comet.trouble).toEqual([]);
  });

  it("says nothing loudly while the engine is being stopped, and cuts what is endless", () => {
    const { lines, log } = collecting();
    const comet = new CometLog(log);
    comet.line(JSON.stringify({ level: "info", module: "main", _msg: "Started node", nodeInfo: "x".repeat(5000) }));
    expect(lines[0]!.length).toBeLessThan(400);
    comet.quiet();
    comet.line('{"level":"error","module":"p2p","_msg":"Stopped accept routine"}');
    expect(lines.at(-1)).toMatch(/^debug cometbft: Stopped accept routine/);
  });
});
