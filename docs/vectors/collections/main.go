// Writes test/vectors/collections.json: keys and values as cosmossdk.io/collections and cosmos-sdk's own codecs encode them.
package main

import (
	"encoding/hex"
	"fmt"
	"math"
	"strings"
	"time"

	"cosmossdk.io/collections"
	collcodec "cosmossdk.io/collections/codec"
	sdkmath "cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"weir/vectors/output"
)

type sample struct {
	Codec string `json:"codec"`
	// The value as a test reads it: numbers and times as text, bytes as hex, composite keys as lists.
	Value       any     `json:"value"`
	Terminal    string  `json:"terminal"`
	NonTerminal *string `json:"nonTerminal,omitempty"`
}

var samples []sample

func key[K any](name string, c collcodec.KeyCodec[K], shown any, k K) {
	terminal := make([]byte, c.Size(k))
	_, err := c.Encode(terminal, k)
	output.Check(err)
	inner := make([]byte, c.SizeNonTerminal(k))
	_, err = c.EncodeNonTerminal(inner, k)
	output.Check(err)
	nonTerminal := hex.EncodeToString(inner)
	samples = append(samples, sample{name, shown, hex.EncodeToString(terminal), &nonTerminal})
}

func value[V any](name string, c collcodec.ValueCodec[V], shown any, v V) {
	bytes, err := c.Encode(v)
	output.Check(err)
	samples = append(samples, sample{Codec: name, Value: shown, Terminal: hex.EncodeToString(bytes)})
}

type prefixSample struct {
	Codec   string `json:"codec"`
	Leading []any  `json:"leading"`
	Bytes   string `json:"bytes"`
}

var prefixes []prefixSample

func prefix[K any](name string, c collcodec.KeyCodec[K], leading []any, k K) {
	bytes := make([]byte, c.Size(k))
	_, err := c.Encode(bytes, k)
	output.Check(err)
	prefixes = append(prefixes, prefixSample{name, leading, hex.EncodeToString(bytes)})
}

func address(length int) []byte {
	bytes := make([]byte, length)
	for i := range bytes {
		bytes[i] = byte(255 - i*7)
	}
	return bytes
}

func main() {
	for _, text := range []string{"", "a", "uweir", "ibc/27394FB092D2ECCD56123C74F36E4C1F926001CEADA9CA97EA622B25F41E5EB2", "~ !"} {
		key("string", collections.StringKey, text, text)
		value("string", collections.StringValue, text, text)
	}
	// Not as keys: in the middle of one, collections v1.3.1 writes only the first byte of a character and loses the others.
	for _, text := range []string{"żółw", "漢字", "\ufeffx"} {
		value("string", collections.StringValue, text, text)
	}
	for _, length := range []int{0, 1, 20, 32, 255} {
		bytes := address(length)
		key("bytes", collections.BytesKey, hex.EncodeToString(bytes), bytes)
		key("address", sdk.AccAddressKey, hex.EncodeToString(bytes), sdk.AccAddress(bytes))
		key("prefixedAddress", sdk.LengthPrefixedAddressKey(sdk.AccAddressKey), hex.EncodeToString(bytes), sdk.AccAddress(bytes)) //nolint:staticcheck // the state has it
		value("bytes", collections.BytesValue, hex.EncodeToString(bytes), bytes)
	}
	for _, number := range []uint64{0, 1, 255, 256, 1<<32 - 1, 1 << 32, 1<<63 - 1, 1 << 63, math.MaxUint64} {
		key("uint64", collections.Uint64Key, fmt.Sprint(number), number)
		value("uint64", collections.Uint64Value, fmt.Sprint(number), number)
	}
	for _, number := range []int64{math.MinInt64, -(1 << 32), -256, -1, 0, 1, 255, 1 << 40, math.MaxInt64} {
		key("int64", collections.Int64Key, fmt.Sprint(number), number)
	}
	for _, truth := range []bool{false, true} {
		key("bool", collections.BoolKey, truth, truth)
		value("bool", collections.BoolValue, truth, truth)
		value("protoBool", codec.BoolValue, truth, truth)
	}
	for _, text := range []string{
		"0001-01-01T00:00:00Z", "1600-02-29T23:59:59.999999999Z", "1969-12-31T23:59:59.5Z", "1970-01-01T00:00:00Z",
		"1999-12-31T23:59:59Z", "2000-02-29T12:00:00.000000001Z", "2024-03-01T00:00:00.1Z", "2100-02-28T23:59:59Z",
		"2100-03-01T00:00:00Z", "9999-12-31T23:59:59.999999999Z",
	} {
		moment, err := time.Parse(time.RFC3339Nano, text)
		output.Check(err)
		key("time", sdk.TimeKey, fmt.Sprintf("%d.%09d", moment.Unix(), moment.Nanosecond()), moment) //nolint:staticcheck // the state has it
	}
	for _, text := range []string{"0", "1", "-1", "1000000", "18446744073709551616", "-18446744073709551616", strings.Repeat("9", 77)} {
		number, ok := sdkmath.NewIntFromString(text)
		if !ok {
			panic(text)
		}
		value("int", sdk.IntValue, text, number)
	}
	composites()
	output.Write("collections", map[string]any{"samples": samples, "prefixes": prefixes})
}

func composites() {
	balance := collections.PairKeyCodec(sdk.AccAddressKey, collections.StringKey)
	owner := collections.PairKeyCodec(collections.StringKey, sdk.LengthPrefixedAddressKey(sdk.AccAddressKey)) //nolint:staticcheck // the state has it
	nested := collections.TripleKeyCodec(collections.StringKey, collections.Uint64Key, collections.BytesKey)
	for _, length := range []int{0, 20, 32} {
		who := sdk.AccAddress(address(length))
		shown := hex.EncodeToString(who)
		for _, denom := range []string{"", "uweir", "ibc/0F"} {
			key("pair(address,string)", balance, []any{shown, denom}, collections.Join(who, denom))
			key("pair(string,prefixedAddress)", owner, []any{denom, shown}, collections.Join(denom, who))
			key("triple(string,uint64,bytes)", nested, []any{denom, "258", shown}, collections.Join3(denom, uint64(258), []byte(who)))
			prefix("pair(string,prefixedAddress)", owner, []any{denom}, collections.PairPrefix[string, sdk.AccAddress](denom))
			prefix("triple(string,uint64,bytes)", nested, []any{denom}, collections.TriplePrefix[string, uint64, []byte](denom))
			prefix("triple(string,uint64,bytes)", nested, []any{denom, "258"}, collections.TripleSuperPrefix[string, uint64, []byte](denom, 258))
		}
		prefix("pair(address,string)", balance, []any{shown}, collections.PairPrefix[sdk.AccAddress, string](who))
	}
}
