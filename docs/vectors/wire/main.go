// Writes test/vectors/wire.json: what relays, oracles and clients say and sign, made by a second reading of docs/protocol.md that shares no
// code with the first and uses Go's standard library alone.
package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/asn1"
	stdbase64 "encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math/big"
	"sort"
	"strconv"

	"weir/vectors/output"
)

const chainId = "weir-vectors-1"

func base64(bytes []byte) string { return stdbase64.StdEncoding.EncodeToString(bytes) }
func text(value uint64) string   { return strconv.FormatUint(value, 10) }

// Bytes that anybody can make again: seed, seed + 1, …
func pattern(length int, seed byte) []byte {
	bytes := make([]byte, length)
	for i := range bytes {
		bytes[i] = seed + byte(i)
	}
	return bytes
}

func keyOf(seed byte) ed25519.PrivateKey { return ed25519.NewKeyFromSeed(pattern(32, seed)) }

func uint64s(values ...uint64) []byte {
	var bytes []byte
	for _, value := range values {
		bytes = binary.BigEndian.AppendUint64(bytes, value)
	}
	return bytes
}

// Each behind its length in one byte.
func lengthed(texts ...string) []byte {
	var bytes []byte
	for _, value := range texts {
		bytes = append(append(bytes, byte(len(value))), value...)
	}
	return bytes
}

func join(parts ...[]byte) []byte {
	var bytes []byte
	for _, part := range parts {
		bytes = append(bytes, part...)
	}
	return bytes
}

type signed struct {
	What      string `json:"what"`
	Fields    object `json:"fields"`
	Seed      string `json:"seed"`
	Bytes     string `json:"bytes"`
	Signature string `json:"signature"`
}

func sign(what string, fields object, seed byte, bytes []byte) signed {
	return signed{what, fields, hex.EncodeToString(pattern(32, seed)), hex.EncodeToString(bytes),
		hex.EncodeToString(ed25519.Sign(keyOf(seed), bytes))}
}

// ------------------------------------------------------------------------------------------------------------------- links

type frame struct {
	Length int    `json:"length"`
	Head   string `json:"head"`
}

func frames() []frame {
	var all []frame
	for _, length := range []int{0, 1, 127, 128, 300, 16_383, 16_384, 2_097_151} {
		all = append(all, frame{length, hex.EncodeToString(binary.AppendUvarint(nil, uint64(length)))})
	}
	return all
}

type certificate struct {
	Seed string `json:"seed"`
	Der  string `json:"der"`
}

type algorithm struct{ Id asn1.ObjectIdentifier }
type attribute struct {
	Id    asn1.ObjectIdentifier
	Value string `asn1:"utf8"`
}
type validity struct{ From, Until asn1.RawValue }
type publicKey struct {
	Algorithm algorithm
	Key       asn1.BitString
}
type body struct {
	Version   int `asn1:"explicit,tag:0"`
	Serial    int
	Algorithm algorithm
	Issuer    asn1.RawValue
	Validity  validity
	Subject   asn1.RawValue
	Key       publicKey
}
type whole struct {
	Body      asn1.RawValue
	Algorithm algorithm
	Signature asn1.BitString
}

func der(value any) []byte {
	bytes, err := asn1.Marshal(value)
	output.Check(err)
	return bytes
}

func certificateOf(seed byte) certificate {
	key := keyOf(seed)
	ed := algorithm{asn1.ObjectIdentifier{1, 3, 101, 112}}
	set := asn1.RawValue{Tag: asn1.TagSet, IsCompound: true, Bytes: der(attribute{asn1.ObjectIdentifier{2, 5, 4, 3}, "weir"})}
	name := asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: der(set)}
	times := validity{
		asn1.RawValue{Tag: asn1.TagUTCTime, Bytes: []byte("700101000000Z")},
		asn1.RawValue{Tag: asn1.TagGeneralizedTime, Bytes: []byte("99991231235959Z")},
	}
	public := key.Public().(ed25519.PublicKey)
	signedBody := der(body{2, 1, ed, name, times, name, publicKey{ed, asn1.BitString{Bytes: public, BitLength: 256}}})
	signature := ed25519.Sign(key, signedBody)
	all := der(whole{asn1.RawValue{FullBytes: signedBody}, ed, asn1.BitString{Bytes: signature, BitLength: 512}})
	return certificate{hex.EncodeToString(pattern(32, seed)), hex.EncodeToString(all)}
}

