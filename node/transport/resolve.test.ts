import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AddressRefused, addressBytes, type ResolveOptions, resolveOnce } from "./resolve.ts";

const asked: string[] = [];
const options = (addresses: readonly string[], allowsPrivate = false): ResolveOptions => ({
  allowsPrivate,
  deadlineMillis: 20_000,
  lookup: async (host) => {
    asked.push(host);
    return addresses;
  },
});

describe("a name", () => {
  it("is resolved once, to the first public address of those it has", async () => {
    asked.length = 0;
    const mixed = options(["10.0.0.1", "fe80::1", "2001:4860::8888", "93.184.216.34"]);
    expect(await resolveOnce("relay.example", mixed)).toBe("2001:4860::8888");
    expect(asked).toEqual(["relay.example"]);
    expect(await resolveOnce("93.184.216.34", mixed)).toBe("93.184.216.34");
    expect(asked).toHaveLength(1);
  });

  it.each([
    "127.0.0.1",
    "10.1.2.3",
    "192.168.1.1",
    "172.16.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:db8::1",
    "fe80::1%eth0",
  ])("that leads to %s is not dialled, nor is the address itself", async (address) => {
    await expect(resolveOnce("relay.example", options([address]))).rejects.toThrow(AddressRefused);
    await expect(resolveOnce(address, options([]))).rejects.toThrow(AddressRefused);
  });

  it("may lead to this machine where that was asked for, but never to nobody or many", async () => {
    expect(await resolveOnce("localhost", options(["127.0.0.1"], true))).toBe("127.0.0.1");
    expect(await resolveOnce("::1", options([], true))).toBe("::1");
    for (const address of ["0.0.0.0", "::", "224.0.0.1", "ff02::1", "255.255.255.255"]) {
      await expect(resolveOnce("relay.example", options([address], true))).rejects.toThrow(AddressRefused);
    }
  });

  it("that leads nowhere, fails or takes too long says so", async () => {
    await expect(resolveOnce("relay.example", options([]))).rejects.toThrow("leads to no address");
    const failing = { ...options([]), lookup: () => Promise.reject(new Error("ENOTFOUND")) };
    await expect(resolveOnce("relay.example", failing)).rejects.toThrow("cannot be resolved: ENOTFOUND");
    const silent = { ...options([]), deadlineMillis: 1, lookup: () => new Promise<readonly string[]>(() => {}) };
    await expect(resolveOnce("relay.example", silent)).rejects.toThrow("was not resolved within 1 ms");
  });
});

describe("a literal address", () => {
  it("is read as the bytes that the system would dial", () => {
    fc.assert(
      fc.property(fc.ipV4(), (text) => {
        expect(addressBytes(text)).toEqual(Uint8Array.from(text.split("."), Number));
      }),
    );
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const bytes = addressBytes(text);
        expect(bytes === undefined ? 0 : bytes.length).toBeGreaterThanOrEqual(4);
      }),
    );
    expect(addressBytes("::ffff:1.2.3.4")).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(addressBytes("1::2")).toEqual(Uint8Array.of(0, 1, ...new Array(12).fill(0), 0, 2));
    expect(addressBytes("::1.2.3.4")).toHaveLength(16);
    for (const text of ["", "relay.example", "0127.0.0.1", "1.2.3", "1:2:3"])
      expect(addressBytes(text)).toBeUndefined();
  });
});
