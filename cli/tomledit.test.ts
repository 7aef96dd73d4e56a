import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { configToml } from "./templates.ts";
import { setTomlKeys } from "./tomledit.ts";

const written = `# Mine.
moniker = "demo"   # for people
  proxy_app = 'old' # said by nobody

[rpc]
laddr = "tcp://127.0.0.1:26657"
# enable = true
[ statesync ] # joining
enable = false
`;

describe("setting keys of a TOML file", () => {
  it("changes those lines and no other byte", () => {
    const after = setTomlKeys(written, { "": { proxy_app: "unix:///x" }, statesync: { enable: true } });
    expect(after).toBe(
      written
        .replace("  proxy_app = 'old' # said by nobody", 'proxy_app = "unix:///x" # said by nobody')
        .replace("enable = false", "enable = true"),
    );
  });

  it("adds a key to its section, and a section where there is none", () => {
    const after = setTomlKeys(written, { "": { abci: "socket" }, rpc: { enable: 1 }, p2p: { pex: false } });
    expect(parse(after)).toEqual({
      ...parse(written),
      abci: "socket",
      rpc: { ...rpcOf(written), enable: 1 },
      p2p: { pex: false },
    });
    for (const line of written.split("\n")) expect(after.split("\n")).toContain(line);
  });

  it("says the same when it is done twice, on the file that init writes", () => {
    const keys = { "": { proxy_app: "a", abci: "socket" }, statesync: { rpc_servers: "x,y", trust_height: 5 } };
    const once = setTomlKeys(configToml("demo"), keys);
    expect(setTomlKeys(once, keys)).toBe(once);
    expect(parse(once).moniker).toBe("demo");
  });

  it("refuses what it cannot set rather than write a file that says something else", () => {
    expect(() => setTomlKeys("rpc = { laddr = 'x' }\n", { rpc: { laddr: "y" } })).toThrow();
    expect(() => setTomlKeys("a = '''\nproxy_app = 1\n'''\n", { "": { proxy_app: "y" } })).toThrow(
      /cannot be set|Invalid/i,
    );
  });
});

const rpcOf = (text: string) => parse(text).rpc as object;
