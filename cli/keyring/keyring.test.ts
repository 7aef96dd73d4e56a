import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { verifySecp256k1 } from "../../chain/crypto/secp256k1.ts";
import { secp256k1KeyPair } from "../../chain/crypto/sign.ts";
import { FaultPlan, faults } from "../../test/helpers/faultyfiles.ts";
import { fileNameOf, nameBytesMax, realKeyFiles } from "./folder.ts";
import { type Backend, type KeyringOptions, openKeyring, type PassphraseQuestion } from "./keyring.ts";
import { multisigOf } from "./publickeyjson.ts";

const message = new Uint8Array(Buffer.from("sign me"));
const secretOf = (byte: number) => new Uint8Array(32).fill(byte);
const publicKeyOf = (byte: number) =>
  ({ scheme: "secp256k1", key: secp256k1KeyPair(secretOf(byte)).publicKey }) as const;

describe("a keyring", () => {
  let home: string;
  let asked: PassphraseQuestion[];
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "weir-keyring-"));
    asked = [];
  });
  afterEach(() => rmSync(home, { recursive: true }));

  const open = (more: Partial<KeyringOptions> & { answers?: readonly string[] } = {}) => {
    const { answers = ["passphrase"], ...options } = more;
    return openKeyring({
      home,
      backend: "file",
      cost: { n: 2, r: 1, p: 1 },
      passphrase: async (question) => {
        asked.push(question);
        return answers[asked.length - 1] ?? answers.at(-1)!;
      },
      ...options,
    });
  };
  const path = (name: string, backend: Backend = "file") => join(home, `keyring-${backend}`, fileNameOf(name));

  it.each<Backend>(["file", "test"])("keeps a key and signs with it, in the %s backend", async (backend) => {
    const added = await open({ backend }).addLocal("alice", secretOf(1));
    const keyring = open({ backend });
    expect(keyring.get("alice")).toEqual(added);
    expect(keyring.get(added.address)).toEqual(added);
    expect(added).toMatchObject({ name: "alice", type: "local", publicKey: publicKeyOf(1) });
    const signature = await keyring.sign("alice", message);
    expect(verifySecp256k1(publicKeyOf(1).key, signature, message)).toBe(true);
    expect(Buffer.from(await keyring.exportPrivateKey("alice"))).toEqual(Buffer.from(secretOf(1)));
  });

  it("asks for the passphrase once, and for none to list and to show", async () => {
    const keyring = open();
    await keyring.addLocal("alice", secretOf(1));
    await keyring.addLocal("bob", secretOf(2));
    expect(asked).toEqual([{ purpose: "new", attempt: 1 }]);
    const later = open();
    expect(later.list().keys.map(({ name }) => name)).toEqual(["alice", "bob"]);
    later.get("bob");
    later.addPublic("cold", publicKeyOf(3));
    expect(asked).toHaveLength(1);
    await later.sign("alice", message);
    await later.rename("alice", "carol");
    await later.sign("bob", message);
    expect(asked.slice(1)).toEqual([{ purpose: "unlock", attempt: 1 }]);
  });

  it("never asks in the test backend", async () => {
    const keyring = open({ backend: "test" });
    await keyring.addLocal("alice", secretOf(1));
    await keyring.rename("alice", "bob");
    await keyring.sign("bob", message);
    expect(asked).toEqual([]);
    expect(existsSync(join(home, "keyring-file"))).toBe(false);
  });

  it("has one passphrase: a new key is added with that of the others", async () => {
    await open().addLocal("alice", secretOf(1));
    await expect(open({ answers: ["another one"] }).addLocal("bob", secretOf(2))).rejects.toThrow(/^wrong passphrase$/);
    expect(open().list().keys).toHaveLength(1);
  });

  it("lets a wrong passphrase be mended as often as it was told to, and says why it asks again", async () => {
    await open().addLocal("alice", secretOf(1));
    asked = [];
    await open({ attempts: 3, answers: ["no", "nor this", "passphrase"] }).sign("alice", message);
    expect(asked.map(({ problem }) => problem)).toEqual([undefined, "wrong passphrase", "wrong passphrase"]);
    asked = [];
    await expect(open({ attempts: 3, answers: ["no"] }).sign("alice", message)).rejects.toThrow(/^wrong passphrase$/);
    expect(asked).toHaveLength(3);
  });

  it("wants eight characters for a new passphrase, however they are composed", async () => {
    await expect(open({ answers: ["seven77"] }).addLocal("a", secretOf(1))).rejects.toThrow("8 characters or more");
    await expect(open({ answers: ["e\u0301".repeat(7)] }).addLocal("a", secretOf(1))).rejects.toThrow("8 characters");
    await open({ attempts: 2, answers: ["", "12345678"] }).addLocal("a", secretOf(1));
  });

  it("refuses a name that is taken and an address that is here, and changes nothing", async () => {
    const { address } = await open().addLocal("alice", secretOf(1));
    const before = readFileSync(path("alice"));
    await expect(open().addLocal("alice", secretOf(2))).rejects.toThrow("the key alice exists already");
    expect(() => open().addPublic("alice", publicKeyOf(2))).toThrow("the key alice exists already");
    await expect(open().addLocal("bob", secretOf(1))).rejects.toThrow(`${address} is here already, as the key alice`);
    await open().addLocal("bob", secretOf(2));
    await expect(open().rename("bob", "alice")).rejects.toThrow("the key alice exists already");
    expect(readFileSync(path("alice"))).toEqual(before);
  });

  it("refuses names that could mislead, and takes those that cannot leave its folder", async () => {
    const { address } = await open({ backend: "test" }).addLocal("one", secretOf(1));
    const bad = ["", " ", " a", "a\n", "a\u200bb", "e\u0301", "x".repeat(nameBytesMax + 1), address];
    for (const name of bad) expect(() => open({ backend: "test" }).requireFree(name), JSON.stringify(name)).toThrow();
    const good = ["../../etc/passwd", ".", "..", "a/b", "é 密码 🔑", "x".repeat(nameBytesMax), "CON", "a.key", "%2e"];
    for (const [i, name] of good.entries()) await open({ backend: "test" }).addLocal(name, secretOf(i + 2));
    const { keys, problems } = open({ backend: "test" }).list();
    expect(problems).toEqual([]);
    expect(keys.map(({ name }) => name).sort()).toEqual([...good, "one"].sort());
    expect(readdirSync(home)).toEqual(["keyring-test"]);
  });

  it("keeps public keys and multisigs, which sign nothing", async () => {
    const keyring = open();
    keyring.addPublic("cold", publicKeyOf(1));
    keyring.addPublic("team", multisigOf(2, [publicKeyOf(1), publicKeyOf(2)]));
    expect(keyring.get("cold").type).toBe("offline");
    expect(keyring.get("team").type).toBe("multi");
    await expect(keyring.sign("cold", message)).rejects.toThrow(
      "cold is a public key alone: its private key is not here",
    );
    await expect(keyring.sign("team", message)).rejects.toThrow("team is a multisig");
    expect((await keyring.rename("team", "board")).publicKey).toEqual(multisigOf(2, [publicKeyOf(1), publicKeyOf(2)]));
    expect(keyring.list().keys.map(({ name }) => name)).toEqual(["board", "cold"]);
  });

  it("takes a key away", async () => {
    const { address } = await open().addLocal("alice", secretOf(1));
    open().remove("alice");
    expect(open().list()).toEqual({ keys: [], problems: [] });
    expect(() => open().get("alice")).toThrow(/^alice: key not found in .*keyring-file/);
    expect(() => open().get(address)).toThrow(`key with address ${address} not found`);
    expect(() => open().remove("alice")).toThrow("key not found");
  });

  it("makes files that nobody else can read, and uses none that others can", async () => {
    await open().addLocal("alice", secretOf(1));
    expect(statSync(path("alice")).mode & 0o777).toBe(0o600);
    expect(statSync(join(home, "keyring-file")).mode & 0o777).toBe(0o700);
    for (const mode of [0o640, 0o604, 0o660]) {
      chmodSync(path("alice"), mode);
      expect(() => open().get("alice")).toThrow(/WARNING: .*alice\.key is open to other users .*chmod 600 /);
      expect(open().list().problems).toHaveLength(1);
    }
    chmodSync(path("alice"), 0o600);
    chmodSync(join(home, "keyring-file"), 0o750);
    expect(() => open().get("alice")).toThrow(/WARNING: .*keyring-file is open to other users .*chmod 700 /);
    expect(() => open().list()).toThrow("chmod 700");
    await expect(open().addLocal("bob", secretOf(2))).rejects.toThrow("chmod 700");
  });

  it("names the file that is damaged, and the other keys stay usable", async () => {
    await open().addLocal("alice", secretOf(1));
    await open().addLocal("bob", secretOf(2));
    const whole = readFileSync(path("alice"));
    // At every byte: keyfile.test.ts.
    for (let length = 0; length < whole.length; length += 29) {
      writeFileSync(path("alice"), whole.subarray(0, length));
      const { keys, problems } = open().list();
      expect(keys.map(({ name }) => name)).toEqual(["bob"]);
      expect(problems.map((problem) => problem.message)).toEqual([
        expect.stringContaining(`${path("alice")} is damaged`),
      ]);
    }
    await expect(open().sign("alice", message)).rejects.toThrow("alice.key is damaged: it is cut off or not JSON");
    expect(await open().sign("bob", message)).toHaveLength(64);
    await open().addLocal("carol", secretOf(3));
    expect(() => open().addPublic("alice", publicKeyOf(4))).toThrow("exists already");
    writeFileSync(path("alice"), whole);
    expect(await open().sign("alice", message)).toHaveLength(64);
  });

  it("refuses a file under another's name, in the wrong keyring, or of another kind", async () => {
    await open().addLocal("alice", secretOf(1));
    await open({ backend: "test" }).addLocal("play", secretOf(2));
    const copy = (from: string, to: string) => writeFileSync(to, readFileSync(from), { mode: 0o600 });
    copy(path("alice"), path("bob"));
    expect(() => open().get("bob")).toThrow(/bob\.key holds the key "alice": give the file its name back, alice\.key/);
    copy(path("play", "test"), path("play"));
    expect(() => open().get("play")).toThrow("is not encrypted, and belongs in keyring-test");
    copy(path("alice"), path("alice", "test"));
    expect(() => open({ backend: "test" }).get("alice")).toThrow("is encrypted, and belongs in keyring-file");
    writeFileSync(path("big"), Buffer.alloc(1 << 17), { mode: 0o600 });
    expect(() => open().get("big")).toThrow("a key has at most 65536");
    mkdirSync(path("folder"));
    expect(open().list().problems).toHaveLength(4);
    expect(
      open()
        .list()
        .keys.map(({ name }) => name),
    ).toEqual(["alice"]);
  });

  it("keeps a private key from signing for an address that is not its own", async () => {
    await open({ backend: "test" }).addLocal("alice", secretOf(1));
    await open({ backend: "test" }).addLocal("mallory", secretOf(2));
    const { renderKeyFile, parseKeyFile } = await import("./keyfile.ts");
    const file = parseKeyFile(readFileSync(path("alice", "test"), "utf8"));
    writeFileSync(path("alice", "test"), renderKeyFile({ ...file, publicKey: publicKeyOf(3) }));
    await expect(open({ backend: "test" }).sign("alice", message)).rejects.toThrow("does not belong to the public key");
  });

  it.each(faults.filter((fault) => !fault.startsWith("kill")))(
    "stays whole when any call to the disk fails with %s",
    async (fault) => {
      await open().addLocal("alice", secretOf(1));
      for (let call = 1; ; call++) {
        const plan = new FaultPlan();
        const keyring = open({ files: { ...realKeyFiles, ...plan.files } });
        plan.failAt(call, fault, false);
        const outcome = await keyring.addLocal("bob", secretOf(2)).then(
          () => "added",
          (error: Error) => error.message,
        );
        const { keys, problems } = open().list();
        expect(problems).toEqual([]);
        expect(keys.map(({ name }) => name)).toEqual(
          outcome === "added" || open().has("bob") ? ["alice", "bob"] : ["alice"],
        );
        if (outcome === "added") expect(await open().sign("bob", message)).toHaveLength(64);
        else expect(outcome).toContain("injected");
        if (open().has("bob")) open().remove("bob");
        if (plan.calls < call) break;
      }
    },
  );

  it("passes an error of the link itself on, and leaves nothing behind", async () => {
    const link = () => {
      throw Object.assign(new Error("EPERM: no links here"), { code: "EPERM" });
    };
    await expect(open({ files: { ...realKeyFiles, link } }).addLocal("a", secretOf(1))).rejects.toThrow(
      "no links here",
    );
    expect(readdirSync(join(home, "keyring-file"))).toEqual([]);
  });

  it("clears away what a killed process left long ago, and nothing that may be in use", async () => {
    await open().addLocal("alice", secretOf(1));
    const leftover = (name: string, ageSeconds: number) => {
      const file = join(home, "keyring-file", name);
      writeFileSync(file, "half a ke", { mode: 0o600 });
      const time = Date.now() / 1000 - ageSeconds;
      utimesSync(file, time, time);
    };
    leftover(".old.tmp", 7_200);
    leftover(".new.tmp", 60);
    await open().addLocal("bob", secretOf(2));
    expect(readdirSync(join(home, "keyring-file")).sort()).toEqual([".new.tmp", "alice.key", "bob.key"]);
    expect(open().list().problems).toEqual([]);
  });
});
