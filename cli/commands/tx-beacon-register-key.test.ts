import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { accountAddress, validatorAddress } from "../../chain/address.ts";
import { isPossession } from "../../modules/beacon/index.ts";
import { readBeaconKeys } from "../beaconkeys.ts";
import { homeAt } from "../home.ts";
import { main } from "../main.ts";

const home = homeAt(mkdtempSync(join(tmpdir(), "weir-registerkey-")));
const chainId = "weir-registerkey-1";
let operator: string;

async function weir(...argv: string[]) {
  let [out, err] = ["", ""];
  const code = await main([...argv, "--home", home.folder], {
    environment: { WEIR_KEYRING_BACKEND: "test" },
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

const offline = ["--offline", "--chain-id", chainId, "--account-number", "0", "--sequence", "0", "--generate-only"];

async function registered(...flags: string[]) {
  const { code, out, err } = await weir("tx", "beacon", "register-key", "--from", "operator", ...offline, ...flags);
  expect(code, err).toBe(0);
  const [message] = (JSON.parse(out) as { body: { messages: Record<string, string>[] } }).body.messages;
  const bytes = (name: string) => new Uint8Array(Buffer.from(message![name]!, "base64"));
  return { message: message!, publicKey: bytes("public_key"), possession: bytes("possession"), err };
}

beforeAll(async () => {
  expect((await weir("keys", "add", "operator")).code).toBe(0);
  operator = (await weir("keys", "show", "operator", "--address")).out.trim();
});
afterAll(() => rmSync(home.folder, { recursive: true, force: true }));

describe("weir tx beacon register-key", () => {
  it("makes a key where there is none, and proves that it has the secret", async () => {
    expect(existsSync(home.beaconKey)).toBe(false);
    const { message, publicKey, possession, err } = await registered();
    expect(err).toContain(home.beaconKey);
    expect(message).toMatchObject({
      "@type": "/weir.beacon.v1.MsgRegisterKey",
      validator_address: validatorAddress.encode(accountAddress.decode(operator)),
    });
    expect(readBeaconKeys(home.beaconKey).map((key) => key.publicKey)).toEqual([publicKey]);
    expect(isPossession(publicKey, chainId, accountAddress.decode(operator), possession)).toBe(true);
  });

  it("registers the one that there is, and by --new another, behind which the old one stays", async () => {
    const { publicKey: first } = await registered();
    const { publicKey: second } = await registered("--new");
    const { publicKey: third } = await registered();
    expect(third).toEqual(second);
    expect(readBeaconKeys(home.beaconKey).map((key) => key.publicKey)).toEqual([first, second]);
  });

  it("asks who operates the validator", async () => {
    expect(await weir("tx", "beacon", "register-key", ...offline)).toMatchObject({
      code: 2,
      err: expect.stringContaining("--from is missing"),
    });
  });
});
