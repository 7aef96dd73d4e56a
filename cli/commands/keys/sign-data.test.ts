import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, expect, it } from "vitest";
import { verifySignature } from "../../../chain/crypto/verify.ts";
import { signDoc } from "../../../modules/circuit/signing.ts";
import { ActKind } from "../../../proto/gen/weir/circuit/v1/state.ts";
import { devnetAccounts } from "../../devnet-accounts.ts";
import { promptsOn } from "../../keyring/prompt.ts";
import { main } from "../../main.ts";

const alice = devnetAccounts[0]!;
let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "weir-sign-"));
});
afterEach(() => rmSync(home, { recursive: true }));

async function keys(argv: readonly string[], input = "") {
  const stdin = new PassThrough();
  stdin.end(input);
  const said = { out: "", err: "" };
  const code = await main(["keys", ...argv], {
    environment: { WEIR_KEYRING_BACKEND: "test", WEIR_HOME: home },
    prompts: promptsOn(stdin, () => {}),
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
  });
  return { code, ...said };
}

const content = {
  chainId: "weir-1",
  committeeVersion: 1n,
  nonce: 4n,
  validUntil: { seconds: 1_900_000_000n, nanos: 0 },
  act: {
    kind: ActKind.ACT_KIND_PAUSE_REDEMPTION,
    targets: [],
    duration: { seconds: 3_600n, nanos: 0 },
    reason: "why",
    reference: "where",
  },
};

async function withAlice(file: string) {
  await keys(["add", "alice", "--recover"], `${alice.mnemonic}\n`);
  const path = join(home, "sign.json");
  writeFileSync(path, file);
  return {
    path,
    shown: JSON.parse((await keys(["show", "alice", "--output", "json"])).out) as { address: string; pubkey: string },
  };
}

it("signs what sign-bytes answered, as the chain verifies it", async () => {
  const { path, shown } = await withAlice("{}");
  const doc = signDoc(shown.address, content);
  const key = Buffer.from((JSON.parse(shown.pubkey) as { key: string }).key, "base64");
  for (const text of [doc, JSON.stringify({ nonce: "4", sign_doc: doc })]) {
    writeFileSync(path, text);
    const { code, out } = await keys(["sign-data", "alice", path]);
    expect(code).toBe(0);
    const { member, signature } = JSON.parse(out) as { member: string; signature: string };
    expect(member).toBe(shown.address);
    const check = { scheme: "secp256k1", publicKey: key, message: Buffer.from(doc) } as const;
    expect(verifySignature({ ...check, signature: Buffer.from(signature, "base64") })).toBe(true);
  }
});

it("signs neither a transaction nor another's document", async () => {
  const { path, shown } = await withAlice(signDoc("weir1other", content));
  expect((await keys(["sign-data", "alice", path])).err).toMatch(/the document is for weir1other to sign/);
  const doc = signDoc(shown.address, content);
  for (const wrong of [
    doc.replace('"chain_id":""', '"chain_id":"weir-1"'),
    doc.replace("sign/MsgSignData", "cosmos-sdk/MsgSend"),
    "{}",
  ]) {
    writeFileSync(path, wrong);
    const { code, err } = await keys(["sign-data", "alice", path]);
    expect([code, err]).toEqual([1, expect.stringMatching(/no document of ADR-036/)]);
  }
});
