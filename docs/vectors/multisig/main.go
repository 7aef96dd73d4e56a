// Writes test/vectors/multisig.json: amino bytes, addresses and protobuf of public keys, and what cosmos-sdk says to multisig signatures.
package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/crypto/keys/ed25519"
	"github.com/cosmos/cosmos-sdk/crypto/keys/multisig"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"

	"weir/vectors/output"
)

type key struct {
	Name    string `json:"name"`
	TypeURL string `json:"typeUrl"`
	Value   string `json:"value"`
	Amino   string `json:"amino"`
	Address string `json:"address"`
}

type bits struct {
	ExtraBitsStored uint32 `json:"extraBitsStored"`
	Elems           string `json:"elems"`
	Count           int    `json:"count"`
	Text            string `json:"text"`
}

type check struct {
	Name       string   `json:"name"`
	Key        string   `json:"key"`
	Extra      uint32   `json:"extraBitsStored"`
	Elems      string   `json:"elems"`
	Signatures []string `json:"signatures"`
	Error      string   `json:"error"`
}

func seed(name string, index int) []byte {
	sum := sha256.Sum256(binary.BigEndian.AppendUint32([]byte(name), uint32(index)))
	return sum[:]
}

func secp(index int) *secp256k1.PrivKey { return &secp256k1.PrivKey{Key: seed("secp256k1", index)} }

func ed(index int) cryptotypes.PubKey {
	return ed25519.GenPrivKeyFromSecret(seed("ed25519", index)).PubKey()
}

func secps(count int) []cryptotypes.PubKey {
	var keys []cryptotypes.PubKey
	for i := range count {
		keys = append(keys, secp(i).PubKey())
	}
	return keys
}

func describe(name string, publicKey cryptotypes.PubKey) key {
	packed, err := codectypes.NewAnyWithValue(publicKey)
	output.Check(err)
	amino := multisig.AminoCdc.MustMarshal(publicKey)
	return key{name, packed.TypeUrl, hex.EncodeToString(packed.Value), hex.EncodeToString(amino), hex.EncodeToString(publicKey.Address())}
}

func keys() []key {
	all := []key{describe("secp256k1", secp(0).PubKey()), describe("ed25519", ed(0))}
	for count := 1; count <= 7; count++ {
		for threshold := 1; threshold <= count; threshold++ {
			all = append(all, describe(fmt.Sprintf("%d of %d", threshold, count), multisig.NewLegacyAminoPubKey(threshold, secps(count))))
		}
	}
	inner := multisig.NewLegacyAminoPubKey(1, secps(2))
	all = append(all,
		describe("mixed curves", multisig.NewLegacyAminoPubKey(2, []cryptotypes.PubKey{secp(0).PubKey(), ed(1), secp(2).PubKey()})),
		describe("a key twice", multisig.NewLegacyAminoPubKey(2, []cryptotypes.PubKey{secp(0).PubKey(), secp(0).PubKey()})),
		describe("nested", multisig.NewLegacyAminoPubKey(2, []cryptotypes.PubKey{inner, secp(5).PubKey()})),
		describe("threshold of two bytes", multisig.NewLegacyAminoPubKey(200, secps(200))))
	return all
}

func arrays() []bits {
	var all []bits
	for _, size := range []int{1, 2, 7, 8, 9, 15, 16, 17} {
		array := cryptotypes.NewCompactBitArray(size)
		for i := 0; i < size; i += 3 {
			array.SetIndex(i, true)
		}
		text, err := array.MarshalJSON()
		output.Check(err)
		all = append(all, bits{array.ExtraBitsStored, hex.EncodeToString(array.Elems), array.Count(), string(text)})
	}
	return all
}

// message is what every signature here signs, whatever its mode.
var message = []byte("sign me")

func verify(name string, threshold, count int, extra uint32, elems []byte, signers []int) check {
	publicKey := multisig.NewLegacyAminoPubKey(threshold, secps(count))
	data := &signing.MultiSignatureData{BitArray: &cryptotypes.CompactBitArray{ExtraBitsStored: extra, Elems: elems}}
	var texts []string
	for _, signer := range signers {
		signature, err := secp(signer).Sign(message)
		output.Check(err)
		texts = append(texts, hex.EncodeToString(signature))
		data.Signatures = append(data.Signatures, &signing.SingleSignatureData{SignMode: signing.SignMode_SIGN_MODE_LEGACY_AMINO_JSON, Signature: signature})
	}
	result := ""
	err := publicKey.VerifyMultisignature(func(signing.SignMode) ([]byte, error) { return message, nil }, data)
	if err != nil {
		result = err.Error()
	}
	return check{name, describe("", publicKey).Value, extra, hex.EncodeToString(elems), texts, result}
}

func checks() []check {
	return []check{
		verify("the first two of three", 2, 3, 3, []byte{0b1100_0000}, []int{0, 1}),
		verify("the outer two of three", 2, 3, 3, []byte{0b1010_0000}, []int{0, 2}),
		verify("all of three", 2, 3, 3, []byte{0b1110_0000}, []int{0, 1, 2}),
		verify("eight of eight", 8, 8, 0, []byte{0xff}, []int{0, 1, 2, 3, 4, 5, 6, 7}),
		verify("the ninth of nine", 1, 9, 1, []byte{0, 0b1000_0000}, []int{8}),
		verify("in the wrong order", 2, 3, 3, []byte{0b1100_0000}, []int{1, 0}),
		verify("the wrong key's signature", 2, 3, 3, []byte{0b1100_0000}, []int{0, 2}),
		verify("too few signatures", 2, 3, 3, []byte{0b1000_0000}, []int{0}),
		verify("too few bits", 2, 3, 3, []byte{0b1000_0000}, []int{0, 1}),
		verify("more bits than signatures", 2, 3, 3, []byte{0b1110_0000}, []int{0, 1}),
		verify("more signatures than keys", 2, 3, 3, []byte{0b1110_0000}, []int{0, 1, 2, 2}),
		verify("more signatures than bits", 2, 3, 3, []byte{0b1100_0000}, []int{0, 1, 2}),
		verify("an array of two for three keys", 2, 3, 2, []byte{0b1100_0000}, []int{0, 1}),
		verify("an array of eight for three keys", 2, 3, 0, []byte{0b1100_0000}, []int{0, 1}),
		verify("an array of two bytes for three keys", 2, 3, 3, []byte{0b1100_0000, 0}, []int{0, 1}),
		verify("an empty array", 2, 3, 0, []byte{}, []int{0, 1}),
		verify("bits beyond the size", 2, 3, 3, []byte{0b1101_1111}, []int{0, 1}),
		verify("eleven extra bits", 2, 3, 11, []byte{}, []int{0, 1}),
	}
}

func main() {
	output.Write("multisig", map[string]any{"keys": keys(), "bitArrays": arrays(), "message": hex.EncodeToString(message), "checks": checks()})
}
