import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExitKind } from "../../proto/gen/weir/attestation/v1/state.ts";
import { endpointsProblem, formatIpv6, isPublicUnicast, parseEndpoint, parseIpv4, parseIpv6 } from "./endpoints.ts";
import { carriesPort, exitPolicyProblem } from "./exitpolicy.ts";
import { hasControls } from "./texts.ts";

describe("an endpoint", () => {
  it.each([
    ["relay.example.com:443", "relay.example.com", 443, undefined],
    ["a:1", "a", 1, undefined],
    ["xn--bcher-kva.example:65535", "xn--bcher-kva.example", 65_535, undefined],
    ["192.0.2.1:443", "192.0.2.1", 443, [192, 0, 2, 1]],
    ["[2001:db8::1]:443", "2001:db8::1", 443, [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
    ["[::]:1", "::", 1, new Array(16).fill(0)],
  ])("%s is one", (text, host, port, address) => {
    const found = parseEndpoint(text);
    expect(found).toMatchObject({ host, port });
    expect(found?.address === undefined ? undefined : [...found.address]).toEqual(address);
  });

  it.each([
    "",
    ":443",
    "host",
    "host:",
    "host:0",
    "host:65536",
    "host:+1",
    "host:01",
    "host:1 ",
    " host:1",
    "HOST:1",
    "ho st:1",
    "host_a:1",
    "-host:1",
    "host-:1",
    "host..com:1",
    ".host:1",
    "host.:1",
    "1.2.3:1",
    "1.2.3.4.5:1",
    "256.1.1.1:1",
    "01.2.3.4:1",
    "0x7f.1:1",
    "127.1:1",
    "2130706433:1",
    "::1:443",
    "[::1]",
    "[::1]:",
    "[::1:443",
    "::1]:443",
    "[1::2::3]:1",
    "[1:2:3:4:5:6:7]:1",
    "[1:2:3:4:5:6:7:8:9]:1",
    "[2001:DB8::1]:1",
    "[2001:0db8::1]:1",
    "[2001:db8:0:0:0:0:0:1]:1",
    "[fe80::1%eth0]:1",
    "[::ffff:1.2.3.4]:1",
    "[::ffff:102:304]:1",
    "[192.0.2.1]:443",
    "user@host:1",
    "http://host:1",
    "host:1/path",
    "host:1#a",
    "host\u0000:1",
    "höst:1",
    "host。com:1",
    `${"a".repeat(64)}:1`,
    `${"a.".repeat(127)}com:1`,
    "a".repeat(300),
  ])("%j is none", (text) => {
    expect(parseEndpoint(text)).toBeUndefined();
  });

  it("of IPv6 has one spelling, which is read back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), fc.nat(0xffff), (bytes, mask) => {
        const address = bytes.map((byte, index) => ((mask >> (index >> 1)) & 1 ? byte : 0));
        const text = formatIpv6(address);
        expect(parseIpv6(text)).toEqual(address);
        // As the platform's own reader spells it, which writes a mapped address as IPv4.
        expect(new URL(`http://[${text}]/`).hostname).toBe(`[${text}]`);
      }),
    );
  });

  it("of IPv4 is read as the platform reads it", () => {
    fc.assert(
      fc.property(fc.ipV4(), (text) => {
        expect(new URL(`http://${text}/`).hostname).toBe([...parseIpv4(text)!].join("."));
      }),
    );
  });
});

