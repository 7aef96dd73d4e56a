import { describe, expect, it } from "vitest";
import { checkCommon, commonSettings, trustedIn } from "./commonsettings.ts";
import {
  address,
  amount,
  choice,
  count,
  defaultsOf,
  duration,
  fixed,
  flag,
  readSettings,
  reloaded,
  SettingsRefused,
  settingsText,
  text,
  texts,
} from "./settings.ts";

const schema = {
  moniker: text("A name.", "relay"),
  rpc: fixed(texts("Nodes.", ["http://127.0.0.1:26657"])),
  allowPrivateAddresses: flag("For devnets.", false),
  level: choice("How much is said.", ["info", "warn"], "info"),
  volumeMax: amount("Bytes a month.", 10n ** 20n),
  limits: {
    streamsMax: count("Streams.", 100, { min: 1, max: 1_000 }),
    idle: fixed(duration("Idle.", "5m", { min: 1_000, max: 3_600_000 })),
  },
  listen: address("Where.", "127.0.0.1:9000"),
};
const read = (content: string) => readSettings(schema, content, "relay.toml");

describe("settings", () => {
  it("are as documented where the file says nothing, and what init writes says the same", () => {
    const defaults = defaultsOf(schema);
    expect(defaults.limits).toEqual({ streamsMax: 100, idle: 300_000 });
    const written = settingsText(schema, defaults, "A head.\nOf two lines.");
    expect(read(written)).toEqual(defaults);
    expect(written).toContain("# A head.\n# Of two lines.\n");
    expect(written).toContain('# Nodes. Read at the start alone.\nrpc = ["http://127.0.0.1:26657"]');
    expect(written).toContain('[limits]\n# Streams.\nstreams_max = 100\n# Idle. Read at the start alone.\nidle = "5m"');
    expect(written).toContain('volume_max = "100000000000000000000"');
  });

  it("are read by their names in the file", () => {
    const settings = read(
      'allow_private_addresses = true\nvolume_max = 5\nlisten = "[::1]:80"\n[limits]\nidle = "90s"',
    );
    expect(settings.allowPrivateAddresses).toBe(true);
    expect(settings.volumeMax).toBe(5n);
    expect(settings.listen).toEqual({ host: "::1", port: 80 });
    expect(settings.limits.idle).toBe(90_000);
  });

  const refusals: readonly [string, string][] = [
    [
      "allow_privat_addresses = true",
      "there is no setting allow_privat_addresses; did you mean allow_private_addresses?",
    ],
    ["[limits]\nstreams = 5", "there is no setting limits.streams; did you mean limits.streams_max?"],
    ["nothing_like_it = 1", "there are moniker, rpc"],
    ["limits = 5", "limits is 5; expected a table, [limits]"],
    ["[limits]\nstreams_max = 0", "limits.streams_max is 0; expected a whole number from 1 to 1000"],
    ['[limits]\nidle = "5 minutes"', 'expected a duration such as "250ms"'],
    ['[limits]\nidle = "2h"', 'from "1s" to "1h"'],
    ['level = "loud"', 'level is "loud"; expected one of "info", "warn"'],
    ["volume_max = -1", "expected a whole number of 0 or more"],
    ['listen = "localhost:80"', "expected a literal address"],
    ['listen = "127.0.0.1:65536"', "expected a literal address"],
    ["rpc = [1]", "expected a list of at most"],
    ["moniker = ", "relay.toml line 1"],
  ];
  it.each(refusals)("are refused as a whole for %j", (content, message) => {
    expect(() => read(content)).toThrow(SettingsRefused);
    expect(() => read(content)).toThrow(message);
  });

  it("that changed are taken over but for those that need a restart, which are named", () => {
    const before = defaultsOf(schema);
    const after = read('moniker = "other"\nrpc = ["http://a.example:1"]\n[limits]\nidle = "1m"\nstreams_max = 5');
    const { settings, changed, needRestart } = reloaded(schema, before, after);
    expect(changed).toEqual(["moniker", "limits.streams_max"]);
    expect(needRestart).toEqual(["rpc", "limits.idle"]);
    expect(settings).toEqual({ ...before, moniker: "other", limits: { streamsMax: 5, idle: 300_000 } });
    expect(reloaded(schema, before, before).changed).toEqual([]);
  });
});

describe("the settings that every daemon has", () => {
  const common = commonSettings("127.0.0.1:26670");
  const hash = "ab".repeat(32);
  const checked = (content: string) => {
    const settings = readSettings(common, content, "relay.toml");
    checkCommon(settings, "relay.toml");
    return settings;
  };

  it("name the chain, its nodes, and a header that is trusted by height and hash", () => {
    const settings = checked(`chain_id = "weir-1"\ntrust_height = 5\ntrust_hash = "${hash}"`);
    expect(trustedIn(settings)).toEqual({ height: 5n, hash: hash.toUpperCase() });
    expect(trustedIn(checked('chain_id = "weir-1"'))).toBeUndefined();
  });

  it.each([
    ["", "chain_id is empty"],
    ['chain_id = "a"\nrpc = []', "rpc names no node"],
    ['chain_id = "a"\nrpc = ["127.0.0.1:26657"]', "expected http://HOST:PORT"],
    ['chain_id = "a"\ntrust_height = 5', "belong together"],
    ['chain_id = "a"\ntrust_height = 5\ntrust_hash = "zz"', "expected 64 hex digits"],
  ])("are refused for %j", (content, message) => {
    expect(() => checked(content)).toThrow(message);
  });
});
