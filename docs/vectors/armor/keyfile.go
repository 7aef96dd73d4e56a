package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/crypto/scrypt"
	"golang.org/x/text/unicode/norm"

	"weir/vectors/output"
)

type keyFile struct {
	Name       string `json:"name"`
	Passphrase string `json:"passphrase"`
	PrivateKey string `json:"privateKey"`
	File       string `json:"file"`
}

func base64Text(data []byte) string { return base64.StdEncoding.EncodeToString(data) }

// sealed writes a keyring's file from its description (docs/keyring.md) alone.
func sealed(name, passphrase string, index, n int) keyFile {
	key := private(index)
	salt := seed("file salt", index)
	nonce := seed("file nonce", index)[:chacha20poly1305.NonceSizeX]
	header := fmt.Sprintf(`"version":1,"name":"%s","type":"local","pubkey":{"@type":"/cosmos.crypto.secp256k1.PubKey","key":"%s"},`+
		`"kdf":{"name":"scrypt","n":%d,"r":8,"p":1,"salt":"%s"},"cipher":{"name":"xchacha20-poly1305","nonce":"%s"}`,
		name, base64Text(key.PubKey().Bytes()), n, base64Text(salt), base64Text(nonce))
	derived, err := scrypt.Key([]byte(norm.NFKC.String(passphrase)), salt, n, 8, 1, chacha20poly1305.KeySize)
	output.Check(err)
	aead, err := chacha20poly1305.NewX(derived)
	output.Check(err)
	body := fmt.Sprintf(`%s,"ciphertext":"%s"`, header, base64Text(aead.Seal(nil, nonce, key.Key, []byte("{"+header+"}"))))
	checksum := sha256.Sum256([]byte("{" + body + "}"))
	var indented bytes.Buffer
	output.Check(json.Indent(&indented, fmt.Appendf(nil, `{%s,"checksum":"%x"}`, body, checksum), "", "  "))
	return keyFile{name, passphrase, hex.EncodeToString(key.Key), indented.String() + "\n"}
}

func keyFiles() []keyFile {
	return []keyFile{
		sealed("alice", "12345678", 0, 1<<17),
		sealed("bob é.1", "pa\u0308ssw\u00f6rd \u2460 ﬁ 密码 🔑", 1, 1<<4),
	}
}
