import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExitKind, type ExitPolicy } from "../../proto/gen/weir/attestation/v1/state.ts";
import { Dialler, type DialRefused } from "./dialling.ts";
import { destinationOf, Exits, nameOf } from "./exits.ts";

const policy = (kind: ExitKind, ...ports: [number, number][]): ExitPolicy => ({
  kind,
  ports: ports.map(([first, last]) => ({ first, last })),
});
const open = policy(ExitKind.EXIT_KIND_ALL);
const exits = (changes: Partial<ConstructorParameters<typeof Exits>[0]> = {}) =>
  new Exits({ policy: open, allowedDomains: [], deniedDomains: [], ...changes });

const verdict = (rules: Exits, host: string, port = 443): boolean => {
  const destination = destinationOf(host, port);
  if (destination === undefined) throw new Error(`${host} is no destination`);
  return rules.refusal(destination) === undefined;
};

describe("a destination's name", () => {
  it.each([
    ["Example.ORG", "example.org"],
    ["example.org.", "example.org"],
    ["Bücher.Example", "xn--bcher-kva.example"],
    ["xn--BCHER-kva.example", "xn--bcher-kva.example"],
    ["faß.de", "xn--fa-hia.de"],
    ["example。org", "example.org"],
    ["ｅｘａｍｐｌｅ.org", "example.org"],
    ["_dmarc.example.org", "_dmarc.example.org"],
    ["localhost", "localhost"],
  ])("%s has one spelling, %s", (text, expected) => expect(nameOf(text)).toBe(expected));

  it.each([
    "",
    ".",
    "..",
    "a..b",
    "-a.example",
    "a b.example",
    "a/b",
    "a?b",
    "a#b",
    "a\\b",
    "a%2eb",
    "a\tb",
    "[a]",
    "user@host",
    "a:1",
    "a\u0000b.example",
    `${"a".repeat(64)}.example`,
    `${"a.".repeat(130)}example`,
    "x".repeat(5000),
    "host.1",
    "%",
  ])("%j is none", (text) => expect(destinationOf(text, 443)).toBeUndefined());

  it.each([0, -1, 65_536, 1.5, Number.NaN])("port %d is none", (port) =>
    expect(destinationOf("example.org", port)).toBeUndefined(),
  );

  it.each(["127.1", "2130706433", "0x7f.0.0.1", "0x7f000001", "0177.0.0.1", "127.0.0.1.", "１２７.0.0.1"])(
    "%s is the literal address that a resolver would make of it",
    (text) => expect(destinationOf(text, 80)).toEqual({ host: "127.0.0.1", port: 80, isLiteral: true }),
  );
});

describe("an exit policy", () => {
  it("of each preset carries to its ports, and never to port 25", () => {
    const carried = (rules: ExitPolicy) =>
      [22, 25, 80, 443, 8080].filter((port) => verdict(exits({ policy: rules }), "example.org", port));
    expect(carried(policy(ExitKind.EXIT_KIND_NONE))).toEqual([]);
    expect(carried(policy(ExitKind.EXIT_KIND_WEB))).toEqual([80, 443]);
    expect(carried(policy(ExitKind.EXIT_KIND_PORTS, [22, 30], [8080, 8080]))).toEqual([22, 8080]);
    expect(carried(open)).toEqual([22, 80, 443, 8080]);
  });

  it("carries nothing to a name that is denied, nor below it, however it is spelled", () => {
    const rules = exits({ deniedDomains: ["example.org", "*.bücher.example", ".dotted.example"] });
    for (const host of [
      "example.org",
      "EXAMPLE.org.",
      "a.b.example.org",
      "bücher.example",
      "x.xn--bcher-kva.example",
      "dotted.example",
    ]) {
      expect(verdict(rules, host)).toBe(false);
    }
    for (const host of ["notexample.org", "example.org.evil.example", "org", "192.0.2.1"]) {
      expect(verdict(rules, host)).toBe(true);
    }
  });

  it("with a list of allowed names carries to those alone, and to no literal address; a denied name stays denied", () => {
    const rules = exits({ allowedDomains: ["example.org"], deniedDomains: ["bad.example.org"] });
    expect(["example.org", "www.example.org"].map((host) => verdict(rules, host))).toEqual([true, true]);
    const others = ["example.com", "bad.example.org", "x.bad.example.org", "93.184.216.34", "[2606:2800::1]"];
    for (const host of others) expect(verdict(rules, host)).toBe(false);
  });

  it("refuses a list with what is no name, or with too many", () => {
    expect(() => exits({ deniedDomains: ["exa mple"] })).toThrow('denied_domains: "exa mple" is no domain');
    expect(() => exits({ allowedDomains: new Array(10_001).fill("a.example") })).toThrow("at most 10000");
  });
});