describe("a public address", () => {
  it.each([
    "1.1.1.1",
    "9.9.9.9",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.0.1",
    "172.32.0.1",
    "192.0.1.1",
    "198.17.0.1",
    "198.20.0.1",
    "223.255.255.255",
  ])("is %s", (text) => expect(isPublicUnicast(parseIpv4(text)!)).toBe(true));

  it.each([
    "0.0.0.0",
    "0.1.2.3",
    "10.1.2.3",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
  ])("is not %s", (text) => expect(isPublicUnicast(parseIpv4(text)!)).toBe(false));

  it.each(["2600::1", "2a00:1450::1", "2003::1", "3ffe::1"])("is %s", (text) =>
    expect(isPublicUnicast(parseIpv6(text)!)).toBe(true),
  );

  it.each([
    "::",
    "::1",
    "::ffff:102:304",
    "64:ff9b::1",
    "100::1",
    "2001::1",
    "2001:db8::1",
    "2002::1",
    "3fff::1",
    "fc00::1",
    "fd12::1",
    "fe80::1",
    "ff02::1",
    "4000::1",
  ])("is not %s", (text) => expect(isPublicUnicast(parseIpv6(text)!)).toBe(false));

  it("is neither of five bytes nor of none", () => {
    expect([isPublicUnicast(new Uint8Array(5).fill(9)), isPublicUnicast(new Uint8Array(0))]).toEqual([false, false]);
  });
});

describe("a list of endpoints", () => {
  it.each([
    [[], "there are 0 endpoints"],
    [["a.b:1", "a.b:2", "a.b:3", "a.b:4", "a.b:5"], "there are 5 endpoints"],
    [["a.b:1", "a.b:1"], "twice"],
    [["a.b:1", "nowhere:1"], '"nowhere:1" cannot be reached from everywhere'],
    [["127.0.0.1:1"], "cannot be reached from everywhere"],
  ])("%j is refused", (list, words) => {
    expect(endpointsProblem(list, { literal: false, publicOnly: true })).toContain(words);
  });

  it("shows no more of a text than fits a line", () => {
    const problem = endpointsProblem(["x".repeat(10_000)], { literal: false, publicOnly: false });
    expect(problem!.length).toBeLessThan(200);
  });
});

describe("an exit policy", () => {
  const policy = (kind: ExitKind, ...ports: (readonly [number, number])[]) => ({
    kind,
    ports: ports.map(([first, last]) => ({ first, last })),
  });
  const listed = (...ports: (readonly [number, number])[]) => policy(ExitKind.EXIT_KIND_PORTS, ...ports);

  it.each([
    ["of no kind", policy(ExitKind.EXIT_KIND_UNSPECIFIED)],
    ["of a kind to come", policy(9 as ExitKind)],
    ["of the web with ports", policy(ExitKind.EXIT_KIND_WEB, [80, 80])],
    ["of no ports", listed()],
    ["of port 0", listed([0, 5])],
    ["beyond the last port", listed([1, 65_536])],
    ["backwards", listed([9, 8])],
    ["out of order", listed([10, 20], [5, 6])],
    ["of ranges that overlap", listed([10, 20], [20, 30])],
    ["of ranges that meet", listed([10, 20], [21, 30])],
    [
      "of too many ranges",
      listed(...Array.from({ length: 17 }, (_, index) => [1 + 2 * index, 1 + 2 * index] as const)),
    ],
  ])("%s is none", (_what, found) => expect(exitPolicyProblem(found)).toBeDefined());

  it("says which ports it carries", () => {
    expect(exitPolicyProblem(listed([22, 22], [8_000, 8_999]))).toBeUndefined();
    const carried = (found: Parameters<typeof carriesPort>[0]) =>
      [22, 80, 443, 8_000, 8_999, 9_000].filter((port) => carriesPort(found, port));
    expect(carried(listed([22, 22], [8_000, 8_999]))).toEqual([22, 8_000, 8_999]);
    expect(carried(policy(ExitKind.EXIT_KIND_WEB))).toEqual([80, 443]);
    expect(carried(policy(ExitKind.EXIT_KIND_NONE))).toEqual([]);
    expect(carried(policy(ExitKind.EXIT_KIND_ALL))).toHaveLength(6);
  });
});

describe("text", () => {
  it("that does not show, or turns what does, is found", () => {
    for (const code of [0, 0x1f, 0x7f, 0x9f, 0xad, 0x200b, 0x200f, 0x202e, 0x2066, 0xfeff]) {
      expect(hasControls(`a${String.fromCharCode(code)}b`)).toBe(true);
    }
    expect(hasControls("Ærø relay nr. 1 · 中 – ok")).toBe(false);
  });
});
