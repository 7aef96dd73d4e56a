/** The devnet's buyer over a real proxy of this machine: what it counts as right, as wrong and as broken off. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Buyer } from "./buyer.ts";
import { type ContentServer, contentBytes, contentOf, serveContent } from "./content.ts";

const closing: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function listening(server: Server): Promise<{ host: string; port: number }> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => server.close());
  return { host: "127.0.0.1", port: (server.address() as AddressInfo).port };
}

/** What `weir client connect` opens, without a relay behind it. */
const proxyThat = (breaks: () => boolean): Promise<{ host: string; port: number }> => {
  const server = createServer();
  server.on("connect", ({ url }, client) => {
    const [host, port] = url!.split(":");
    const away = connect(Number(port), host!, () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      if (breaks()) client.destroy();
      else away.pipe(client).pipe(away);
    });
    away.on("error", () => client.destroy());
    client.on("error", () => away.destroy());
    client.on("close", () => away.destroy());
  });
  return listening(server);
};

async function freeAddress() {
  const server = createServer();
  const at = await listening(server);
  await new Promise((resolve) => server.close(resolve));
  return at;
}

async function served(seed = "test"): Promise<ContentServer> {
  const content = await serveContent(seed, await freeAddress());
  closing.push(() => content.close());
  return content;
}

function bought(options: ConstructorParameters<typeof Buyer>[0]): Buyer {
  const buyer = new Buyer(options);
  closing.push(() => buyer.stop());
  buyer.start();
  return buyer;
}

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((next) => setImmediate(next));
};

describe("what is downloaded", () => {
  it("is the same for the same seed, and other bytes for another", () => {
    expect(contentOf("a")).toHaveLength(contentBytes);
    expect(contentOf("a").equals(contentOf("a"))).toBe(true);
    expect(contentOf("a").equals(contentOf("b"))).toBe(false);
  });

  it("says of itself what its checksum is", async () => {
    const content = await served();
    const text = await (await fetch(new URL("/", content.url))).text();
    expect(text).toContain(content.checksum);
    expect((await fetch(new URL("/other", content.url))).status).toBe(404);
  });
});

describe("the buyer", () => {
  it("downloads through the proxy, and through nothing else, and knows the checksum", async () => {
    const content = await served();
    let tunnels = 0;
    const noBreak = () => {
      tunnels++;
      return false;
    };
    const buyer = bought({ proxy: await proxyThat(noBreak), content, seed: "test" });
    await until(() => buyer.state.downloads > 0);
    expect(tunnels).toBe(1);
    expect(content.connections).toBe(1);
    const { bytes, bps, wrongChecksums, failures } = buyer.state;
    expect({ bytes, wrongChecksums, failures }).toEqual({ bytes: contentBytes, wrongChecksums: 0, failures: 0 });
    expect(bps).toBeGreaterThan(0);
  });

  it("sees other bytes than it should have had", async () => {
    const content = { ...(await served("another")), checksum: (await served("test")).checksum };
    const buyer = bought({ proxy: await proxyThat(() => false), content, seed: "test" });
    await until(() => buyer.state.wrongChecksums > 0);
    expect(buyer.state.trouble).toContain(`expected ${content.checksum}`);
  });

  it("counts what is broken off and tries again", async () => {
    let isFirst = true;
    const breaks = () => {
      const is = isFirst;
      isFirst = false;
      return is;
    };
    const buyer = bought({ proxy: await proxyThat(breaks), content: await served(), seed: "test" });
    await until(() => buyer.state.downloads > 0);
    expect(buyer.state).toMatchObject({ failures: 1, wrongChecksums: 0 });
  });

  it("says why a proxy refuses", async () => {
    const refusing = createServer((_request, response) => response.writeHead(502, "no relay").end());
    refusing.on("connect", (_request, client) => client.end("HTTP/1.1 502 no relay\r\n\r\n"));
    const buyer = bought({ proxy: await listening(refusing), content: await served(), seed: "test" });
    await until(() => buyer.state.failures > 0);
    expect(buyer.state.trouble).toBe("the proxy refuses: 502 no relay");
  });
});