describe("dialling", () => {
  const resolver = (answers: readonly string[]) => {
    const asked: string[] = [];
    const lookup = async (host: string) => {
      asked.push(host);
      return answers;
    };
    return { asked, dialler: new Dialler({ allowsPrivate: () => false, lookup }) };
  };
  const problemOf = (promise: Promise<unknown>) =>
    promise.then(
      () => "dialled",
      (error: DialRefused) => error.problem,
    );

  it.each([
    "127.0.0.1",
    "10.0.0.1",
    "172.16.9.9",
    "192.168.1.1",
    "169.254.169.254",
    "100.100.100.200",
    "168.63.129.16",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::1",
  ])("never reaches %s, by its literal, in brackets, or by a name that leads there", async (address) => {
    const { dialler } = resolver([address]);
    const bracketed = address.includes(":") ? `[${address}]` : address;
    for (const host of [address, bracketed, "rebound.example"]) {
      const destination = destinationOf(host, 80);
      if (destination === undefined) throw new Error(`${host} is no destination`);
      expect(await problemOf(dialler.resolve(destination))).toBe("policy");
    }
  });

  it("asks for a name once, and takes what was found then, whatever the name leads to afterwards", async () => {
    const answers = ["93.184.216.34"];
    const { asked, dialler } = resolver(answers);
    const found = await dialler.resolve(destinationOf("rebinding.example", 80)!);
    answers[0] = "127.0.0.1";
    expect([found, asked]).toEqual(["93.184.216.34", ["rebinding.example"]]);
    expect(await problemOf(dialler.resolve(destinationOf("rebinding.example", 80)!))).toBe("policy");
  });

  it("tells nobody's name or address in what it refuses with", async () => {
    const failing = new Dialler({
      allowsPrivate: () => true,
      lookup: async () => {
        throw new Error("queryA ENOTFOUND secret.example");
      },
    });
    const attempts = [
      () => failing.resolve({ host: "secret.example", isLiteral: false }),
      () => failing.connect({ host: "127.0.0.1", port: 1, isLiteral: true }, new AbortController().signal),
      () => resolver(["10.9.8.7"]).dialler.resolve({ host: "secret.example", isLiteral: false }),
    ];
    for (const attempt of attempts) {
      const text = await attempt().then(
        () => "dialled",
        (error: Error) => error.message,
      );
      expect(text).not.toMatch(/secret|127\.0|10\.9|dialled/);
    }
  });

  it("waits for no more names and connections at a time than it may, nor longer", async () => {
    const never = new Promise<readonly string[]>(() => {});
    const limits = { resolvingMax: 1, resolveMillisMax: 50, connectingMax: 0, connectMillisMax: 50 };
    const dialler = new Dialler({ allowsPrivate: () => true, lookup: () => never, limits });
    const first = problemOf(dialler.resolve({ host: "slow.example", isLiteral: false }));
    expect(await problemOf(dialler.resolve({ host: "second.example", isLiteral: false }))).toBe("full");
    expect(await first).toBe("unreachable");
    const connecting = dialler.connect({ host: "127.0.0.1", port: 1, isLiteral: true }, new AbortController().signal);
    expect(await problemOf(connecting)).toBe("full");
    expect(dialler.waiting).toEqual({ resolving: 0, connecting: 0 });
  });

  it("reads any text without a throw, and never makes an address of its own of it", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300, unit: "binary" }), fc.integer(), (host, port) => {
        const found = destinationOf(host, port);
        if (found !== undefined) expect(destinationOf(found.host, port)).toEqual(found);
      }),
    );
  });
});
