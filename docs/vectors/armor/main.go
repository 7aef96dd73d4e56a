// Writes test/vectors/armor.json: private keys as cosmos-sdk exports them, ours as it imports them, keys derived from mnemonics, and how
// `keys` shows public keys, and files of the keyring. It runs `node`, with which our own export is made.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"

	"github.com/cosmos/cosmos-sdk/client/keys"
	"github.com/cosmos/cosmos-sdk/codec/legacy"
	"github.com/cosmos/cosmos-sdk/crypto"
	"github.com/cosmos/cosmos-sdk/crypto/hd"
	"github.com/cosmos/cosmos-sdk/crypto/keyring"
	"github.com/cosmos/cosmos-sdk/crypto/keys/bcrypt"
	"github.com/cosmos/cosmos-sdk/crypto/keys/ed25519"
	"github.com/cosmos/cosmos-sdk/crypto/keys/multisig"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	"github.com/cosmos/cosmos-sdk/types/bech32"
	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/crypto/nacl/secretbox"

	"weir/vectors/output"
)

type exported struct {
	Passphrase string `json:"passphrase"`
	PrivateKey string `json:"privateKey"`
	Salt       string `json:"salt,omitempty"`
	Armor      string `json:"armor"`
}

type refused struct {
	Name       string `json:"name"`
	Passphrase string `json:"passphrase"`
	Armor      string `json:"armor"`
	Error      string `json:"error"`
}

type block struct {
	Data  string `json:"data"`
	Armor string `json:"armor"`
}

type derived struct {
	Mnemonic   string            `json:"mnemonic"`
	Passphrase string            `json:"passphrase"`
	Path       string            `json:"path"`
	PrivateKey string            `json:"privateKey"`
	Addresses  map[string]string `json:"addresses"`
}

var passphrases = []string{"12345678", "correct horse battery staple", "pässwörd ½ 密码 🔑", "", "e\u0301t\u00e9", string(bytes.Repeat([]byte("long "), 18))}

func seed(name string, index int) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", name, index))
	return sum[:]
}

func private(index int) *secp256k1.PrivKey { return &secp256k1.PrivKey{Key: seed("key", index)} }

// argon2Armor is EncryptArmorPrivKey with a salt that does not change from run to run; one header, because Go's maps have no order.
func argon2Armor(key cryptotypes.PrivKey, passphrase string, salt []byte) string {
	secret := argon2.IDKey([]byte(passphrase), salt, 1, 64*1024, 4, chacha20poly1305.KeySize)
	aead, err := chacha20poly1305.New(secret)
	output.Check(err)
	return withHeaders("argon2", salt, aead.Seal(nil, make([]byte, aead.NonceSize()), legacy.Cdc.MustMarshal(key), nil))
}

// bcryptArmor is what cosmos-sdk wrote before Argon2.
func bcryptArmor(key cryptotypes.PrivKey, passphrase string, salt []byte) string {
	hash, err := bcrypt.GenerateFromPassword(salt, []byte(passphrase), 12)
	output.Check(err)
	secret := sha256.Sum256(hash)
	var nonce [24]byte
	copy(nonce[:], seed("nonce", int(salt[0])))
	return withHeaders("bcrypt", salt, secretbox.Seal(nonce[:], legacy.Cdc.MustMarshal(key), &nonce, &secret))
}

// withHeaders repeats until the map's order is the one wanted, so that the file stays the same.
func withHeaders(kdf string, salt, data []byte) string {
	headers := map[string]string{"kdf": kdf, "salt": fmt.Sprintf("%X", salt), "type": "secp256k1"}
	wanted := fmt.Sprintf("kdf: %s\nsalt: %X\ntype: secp256k1\n\n", kdf, salt)
	for {
		text := crypto.EncodeArmor("TENDERMINT PRIVATE KEY", headers, data)
		if bytes.Contains([]byte(text), []byte(wanted)) {
			return text
		}
	}
}

func requireImports(entry exported) {
	key, algo, err := crypto.UnarmorDecryptPrivKey(entry.Armor, entry.Passphrase)
	output.Check(err)
	if algo != "secp256k1" || hex.EncodeToString(key.Bytes()) != entry.PrivateKey {
		panic("cosmos-sdk imports another key than was exported")
	}
}

func exports(armor func(cryptotypes.PrivKey, string, []byte) string) []exported {
	var all []exported
	for i, passphrase := range passphrases {
		salt := seed("salt", i)[:16]
		entry := exported{passphrase, hex.EncodeToString(private(i).Key), hex.EncodeToString(salt), armor(private(i), passphrase, salt)}
		requireImports(entry)
		all = append(all, entry)
	}
	return all
}

// ours is what our own export makes, which cosmos-sdk must import.
func ours() []exported {
	command := exec.Command("node", "../../test/helpers/exportarmor.ts")
	command.Stderr = os.Stderr
	text, err := command.Output()
	output.Check(err)
	var all []exported
	output.Check(json.Unmarshal(text, &all))
	for _, entry := range all {
		requireImports(entry)
	}
	return all
}