// ------------------------------------------------------------------------------------------------------------- measurements

func keystream(key []byte, offset uint64, bytes []byte) []byte {
	block, err := aes.NewCipher(key)
	output.Check(err)
	counter := make([]byte, 16)
	binary.BigEndian.PutUint64(counter[8:], offset/16)
	out := make([]byte, len(bytes))
	cipher.NewCTR(block, counter).XORKeyStream(out, bytes)
	return out
}

func measurement() object {
	seed, link := pattern(32, 10), pattern(32, 20)
	piece := func(offset uint64) object {
		sent := keystream(seed, offset, make([]byte, 48))
		back := keystream(link, offset, sent)
		return object{"offset": offset, "sent": hex.EncodeToString(sent), "back": hex.EncodeToString(back)}
	}
	nonce, key := pattern(16, 1), pattern(32, 30)
	ping := func(number uint32, direction byte) object {
		packet := append(binary.BigEndian.AppendUint32(append([]byte{}, nonce...), number), direction)
		mac := hmac.New(sha256.New, key)
		mac.Write(packet)
		packet = append(packet, mac.Sum(nil)[:16]...)
		return object{"number": number, "direction": direction, "packet": hex.EncodeToString(packet)}
	}
	return object{
		"oracleSeed": hex.EncodeToString(seed), "linkKey": hex.EncodeToString(link),
		"pieces": []object{piece(0), piece(65_536), piece(1 << 40)},
		"nonce":  hex.EncodeToString(nonce), "pingKey": hex.EncodeToString(key),
		"pings": []object{ping(0, 0), ping(0, 1), ping(4_000_000_000, 0)},
		"rates": rates(),
	}
}

func rates() []object {
	var all []object
	for _, samples := range [][]uint64{{9, 9, 5, 1, 3}, {0, 0, 4, 3, 2, 1}, {100, 200, 300}, {7, 7}} {
		kept := append([]uint64{}, samples[2:]...)
		sort.Slice(kept, func(i, j int) bool { return kept[i] < kept[j] })
		median := uint64(0)
		if len(kept) > 0 {
			median = kept[(len(kept)+1)/2-1]
		}
		all = append(all, object{"samples": samples, "bps": text(median * 8 * 1000 / 250)})
	}
	return all
}

// ------------------------------------------------------------------------------------------------------------- attestations

type reading struct {
	epoch, relay, oracle uint64
	kind                 byte
	measured, background uint64
	p50, p95, loss       uint32
	checks               byte
	bytes, start         uint64
	duration             uint32
	address              []byte
}

func (r reading) nonce() []byte      { return pattern(16, byte(r.relay)) }
func (r reading) transcript() []byte { return pattern(32, byte(r.relay)+100) }

func (r reading) field() []byte {
	if len(r.address) == 4 {
		return join(make([]byte, 10), []byte{0xff, 0xff}, r.address)
	}
	return append(append([]byte{}, r.address...), make([]byte, 16-len(r.address))...)
}

func (r reading) canonical() []byte {
	chain := sha256.Sum256([]byte(chainId))
	bytes := join([]byte("weir/attestation"), []byte{1}, chain[:], uint64s(r.epoch, r.relay, r.oracle), []byte{r.kind}, r.nonce(),
		uint64s(r.measured, r.background))
	for _, value := range []uint32{r.p50, r.p95, r.loss} {
		bytes = binary.BigEndian.AppendUint32(bytes, value)
	}
	bytes = join(bytes, []byte{r.checks}, uint64s(r.bytes, r.start))
	return join(binary.BigEndian.AppendUint32(bytes, r.duration), r.transcript(), r.field())
}

