import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { DirectSecp256k1HdWallet } from "@cosmjs/proto-signing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bech32Encoder, decodeBech32 } from "../../../chain/bech32.ts";
import vectors from "../../../test/vectors/armor.json" with { type: "json" };
import { devnetAccounts } from "../../devnet-accounts.ts";
import { newMnemonic } from "../../keyring/derive.ts";
import { promptsOn } from "../../keyring/prompt.ts";
import { main } from "../../main.ts";

const [alice, bob, carol] = devnetAccounts as [(typeof devnetAccounts)[0], ...typeof devnetAccounts];
const weirJs = join(import.meta.dirname, "..", "..", "weir.js");

describe("weir keys", () => {
  let home: string;
  /** All that was ever said in a test, for secrets to be looked for in it. */
  let heard: string;
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "weir-keys-"));
    heard = "";
  });
  afterEach(() => rmSync(home, { recursive: true }));

  /** `answers` are the lines of stdin. Keys are in the test backend unless the line says otherwise. */
  async function keys(line: string, ...answers: readonly string[]) {
    const environment = { WEIR_KEYRING_BACKEND: "test", WEIR_HOME: home };
    return run(["keys", ...line.split(" ")], answers, environment);
  }

  async function run(argv: readonly string[], answers: readonly string[], environment: Record<string, string>) {
    const input = new PassThrough();
    input.end(answers.map((answer) => `${answer}\n`).join(""));
    const said = { out: "", err: "" };
    const prompts = promptsOn(input, (text) => {
      said.err += text;
    });
    const code = await main(argv, {
      environment,
      prompts,
      out: (text) => {
        said.out += text;
      },
      err: (text) => {
        said.err += text;
      },
    });
    heard += said.out + said.err;
    return { code, ...said };
  }

  const recover = (name: string, { mnemonic }: { mnemonic: string }) => keys(`add ${name} --recover`, mnemonic);
  const names = async () => JSON.parse((await keys("list --list-names --output json")).out) as string[];

  it("recovers the addresses that CosmJS has, for every account and index", async () => {
    expect(devnetAccounts.length).toBeGreaterThan(3);
    for (const account of devnetAccounts) {
      const { out, code } = await recover(account.name, account);
      expect(code).toBe(0);
      expect(out).toMatch(new RegExp(`^${account.name} +local +${account.address}$`, "m"));
    }
    const mnemonic = newMnemonic();
    const wallet = await DirectSecp256k1HdWallet.fromMnemonic(mnemonic, { prefix: "weir" });
    const [first] = await wallet.getAccounts();
    const added = await keys("add first --recover --output json", mnemonic.toUpperCase());
    expect(JSON.parse(added.out)).toEqual({
      name: "first",
      type: "local",
      address: first!.address,
      pubkey: JSON.stringify({
        "@type": "/cosmos.crypto.secp256k1.PubKey",
        key: Buffer.from(first!.pubkey).toString("base64"),
      }),
    });
    const other = await keys("add other --recover --account 2 --index 5 --output json", mnemonic);
    const same = await keys("add same --recover --dry-run --hd-path m/44'/118'/2'/0/5 --output json", mnemonic);
    expect(JSON.parse(same.out).address).toBe(JSON.parse(other.out).address);
    expect(heard.toLowerCase()).not.toContain(mnemonic.split(" ").slice(0, 3).join(" "));
  });

  it("shows a new mnemonic once: beside the table, or in the JSON, and not with --no-backup", async () => {
    const added = await keys("add alice");
    const mnemonic = added.err.trim().split("\n").at(-1)!;
    expect(mnemonic.split(" ")).toHaveLength(24);
    expect(added.err).toContain("**Important** write this mnemonic phrase in a safe place.");
    expect(added.out).not.toContain(mnemonic);
    const again = await keys("add again --recover --dry-run --output json", mnemonic);
    expect(JSON.parse(again.out).address).toBe(added.out.trim().split(/\s+/).at(-1));

    const json = await keys("add bob --output json");
    expect(JSON.parse(json.out).mnemonic.split(" ")).toHaveLength(24);
    expect(json.err).not.toContain("Important");

    const hidden = await keys("add carol --no-backup");
    expect(hidden.err).not.toMatch(/(\w+ ){11}/);
    expect(JSON.parse((await keys("add dave --no-backup --output json")).out)).not.toHaveProperty("mnemonic");
  });

  it("asks for a mnemonic and BIP-39's passphrase with --interactive, and reads the mnemonic of a --source", async () => {
    const { mnemonic, passphrase, path, addresses } = vectors.derived.find((entry) => entry.passphrase === "TREZOR")!;
    const flags = `--hd-path ${path} --dry-run --output json`;
    const typed = await keys(`add a --interactive ${flags}`, mnemonic, passphrase, passphrase);
    expect(JSON.parse(typed.out)).toMatchObject({ address: addresses.weir, name: "a" });
    expect(JSON.parse(typed.out)).not.toHaveProperty("mnemonic");
    expect((await keys(`add a -i ${flags}`, mnemonic, passphrase, "another")).err).toContain("the two differ");
    const fresh = JSON.parse((await keys("add a -i -o json", "", "")).out);
    expect(fresh.mnemonic.split(" ")).toHaveLength(24);

    const source = join(home, "mnemonic.txt");
    writeFileSync(source, `${mnemonic}\n`);
    const read = await keys(`add b --recover --interactive --source ${source} ${flags}`, passphrase, passphrase);
    expect(JSON.parse(read.out).address).toBe(addresses.weir);
  });

  it("keeps nothing in a dry run", async () => {
    const { out, err } = await keys("add alice --dry-run");
    expect(out).toContain("weir1");
    expect(err).toContain("Dry run: nothing was kept.");
    expect(readdirSync(home)).toEqual([]);
  });

  it("prints what the SDK prints, in its JSON, for each kind of address", async () => {
    const single = JSON.parse(vectors.shown[0]!.pubkey);
    await keys(`add single --pubkey ${JSON.stringify(single)}`);
    const members = JSON.parse(vectors.shown[3]!.pubkey).public_keys;
    for (const [i, member] of members.slice(1).entries()) await keys(`add member${i} --pubkey-base64 ${member.key}`);
    await keys("add multi --multisig single,member0,member1 --multisig-threshold 2 --nosort");
    for (const [i, shown] of vectors.shown.entries()) {
      const { out } = await keys(`show ${shown.name} --bech ${["acc", "val", "cons"][i % 3]} --output json`);
      const { prefix, bytes } = decodeBech32(shown.address);
      const address = bech32Encoder(prefix.replace("cosmos", "weir"))(bytes);
      expect(JSON.parse(out)).toEqual({ ...shown, address });
    }
    expect((await keys("show single --address")).out).toBe(
      `${JSON.parse((await keys("list -o json")).out)[3].address}\n`,
    );
    expect((await keys("show single -p")).out).toBe(`${vectors.shown[0]!.pubkey}\n`);
  });

  it("makes a multisig by addresses' order, shows one that is not kept, and refuses what cannot be one", async () => {
    for (const account of [alice, bob!, carol!]) await recover(account.name, account);
    await keys("add sorted --multisig carol,alice,bob --multisig-threshold 2");
    const { out } = await keys("add other --multisig bob,alice,carol --multisig-threshold 2");
    expect(out).toBe("");
    expect(heard).toContain("is here already, as the key sorted");
    const kept = JSON.parse((await keys("show sorted -o json")).out);
    const shown = JSON.parse((await keys("show bob alice carol --multisig-threshold 2 -o json")).out);
    expect(shown).toMatchObject({ name: "multi", type: "multi" });
    const keysOf = (pubkey: string) => JSON.parse(pubkey).public_keys.map(({ key }: { key: string }) => key);
    expect(keysOf(shown.pubkey).sort()).toEqual(keysOf(kept.pubkey).sort());
    expect((await keys("show sorted")).out).toContain("2 of 3 keys sign.");

    expect((await keys("add m --multisig alice,bob --multisig-threshold 3")).err).toContain(
      "threshold k of n multisignature: 2 < 3",
    );
    expect((await keys("add m --multisig alice,bob --multisig-threshold 0")).err).toContain("positive integer");
    expect((await keys("add m --multisig alice,alice")).err).toContain("duplicate multisig keys: alice");
    expect((await keys("add m --multisig alice,nobody")).err).toContain("nobody: key not found");
    expect((await keys("add m --multisig alice --recover")).err).toContain("cannot be used together");
  });

  it("refuses ed25519 with the reason, by every way in", async () => {
    const reason = "ed25519 keys cannot sign for accounts";
    const key = Buffer.alloc(32, 1).toString("base64");
    writeFileSync(join(home, "ed.armor"), vectors.ed25519[0]!);
    expect((await keys("add a --algo ed25519")).err).toContain(reason);
    expect((await keys(`add a --pubkey {"@type":"/cosmos.crypto.ed25519.PubKey","key":"${key}"}`)).err).toContain(
      reason,
    );
    expect((await keys(`import a ${join(home, "ed.armor")}`, "12345678")).err).toContain(reason);
    expect((await keys("add a --key-type sr25519")).err).toContain("expected secp256k1");
    expect(await names()).toEqual([]);
  });

  it("exports what it imports, and what the SDK exports", async () => {
    const [entry] = vectors.argon2;
    const file = join(home, "key.armor");
    writeFileSync(file, entry!.armor);
    expect((await keys(`import theirs ${file}`, entry!.passphrase)).code).toBe(0);
    expect((await keys(`import theirs ${file}`, entry!.passphrase)).err).toContain("the key theirs exists already");
    const exported = await keys("export theirs", "another passphrase");
    expect(exported.out).toMatch(/^-----BEGIN TENDERMINT PRIVATE KEY-----\nkdf: argon2\n/);
    await keys("delete theirs --yes");
    writeFileSync(file, exported.out);
    expect((await keys(`import back ${file}`, "another passphrase")).code).toBe(0);
    expect(heard).not.toContain(entry!.privateKey);
    const hex = await keys("export back --unarmored-hex --unsafe", "y");
    expect(hex.out).toBe(`${entry!.privateKey}\n`);
    await keys("delete back -y");
    expect((await keys("import-hex hex", hex.out.trim())).code).toBe(0);
  });

  it("exports nothing bare that was not insisted on", async () => {
    await keys("add alice --no-backup");
    expect((await keys("export alice --unarmored-hex")).err).toContain("must be used together");
    expect((await keys("export alice --unsafe")).code).toBe(2);
    const refused = await keys("export alice --unarmored-hex --unsafe", "n");
    expect(refused).toMatchObject({ code: 1, out: "" });
    expect(refused.err).toContain("not exported: it takes a y, or --yes");
    expect((await keys("export alice", "short")).err).toContain("8 characters or more");
    expect((await keys("export alice")).err).toContain("no passphrase for the exported key was given");
  });

  it("deletes and renames what it was told to twice", async () => {
    for (const name of ["a", "b", "c"]) await keys(`add ${name} --no-backup`);
    expect((await keys("delete a b", "y", "n")).code).toBe(1);
    expect(await names()).toEqual(["b", "c"]);
    expect((await keys("rename b c --yes")).err).toContain("the key c exists already");
    expect((await keys("rename b d")).err).toContain("not renamed");
    expect((await keys("rename b d", "yes")).code).toBe(0);
    expect((await keys("delete nobody c d --yes")).code).toBe(1);
    expect(await names()).toEqual([]);
    expect(heard).toContain("key nobody not found");
    expect((await keys("rename nobody x")).err).toContain("nobody: key not found");
  });

  it("deletes a key whose file is damaged, and lists the others until then with exit code 1", async () => {
    await keys("add alice --no-backup");
    await keys("add bob --no-backup");
    writeFileSync(join(home, "keyring-test", "alice.key"), "{");
    const listed = await keys("list");
    expect(listed.code).toBe(1);
    expect(listed.out).toContain("bob");
    expect(listed.err).toContain("alice.key is damaged: it is cut off or not JSON");
    expect((await keys("delete alice", "y")).code).toBe(0);
    expect((await keys("list")).code).toBe(0);
  });

  it("converts addresses between hexadecimal and every prefix", async () => {
    const { out } = await keys(`parse ${alice.address} -o json`);
    const { human, bytes } = JSON.parse(out);
    expect(human).toBe("weir");
    const { formats } = JSON.parse((await keys(`parse ${bytes} -o json`)).out);
    expect(formats.map((format: string) => format.split("1")[0])).toEqual([
      "weir",
      "weirpub",
      "weirvaloper",
      "weirvaloperpub",
      "weirvalcons",
      "weirvalconspub",
    ]);
    expect(formats[0]).toBe(alice.address);
    for (const format of formats) expect(JSON.parse((await keys(`parse ${format} -o json`)).out).bytes).toBe(bytes);
    expect((await keys(`parse ${vectors.shown[0]!.address}`)).out).toContain("prefix  cosmos\n");
    expect((await keys(`parse ${bytes.toLowerCase()}`)).out).toContain(`${alice.address}\n`);
    for (const bad of ["xyz", "abc", `${alice.address}x`]) {
      expect((await keys(`parse ${bad}`)).err).toContain("couldn't find valid bech32 nor hex data");
    }
  });

  it("makes mnemonics, of the system's randomness or of dice", async () => {
    const { out } = await keys("mnemonic");
    expect(out.trim().split(" ")).toHaveLength(24);
    const dice = "1234561234561234561234561234561234561234561234561234";
    const rolled = await keys("mnemonic --unsafe-entropy --yes", dice);
    expect((await keys("mnemonic --unsafe-entropy", dice, "y")).out).toBe(rolled.out);
    expect((await keys("mnemonic --unsafe-entropy", dice, "n")).out).toBe("");
    expect((await keys("mnemonic --unsafe-entropy", "4")).err).toContain("You entered 1, and probably want more");
  });

  it("repeats no secret that was typed where it does not belong", async () => {
    const lines = [
      `add alice --recover ${alice.mnemonic}`,
      `add alice --passphrase=${alice.mnemonic.replaceAll(" ", "-")}`,
      `import-hex alice ${"5ec2e7".repeat(10)}5ec2`,
    ];
    for (const line of lines) expect((await keys(line)).code, line).toBe(2);
    expect((await keys("add alice --recover", `${alice.mnemonic} ${alice.mnemonic}`)).code).toBe(1);
    expect((await keys("import-hex alice", "5ec2e7")).code).toBe(1);
    writeFileSync(join(home, "not.armor"), alice.mnemonic);
    expect((await keys(`import alice ${join(home, "not.armor")}`, "5ec2e7 passphrase")).code).toBe(1);
    for (const word of [...alice.mnemonic.split(" ").slice(0, 4), "5ec2e7"]) expect(heard).not.toContain(word);
  });

  it("refuses wrong flags before it asks for anything", async () => {
    const cases: readonly (readonly [string, string])[] = [
      ["add a --keyring-backend os", "--keyring-backend os: expected file or test"],
      ["add a --index x", "--index is x; expected a number"],
      ["add a --index 2147483648", "--index is 2147483648; expected a number from 0 to 2147483647"],
      ["add a --source f", "--source goes with --recover"],
      ["add a --pubkey {", "--pubkey is not JSON"],
      ["add a --recover", "no mnemonic was given"],
      ["show a -a -p", "cannot use both --address and --pubkey"],
      ["show a -a -o json", "cannot use --output with --address or --pubkey"],
      ["show a --bech x", "weir: "],
      ["import a nowhere", "weir: "],
    ];
    for (const [line, reason] of cases) {
      const { code, err } = await keys(line);
      expect(err, line).toContain(reason);
      expect(code, line).toBeGreaterThan(0);
    }
  });

  describe("with an encrypted keyring", () => {
    const inFile = { WEIR_KEYRING_BACKEND: "file" };
    const file = (line: string, ...answers: readonly string[]) =>
      run(["keys", ...line.split(" ")], answers, { ...inFile, WEIR_HOME: home });

    it("takes the mnemonic and then the passphrase from stdin, or the passphrase from a file", async () => {
      const passphraseFile = join(home, "passphrase");
      writeFileSync(passphraseFile, "hunter2 hunter2\r\nnot this line\n", { mode: 0o600 });
      expect((await file("add alice --recover", alice.mnemonic, "hunter2 hunter2", "hunter2 hunter2")).code).toBe(0);
      expect((await file(`add bob --no-backup --passphrase-file ${passphraseFile}`)).code).toBe(0);
      expect((await file("add carol", "wrong passphrase")).err).toMatch(/weir: wrong passphrase\n$/);
      expect((await file("add carol")).err).toContain("no passphrase was given");
      chmodSync(passphraseFile, 0o644);
      const open = await file(`rename bob dave --yes --passphrase-file ${passphraseFile}`);
      expect(open.err).toContain("can read");
      const listed = await file("list");
      expect(listed.out).toContain(alice.address);
      expect(readdirSync(join(home, "keyring-file"))).toEqual(["alice.key", "dave.key"]);
      const text = readFileSync(join(home, "keyring-file", "alice.key"), "utf8");
      expect(text).toContain('"n": 131072');
      for (const secret of ["hunter2", "humble pudding"]) expect(heard + text).not.toContain(secret);
    });

    it("works as a process: secrets from stdin, an exit code, and no secret on either output", async () => {
      const child = spawn(process.execPath, [weirJs, "keys", "add", "alice", "--recover", "--home", home]);
      const said = { out: "", err: "" };
      child.stdout.on("data", (bytes: Buffer) => {
        said.out += bytes.toString();
      });
      child.stderr.on("data", (bytes: Buffer) => {
        said.err += bytes.toString();
      });
      // Stdin stays open: the process must end though more could come.
      child.stdin.write(`${alice.mnemonic}\nhunter2 hunter2\nhunter2 hunter2\n`);
      const [code] = await once(child, "close");
      expect({ code, err: said.err }).toEqual({ code: 0, err: "" });
      expect(said.out).toBe(`NAME   TYPE   ADDRESS\nalice  local  ${alice.address}\n`);
    });
  });
});