func refusals() []refused {
	salt := seed("salt", 0)[:16]
	good := argon2Armor(private(0), "12345678", salt)
	cases := []refused{
		{Name: "wrong passphrase", Passphrase: "12345679", Armor: good},
		{Name: "wrong passphrase under bcrypt", Passphrase: "12345679", Armor: bcryptArmor(private(0), "12345678", salt)},
		{Name: "another kdf", Passphrase: "12345678", Armor: string(bytes.Replace([]byte(good), []byte("argon2"), []byte("scrypt"), 1))},
		{Name: "no salt", Passphrase: "12345678", Armor: string(bytes.Replace([]byte(good), fmt.Appendf(nil, "salt: %X\n", salt), nil, 1))},
		{Name: "a public key", Passphrase: "12345678", Armor: crypto.EncodeArmor("TENDERMINT PUBLIC KEY", map[string]string{"version": "0.0.1"}, private(0).PubKey().Bytes())},
		{Name: "a changed character", Passphrase: "12345678", Armor: changed(good)},
		{Name: "cut off", Passphrase: "12345678", Armor: good[:len(good)/2]},
	}
	for i, entry := range cases {
		key, _, err := crypto.UnarmorDecryptPrivKey(entry.Armor, entry.Passphrase)
		if key != nil {
			panic(entry.Name + " is imported")
		}
		// Of a text that is too short v0.53 answers neither a key nor an error.
		if err != nil {
			cases[i].Error = err.Error()
		}
	}
	return cases
}

// changed exchanges a letter of the body.
func changed(armor string) string {
	text := []byte(armor)
	at := bytes.Index(text, []byte("\n\n")) + 10
	text[at] ^= 1
	return string(text)
}

// ed25519Keys can be exported by cosmos-sdk, and are none of an account.
func ed25519Keys() []string {
	key := ed25519.GenPrivKeyFromSecret(seed("ed25519", 0))
	return []string{argon2Armor(key, "12345678", seed("salt", 1)[:16])}
}

func blocks() []block {
	var all []block
	for size := range 100 {
		data := bytes.Repeat(seed("data", size), 4)[:size]
		all = append(all, block{hex.EncodeToString(data), crypto.EncodeArmor("DATA", map[string]string{"a": "b c: d"}, data)})
	}
	return all
}

var mnemonics = []string{
	"abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about",
	"legal winner thank year wave sausage worth useful legal winner thank yellow",
	"zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong",
	"letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor acoustic bless",
	"void come effort suffer camp survey warrior heavy shoot primary clutch crush open amazing screen patrol group space point ten exist slush involve unfold",
}

var paths = []string{"m/44'/118'/0'/0/0", "m/44'/118'/0'/0/1", "m/44'/118'/7'/0/2147483647", "44'/60'/0'/0/0", "m/0'"}

func derivations() []derived {
	var all []derived
	for i, mnemonic := range mnemonics {
		for j, path := range paths {
			passphrase := []string{"", "TREZOR"}[(i+j)%2]
			key, err := hd.Secp256k1.Derive()(mnemonic, passphrase, path)
			output.Check(err)
			address := (&secp256k1.PrivKey{Key: key}).PubKey().Address()
			addresses := map[string]string{}
			for _, prefix := range []string{"cosmos", "weir"} {
				addresses[prefix], err = bech32.ConvertAndEncode(prefix, address)
				output.Check(err)
			}
			all = append(all, derived{mnemonic, passphrase, path, hex.EncodeToString(key), addresses})
		}
	}
	return all
}

// shown is what `keys show --output json` prints, with the SDK's own address prefix.
func shown() []keys.KeyOutput {
	members := []cryptotypes.PubKey{private(0).PubKey(), private(1).PubKey(), private(2).PubKey()}
	single, err := keyring.NewOfflineRecord("single", members[0])
	output.Check(err)
	multi, err := keyring.NewMultiRecord("multi", multisig.NewLegacyAminoPubKey(2, members))
	output.Check(err)
	var all []keys.KeyOutput
	for _, record := range []*keyring.Record{single, multi} {
		for _, make := range []func(*keyring.Record) (keys.KeyOutput, error){keys.MkAccKeyOutput, keys.MkValKeyOutput, keys.MkConsKeyOutput} {
			out, err := make(record)
			output.Check(err)
			all = append(all, out)
		}
	}
	return all
}

func main() {
	output.Write("armor", map[string]any{
		"argon2": exports(argon2Armor), "bcrypt": exports(bcryptArmor), "ours": ours(), "refused": refusals(), "ed25519": ed25519Keys(),
		"files": keyFiles(), "blocks": blocks(), "derived": derivations(), "shown": shown(),
	})
}