func (r reading) agreed() []byte {
	chain := sha256.Sum256([]byte(chainId))
	return join([]byte("weir/transcript!"), []byte{1}, chain[:], uint64s(r.epoch, r.relay, r.oracle), []byte{r.kind}, r.transcript())
}

func (r reading) fields() object {
	return object{"epoch": text(r.epoch), "relay": text(r.relay), "oracle": text(r.oracle), "kind": r.kind,
		"sessionNonce": hex.EncodeToString(r.nonce()), "measuredBps": text(r.measured), "backgroundBps": text(r.background),
		"rttP50Micros": r.p50, "rttP95Micros": r.p95, "lossPpm": r.loss, "checksPassed": r.checks, "bytes": text(r.bytes),
		"startMillis": text(r.start), "durationMillis": r.duration, "transcriptHash": hex.EncodeToString(r.transcript()),
		"observedAddress": hex.EncodeToString(r.address)}
}

func readings() []reading {
	const start = 1_790_000_000_123
	return []reading{
		{41, 7, 3, 1, 987_654_321, 1_000_000, 12_345, 23_456, 150, 0, 1_234_567_890, start, 10_000, []byte{192, 0, 2, 7}},
		{41, 8, 3, 2, 0, 0, 0, 0, 0, 4, 0, start, 0, []byte{192, 0, 2, 8}},
		{41, 9, 3, 1, 0, 0, 0, 0, 0, 0, 0, start, 0, nil},
		{41, 10, 3, 3, 5_000_000, 0, 900, 1_000, 1_000_000, 0, 6_250_000, start, 10_000, join([]byte{0x20, 1, 0xd, 0xb8}, pattern(12, 1))},
		{41, 1<<40 - 1, 1<<40 - 1, 4, 10_000_000_000_000, 10_000_000_000_000, 1, 60_000_000, 0, 0, 750_000_000_000_000, 1<<43 - 1, 600_000, []byte{198, 51, 100, 1}},
	}
}

func leafOf(bytes []byte) []byte {
	hash := sha256.Sum256(append([]byte{0}, bytes...))
	return hash[:]
}

// RFC 6962 §2.1: splits at the largest power of two below n.
func root(leaves [][]byte) []byte {
	if len(leaves) == 1 {
		return leaves[0]
	}
	split := 1
	for split*2 < len(leaves) {
		split *= 2
	}
	hash := sha256.Sum256(join([]byte{1}, root(leaves[:split]), root(leaves[split:])))
	return hash[:]
}

func trees() []object {
	var all []object
	for _, count := range []int{1, 2, 3, 5, 8, 13} {
		var leaves [][]byte
		for i := range count {
			leaves = append(leaves, leafOf(pattern(187, byte(i))))
		}
		all = append(all, object{"count": count, "root": hex.EncodeToString(root(leaves))})
	}
	return all
}

// -------------------------------------------------------------------------------------------------------------------- money

func words(amount *big.Int) (uint64, uint64) {
	low := new(big.Int).And(amount, new(big.Int).SetUint64(1<<64-1))
	return new(big.Int).Rsh(amount, 64).Uint64(), low.Uint64()
}

func terms(session, bytes uint64, amount *big.Int, nonce uint64) (object, []byte) {
	high, low := words(amount)
	fields := object{"session": text(session), "bytes": text(bytes), "amount": amount.String(), "nonce": text(nonce)}
	return fields, uint64s(session, bytes, high, low, nonce)
}

