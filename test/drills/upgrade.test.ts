import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeHome } from "../../cli/commands/init.ts";
import { homeAt } from "../../cli/home.ts";
import { edit } from "../helpers/cometnode.ts";
import { makeNextRelease, planInGenesis, type ReleaseProcess, runRelease, thisRelease } from "../helpers/release.ts";

let folder: string;
const running: ReleaseProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "weir-drill-"));
});
afterEach(async () => {
  for (const { child, ended } of running.splice(0)) {
    child.kill("SIGKILL");
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

function start(release: string, home: string, ...more: string[]): ReleaseProcess {
  const argv = [
    "start",
    "--home",
    home,
    "--engine",
    "local",
    "--block-time",
    "100ms",
    "--rpc.laddr",
    "tcp://127.0.0.1:0",
    ...more,
  ];
  const started = runRelease(release, argv);
  running.push(started);
  return started;
}

describe("a chain that is upgraded across two releases, under the embedded engine", () => {
  it("stops at the height by exit code, text and file; the next release goes on from there, and neither goes the wrong way", async () => {
    const home = homeAt(join(folder, "home"));
    writeHome(home, { moniker: "drill", chainId: "weir-drill-1", accounts: [] });
    edit(home.appToml, { telemetry: { enabled: false } });
    planInGenesis(home.genesis, "v2", 5);
    const next = makeNextRelease(join(folder, "next"));

    const old = start(thisRelease, home.folder);
    expect(await old.ended, old.said()).toBe(3);
    expect(old.said()).toMatch(/UPGRADE \\?"v2\\?" NEEDED at height: 5: for a test/);
    const info = readFileSync(join(home.data, "upgrade-info.json"), "utf8");
    expect(info).toBe('{"name":"v2","time":"0001-01-01T00:00:00Z","height":5,"info":"for a test"}');
    const [again, right, wrong] = [
      start(thisRelease, home.folder),
      runRelease(next, ["pre-upgrade", "--home", home.folder]),
      runRelease(thisRelease, ["pre-upgrade"], { DAEMON_HOME: home.folder }),
    ];
    expect(await again.ended, again.said()).toBe(3);
    expect(await right.ended, right.said()).toBe(0);
    expect(await wrong.ended, wrong.said()).toBe(30);

    const upgraded = start(next, home.folder);
    await expect.poll(() => upgraded.said(), { timeout: 120_000, interval: 50 }).toMatch(/block 8: /);
    upgraded.child.kill("SIGTERM");
    expect(await upgraded.ended, upgraded.said()).toBe(0);

    const back = start(thisRelease, home.folder);
    expect(await back.ended).toBe(1);
    expect(back.said()).toMatch(/this state has the stores .*blockcount/);
  }, 300_000);
});
