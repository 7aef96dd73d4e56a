/**
 * A real browser through the client: headless Chromium loads pages of a web server on this machine through a relay, by SOCKS and as an HTTP proxy.
 * Needs `chromium` on the PATH or its path in CHROMIUM (Debian: apt-get install chromium); no test needs it.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { buyingScene } from "../helpers/buyingscene.ts";
import type { Campaign } from "./main.ts";

const run = promisify(execFile);
const pageMillis = 90_000;
const picturesOfPage = 12;

/** A page whose title is only right when style, pictures, script and what the script asks for have all come. */
const html = `<!doctype html><title>not yet</title><link rel="stylesheet" href="/style.css">
${Array.from({ length: picturesOfPage }, (_, i) => `<img id="p${i}" src="/picture-${i}.svg">`).join("\n")}
<p id="text">empty</p><script src="/script.js"></script>`;
const script = `addEventListener("load", async () => {
  const words = await (await fetch("/words")).text();
  const pictures = [...document.images].filter((image) => image.naturalWidth === 10).length;
  const colour = getComputedStyle(document.getElementById("text")).color;
  document.getElementById("text").textContent = [words, pictures, colour].join(" | ");
});`;
const picture = '<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><circle cx="5" cy="5" r="4"/></svg>';

function serve({ url = "/" }: IncomingMessage, response: ServerResponse): void {
  const say = (type: string, text: string) => {
    response.writeHead(200, { "content-type": type, "cache-control": "no-store" });
    response.end(text);
  };
  if (url === "/") say("text/html", html);
  else if (url === "/style.css") say("text/css", "#text { color: rgb(1, 2, 3); }");
  else if (url === "/script.js") say("text/javascript", script);
  else if (url === "/words") say("text/plain", "words that came later");
  else if (url.startsWith("/picture-")) say("image/svg+xml", picture);
  else response.writeHead(404).end();
}

const expected = `words that came later | ${picturesOfPage} | rgb(1, 2, 3)`;

async function load(program: string, proxy: string, page: string): Promise<string> {
  const profile = mkdtempSync(join(tmpdir(), "weir-browser-"));
  const flags = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    `--user-data-dir=${profile}`,
    `--proxy-server=${proxy}`,
  ];
  // Chromium goes to loopback by itself unless it is told not to.
  const more = ["--proxy-bypass-list=<-loopback>", "--virtual-time-budget=20000", "--dump-dom", page];
  try {
    const { stdout } = await run(program, [...flags, ...more], { timeout: pageMillis });
    return stdout;
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
}

const campaign: Campaign = async () => {
  const program = process.env.CHROMIUM ?? "chromium";
  const scene = await buyingScene({ relays: 2, epochSeconds: 60 });
  const web = createServer(serve);
  await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
  try {
    const page = `http://127.0.0.1:${(web.address() as AddressInfo).port}/`;
    const buyer = await scene.buyer(2_000_000n);
    const client = await buyer.connect();
    for (const language of ["socks5", "http"]) {
      const began = performance.now();
      const dom = await load(program, `${language}://127.0.0.1:${client.address.port}`, page);
      assert.ok(dom.includes(expected), `${language}: the page says ${/<p id="text">([^<]*)/.exec(dom)?.[1]}`);
      console.log(`${language.padEnd(6)} the page is whole after ${Math.round(performance.now() - began)} ms`);
    }
    await client.stop();
    const { record, endsEpoch } = await buyer.saw("closed");
    assert.equal(endsEpoch, 0n);
    console.log(`paid for ${record.signed.bytes} bytes by ${record.signed.nonce} vouchers; the session is closed`);
  } finally {
    web.closeAllConnections();
    web.close();
    await scene.end();
  }
};

export default campaign;