func money() []signed {
	const client, relay = 40, 50
	large, _ := new(big.Int).SetString("340282366920938463463374607431768211455", 10)
	small, smallBytes := terms(300, 8<<20, big.NewInt(78_125), 1)
	most, mostBytes := terms(1<<64-1, 1<<64-1, large, 1<<64-1)
	none, noneBytes := terms(300, 0, big.NewInt(0), 0)
	delivered := object{"session": text(300), "bytes": text(8 << 20), "deliveredBytes": text(8<<20 + 5)}
	exported := pattern(32, 60)
	proof := join(lengthed("weir/wire/session", chainId), uint64s(300), exported)
	return []signed{
		sign("voucher", small, client, join(lengthed("weir/market/voucher", chainId), smallBytes)),
		sign("voucher", most, client, join(lengthed("weir/market/voucher", chainId), mostBytes)),
		sign("delivery", delivered, relay, join(lengthed("weir/market/delivery", chainId), uint64s(300, 8<<20, 8<<20+5))),
		sign("closing", small, relay, join(lengthed("weir/market/closing", chainId), smallBytes)),
		sign("closing", none, relay, join(lengthed("weir/market/closing", chainId), noneBytes)),
		sign("session proof", object{"session": text(300), "exported": hex.EncodeToString(exported)}, client, proof),
	}
}

func amounts() []object {
	var all []object
	one := new(big.Int).Exp(big.NewInt(10), big.NewInt(18), nil)
	scale := new(big.Int).Mul(one, big.NewInt(1<<30))
	for _, price := range []string{"10000000000000000000000", "1", "123456789012345678901"} {
		for _, bytes := range []uint64{0, 1, 1 << 30, 8 << 20, 1<<64 - 1} {
			perGib, _ := new(big.Int).SetString(price, 10)
			product := new(big.Int).Mul(new(big.Int).SetUint64(bytes), perGib)
			up := new(big.Int).Div(new(big.Int).Add(product, new(big.Int).Sub(scale, big.NewInt(1))), scale)
			all = append(all, object{"pricePerGib": price, "bytes": text(bytes), "amount": up.String()})
		}
	}
	return all
}

// How far a relay serves beyond what was paid.
func credits() []object {
	const mib = uint64(1 << 20)
	var all []object
	for _, paid := range []uint64{0, 100 * mib, 1000 * mib, 10_000 * mib} {
		for _, affordable := range []uint64{0, mib / 2, 100 * mib, 100_000 * mib} {
			interval := min(max(8*mib, min(64*mib, paid/64)), affordable/16)
			interval = max(64<<10, interval)
			served := min(affordable, paid+2*interval)
			all = append(all, object{"paidBytes": text(paid), "affordableBytes": text(affordable),
				"intervalBytes": text(interval), "servedBytes": text(served)})
		}
	}
	return all
}

// ------------------------------------------------------------------------------------------------------------- registration

func registration() object {
	operator := pattern(20, 70)
	input := func(domain string) []byte {
		return join([]byte(domain), lengthed(chainId), operator)
	}
	chain := sha256.Sum256([]byte(chainId))
	epochSeed := pattern(32, 80)
	return object{
		"operator":            hex.EncodeToString(operator),
		"transportPossession": sign("transport possession", object{}, 50, input("weir/transport-possession")),
		"vrfPossessionInput":  hex.EncodeToString(input("weir/vrf-possession")),
		"oracleProof": object{"epoch": "41", "oracle": "3", "seed": hex.EncodeToString(epochSeed),
			"input": hex.EncodeToString(join([]byte("weir/oracle/epoch"), chain[:], uint64s(41, 3), epochSeed))},
	}
}

func main() {
	var attestations []object
	for _, r := range readings() {
		attestations = append(attestations, object{
			"fields":     r.fields(),
			"oracle":     sign("attestation", object{}, 90, r.canonical()),
			"leaf":       hex.EncodeToString(leafOf(r.canonical())),
			"transcript": sign("transcript", object{}, 50, r.agreed()),
		})
	}
	output.Write("wire", object{
		"chainId":      chainId,
		"frames":       frames(),
		"messages":     messages(),
		"certificates": []certificate{certificateOf(50), certificateOf(0)},
		"measurement":  measurement(),
		"attestations": attestations,
		"trees":        trees(),
		"signed":       money(),
		"amounts":      amounts(),
		"credits":      credits(),
		"registration": registration(),
	})
}
