/** Exports keys for docs/vectors/armor, which has cosmos-sdk import them: one line of JSON. Salts are fixed, so that it is the same each time. */
import { encryptPrivateKey } from "../../cli/keyring/privatekeyarmor.ts";

const passphrases = ["12345678", "correct horse battery staple", "pässwörd ½ 密码 🔑", "p".repeat(100)];

const exported = await Promise.all(
  passphrases.map(async (passphrase, i) => {
    const privateKey = new Uint8Array(32).fill(i + 1);
    const salt = new Uint8Array(16).fill(0xa0 + i);
    const armor = await encryptPrivateKey(privateKey, passphrase, salt);
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
    return { passphrase, privateKey: hex(privateKey), salt: hex(salt), armor };
  }),
);
process.stdout.write(JSON.stringify(exported));
