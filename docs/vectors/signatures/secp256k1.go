package main

import (
	"crypto/sha256"
	"math/big"

	sdksecp "github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	"github.com/decred/dcrd/dcrec/secp256k1/v4"
	"github.com/decred/dcrd/dcrec/secp256k1/v4/ecdsa"

	"weir/vectors/output"
)

var order = secp256k1.S256().Params().N
var field = secp256k1.S256().Params().P

func word(value *big.Int) []byte { return value.FillBytes(make([]byte, 32)) }

func plus(value *big.Int, difference int64) *big.Int {
	return new(big.Int).Add(value, big.NewInt(difference))
}

func join(parts ...[]byte) []byte {
	var all []byte
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

func secpKey(index byte) *sdksecp.PrivKey {
	sum := sha256.Sum256([]byte{'k', index})
	return &sdksecp.PrivKey{Key: sum[:]}
}

// keyForS is the public key for which (r of k·G, s) signs the message: Q = (s·R - z·G) / r.
func keyForS(k, s *big.Int, message []byte) ([]byte, *big.Int) {
	curve := secp256k1.S256()
	x, y := curve.ScalarBaseMult(word(k))
	r := new(big.Int).Mod(x, order)
	digest := sha256.Sum256(message)
	z := new(big.Int).SetBytes(digest[:])
	inverse := new(big.Int).ModInverse(r, order)
	sx, sy := curve.ScalarMult(x, y, word(s))
	negative := new(big.Int).Mod(new(big.Int).Neg(z), order)
	zx, zy := curve.ScalarBaseMult(word(negative))
	qx, qy := curve.Add(sx, sy, zx, zy)
	qx, qy = curve.ScalarMult(qx, qy, word(inverse))
	prefix := byte(2 + qy.Bit(0))
	return join([]byte{prefix}, word(qx)), r
}

func secp256k1Checks() []check {
	var all []check
	add := func(name string, publicKey, signature, message []byte) {
		isGood := (&sdksecp.PubKey{Key: publicKey}).VerifySignature(message, signature)
		all = append(all, newCheck(name, publicKey, signature, message, isGood))
	}
	message := []byte("a message")
	private := secpKey(0)
	public := private.PubKey().Bytes()
	signature, err := private.Sign(message)
	output.Check(err)
	r, s := signature[:32], signature[32:]
	half := new(big.Int).Rsh(order, 1)
	zero, one := new(big.Int), big.NewInt(1)

	for i := range byte(20) {
		own := secpKey(i)
		text := make([]byte, int(i)*37)
		good, err := own.Sign(text)
		output.Check(err)
		add("good", own.PubKey().Bytes(), good, text)
	}
	add("another message", public, signature, []byte("another message"))
	add("another key", secpKey(1).PubKey().Bytes(), signature, message)
	add("high s", public, join(r, word(new(big.Int).Sub(order, new(big.Int).SetBytes(s)))), message)
	values := []struct {
		name  string
		value *big.Int
	}{{"0", zero}, {"1", one}, {"n/2", half}, {"n/2 + 1", plus(half, 1)}, {"n - 1", plus(order, -1)}, {"n", order}, {"n + 1", plus(order, 1)},
		{"p - 1", plus(field, -1)}, {"p", field}, {"2^256 - 1", plus(new(big.Int).Lsh(one, 256), -1)}}
	for _, value := range values {
		add("r = "+value.name, public, join(word(value.value), s), message)
		add("s = "+value.name, public, join(r, word(value.value)), message)
		add("r = s = "+value.name, public, join(word(value.value), word(value.value)), message)
	}

	small := big.NewInt(12345)
	crafted, craftedR := keyForS(big.NewInt(7), small, message)
	add("a key made for a small s", crafted, join(word(craftedR), word(small)), message)
	add("s + n for a small s", crafted, join(word(craftedR), word(new(big.Int).Add(small, order))), message)
	crafted, craftedR = keyForS(big.NewInt(7), half, message)
	add("a key made for s = n/2", crafted, join(word(craftedR), word(half)), message)
	crafted, craftedR = keyForS(big.NewInt(7), plus(half, 1), message)
	add("a key made for s = n/2 + 1", crafted, join(word(craftedR), word(plus(half, 1))), message)
	crafted, craftedR = keyForS(big.NewInt(7), one, message)
	add("a key made for s = 1", crafted, join(word(craftedR), word(one)), message)

	add("no signature", public, nil, message)
	add("63 bytes", public, signature[:63], message)
	add("65 bytes", public, join(signature, []byte{0}), message)
	add("65 bytes, recovery first", public, join([]byte{0}, signature), message)
	var dr, ds secp256k1.ModNScalar
	dr.SetByteSlice(r)
	ds.SetByteSlice(s)
	add("DER", public, ecdsa.NewSignature(&dr, &ds).Serialize(), message)

	parsed, err := secp256k1.ParsePubKey(public)
	output.Check(err)
	long := parsed.SerializeUncompressed()
	hybrid := join([]byte{6 + long[64]&1}, long[1:])
	add("an uncompressed key", long, signature, message)
	add("a hybrid key", hybrid, signature, message)
	add("an uncompressed key cut to 33 bytes", long[:33], signature, message)
	add("a key of 32 bytes", public[1:], signature, message)
	add("a key of 34 bytes", join(public, []byte{0}), signature, message)
	add("no key", nil, signature, message)
	add("a key of zeros", make([]byte, 33), signature, message)
	add("the other point", join([]byte{public[0] ^ 1}, public[1:]), signature, message)
	for _, prefix := range []byte{0, 1, 4, 5, 6, 7, 0xff} {
		add("a key with a wrong first byte", join([]byte{prefix}, public[1:]), signature, message)
	}
	for _, prefix := range []byte{2, 3} {
		for _, x := range []*big.Int{zero, one, big.NewInt(5), plus(field, -1), field, plus(field, 1), plus(new(big.Int).Lsh(one, 256), -1)} {
			add("a key at the edge of the field", join([]byte{prefix}, word(x)), signature, message)
		}
	}
	return all
}
