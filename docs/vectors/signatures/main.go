// Writes test/vectors/signatures.json: edge cases of both curves with the answers of cosmos-sdk and CometBFT.
package main

import (
	"encoding/hex"

	"weir/vectors/output"
)

type check struct {
	Name      string `json:"name"`
	PublicKey string `json:"publicKey"`
	Signature string `json:"signature"`
	Message   string `json:"message"`
	IsGood    bool   `json:"isGood"`
}

func newCheck(name string, publicKey, signature, message []byte, isGood bool) check {
	return check{name, hex.EncodeToString(publicKey), hex.EncodeToString(signature), hex.EncodeToString(message), isGood}
}

func main() {
	output.Write("signatures", map[string]any{"secp256k1": secp256k1Checks(), "ed25519": ed25519Checks()})
}
