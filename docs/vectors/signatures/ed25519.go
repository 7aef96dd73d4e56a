package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"math/big"

	"filippo.io/edwards25519"
	comet "github.com/cometbft/cometbft/crypto/ed25519"
	sdked "github.com/cosmos/cosmos-sdk/crypto/keys/ed25519"

	"weir/vectors/output"
)

// L, little-endian when written.
var groupOrder, _ = new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)

func little(value *big.Int) []byte {
	bytes := value.FillBytes(make([]byte, 32))
	for i, j := 0, 31; i < j; i, j = i+1, j-1 {
		bytes[i], bytes[j] = bytes[j], bytes[i]
	}
	return bytes
}

// smallOrder is every encoding that decodes to a point of order 1, 2, 4 or 8, the non-canonical ones included.
func smallOrder() [][]byte {
	prime := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))
	var found [][]byte
	try := func(y *big.Int, sign byte) {
		encoded := little(y)
		encoded[31] |= sign << 7
		point, err := new(edwards25519.Point).SetBytes(encoded)
		if err == nil && new(edwards25519.Point).MultByCofactor(point).Equal(edwards25519.NewIdentityPoint()) == 1 {
			found = append(found, encoded)
		}
	}
	eight, _ := new(big.Int).SetString("2707385501144840649318225287225658788936804267575313519463743609750303402022", 10)
	for _, y := range []*big.Int{big.NewInt(0), big.NewInt(1), plus(prime, -1), prime, plus(prime, 1), eight, new(big.Int).Sub(prime, eight)} {
		try(y, 0)
		try(y, 1)
	}
	return found
}

func challenge(r, a, message []byte) *edwards25519.Scalar {
	sum := sha512.Sum512(join(r, a, message))
	scalar, err := edwards25519.NewScalar().SetUniformBytes(sum[:])
	output.Check(err)
	return scalar
}

func scalarOf(name string) *edwards25519.Scalar {
	sum := sha512.Sum512([]byte(name))
	scalar, err := edwards25519.NewScalar().SetUniformBytes(sum[:])
	output.Check(err)
	return scalar
}

// withTorsion signs as the owner of a·B + t, with nonce point r·B + u: the equation holds with the cofactor, and without it by chance.
func withTorsion(index int, t, u *edwards25519.Point) (publicKey, signature, message []byte) {
	message = []byte(fmt.Sprintf("torsion %d", index))
	a, r := scalarOf("a"), scalarOf("r")
	publicKey = new(edwards25519.Point).Add(new(edwards25519.Point).ScalarBaseMult(a), t).Bytes()
	nonce := new(edwards25519.Point).Add(new(edwards25519.Point).ScalarBaseMult(r), u).Bytes()
	s := edwards25519.NewScalar().MultiplyAdd(challenge(nonce, publicKey, message), a, r)
	return publicKey, join(nonce, s.Bytes()), message
}

func ed25519Checks() []check {
	var all []check
	add := func(name string, publicKey, signature, message []byte) {
		isGood := len(publicKey) == 32 && (&sdked.PubKey{Key: publicKey}).VerifySignature(message, signature)
		if len(publicKey) == 32 && isGood != comet.PubKey(publicKey).VerifySignature(message, signature) {
			panic("cosmos-sdk and CometBFT differ: " + name)
		}
		all = append(all, newCheck(name, publicKey, signature, message, isGood))
	}
	seed := sha256.Sum256([]byte("ed25519"))
	private := ed25519.NewKeyFromSeed(seed[:])
	public := []byte(private.Public().(ed25519.PublicKey))
	message := []byte("a message")
	signature := ed25519.Sign(private, message)
	r, s := signature[:32], signature[32:]

	for length := range 20 {
		text := make([]byte, length*37)
		add("good", public, ed25519.Sign(private, text), text)
	}
	add("another message", public, signature, []byte("another message"))
	value := new(big.Int).SetBytes(reversed(s))
	for factor := int64(1); factor < 15; factor++ {
		add("s + a multiple of L", public, join(r, little(new(big.Int).Add(value, new(big.Int).Mul(groupOrder, big.NewInt(factor))))), message)
	}
	for _, edge := range []*big.Int{big.NewInt(0), big.NewInt(1), plus(groupOrder, -1), groupOrder, plus(groupOrder, 1)} {
		add("s at an edge", public, join(r, little(edge)), message)
	}
	add("63 bytes", public, signature[:63], message)
	add("65 bytes", public, join(signature, []byte{0}), message)
	add("no signature", public, nil, message)
	add("a key of 31 bytes", public[:31], signature, message)
	add("a key of 33 bytes", join(public, []byte{0}), signature, message)
	add("a key that is no point", little(big.NewInt(2)), signature, message)
	add("R that is no point", public, join(little(big.NewInt(2)), s), message)

	zero := make([]byte, 32)
	points := smallOrder()
	for _, key := range points {
		for _, nonce := range points {
			add("small order, s = 0", key, join(nonce, zero), []byte("Zcash"))
		}
		add("a key of small order", key, signature, message)
		add("R of small order", public, join(key, s), message)
	}
	index := 0
	for _, t := range points {
		for _, u := range points {
			first, err := new(edwards25519.Point).SetBytes(t)
			output.Check(err)
			second, err := new(edwards25519.Point).SetBytes(u)
			output.Check(err)
			publicKey, mixed, text := withTorsion(index, first, second)
			index++
			add("mixed torsion", publicKey, mixed, text)
			if index%7 == 0 {
				mixed[0] ^= 1
				add("mixed torsion, spoiled", publicKey, mixed, text)
			}
		}
	}
	return all
}

func reversed(bytes []byte) []byte {
	all := make([]byte, len(bytes))
	for i, b := range bytes {
		all[len(bytes)-1-i] = b
	}
	return all
}
