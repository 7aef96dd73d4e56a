// Writes test/vectors/bech32.json: addresses of every length and hostile texts, as cosmos-sdk encodes and refuses them.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/address"
	"github.com/cosmos/cosmos-sdk/types/bech32"

	"weir/vectors/output"
)

type encoding struct {
	Prefix string `json:"prefix"`
	Hex    string `json:"hex"`
	Text   string `json:"text"`
}

type decoding struct {
	Text  string `json:"text"`
	Hex   string `json:"hex,omitempty"`
	Error string `json:"error,omitempty"`
}

type moduleName struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

func bytesOf(seed string, length int) []byte {
	var all []byte
	block := sha256.Sum256([]byte(seed))
	for len(all) < length {
		all = append(all, block[:]...)
		block = sha256.Sum256(block[:])
	}
	return all[:length]
}

func encode(prefix string, bytes []byte) string {
	text, err := bech32.ConvertAndEncode(prefix, bytes)
	output.Check(err)
	return text
}

func texts() []string {
	good := encode("weir", bytesOf("account", 20))
	long := encode("weir", bytesOf("long", 255))
	all := []string{
		"", " ", "\t\n", "1", "weir", "weir1", "weir1q", "weir1qqqqq", "1qqqqqq", "a1qqqqqq", good, strings.ToUpper(good), long,
		strings.ToUpper(good[:6]) + good[6:], good[:10] + strings.ToUpper(good[10:]), " " + good, good + " ", good + "\n",
		good[:len(good)-1], good + "q", good[:len(good)-1] + "b", good[:8] + "b" + good[9:], good[:8] + "i" + good[9:],
		strings.Replace(good, "weir1", "weir", 1), strings.Replace(good, "weir1", "weir11", 1), strings.Replace(good, "weir1", "1", 1),
		encode("cosmos", bytesOf("account", 20)), encode("weirvaloper", bytesOf("account", 20)), encode("wei", bytesOf("account", 20)),
		encode("weir", nil), encode("weir", bytesOf("one", 1)), encode("weir", bytesOf("most", 256)), encode("weir", bytesOf("more", 700)),
		encode("we1r", bytesOf("account", 20)), "weir1é" + good[6:], "é" + good, good[:12] + "\u007f" + good[13:], good[:12] + "日" + good[13:],
		"weir1" + strings.Repeat("q", 500), "weir1" + strings.Repeat("q", 1018), "weir1" + strings.Repeat("q", 1019), strings.Repeat("日", 342),
		"A12UEL5L", "a12uel5l", "?1ezyfcl", "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w", "pzry9x0s0muk", "li1dgmt3", "x1b4n0q5v",
	}
	// A changed character at each place, and bits left over that fill no byte.
	for i := range good {
		swapped := byte('q')
		if good[i] == 'q' {
			swapped = 'p'
		}
		all = append(all, good[:i]+string(swapped)+good[i+1:])
	}
	for _, groups := range [][]byte{{1}, {31}, {0}, {0, 1}, {0, 4}, {0, 0, 1}, {0, 0, 2}, {0, 0, 0, 16}, {0, 0, 0, 1}, {0, 0, 0, 0, 8}, {0, 0, 0, 0, 0, 1}, {0, 0, 0, 0, 0, 0, 8}, {0, 0, 0, 0, 0, 0, 0}} {
		all = append(all, fiveBits(groups))
	}
	return all
}

func main() {
	config := sdk.GetConfig()
	config.SetBech32PrefixForAccount("weir", "weirpub")
	config.SetBech32PrefixForValidator("weirvaloper", "weirvaloperpub")
	config.SetBech32PrefixForConsensusNode("weirvalcons", "weirvalconspub")

	var encodings []encoding
	for _, prefix := range []string{"weir", "weirvaloper", "weirvalcons", "cosmos", "a"} {
		for _, length := range []int{1, 2, 3, 4, 5, 19, 20, 21, 32, 64, 255} {
			bytes := bytesOf(prefix, length)
			encodings = append(encodings, encoding{prefix, hex.EncodeToString(bytes), encode(prefix, bytes)})
		}
		encodings = append(encodings, encoding{prefix, strings.Repeat("00", 20), encode(prefix, make([]byte, 20))})
		encodings = append(encodings, encoding{prefix, strings.Repeat("ff", 20), encode(prefix, []byte(strings.Repeat("\xff", 20)))})
	}

	var decodings []decoding
	for _, text := range texts() {
		bytes, err := sdk.AccAddressFromBech32(text)
		if err != nil {
			decodings = append(decodings, decoding{Text: text, Error: err.Error()})
		} else {
			decodings = append(decodings, decoding{Text: text, Hex: hex.EncodeToString(bytes)})
		}
	}

	var modules []moduleName
	for _, name := range []string{"gov", "mint", "bonded_tokens_pool", "not_bonded_tokens_pool", "distribution", "fee_collector", "x"} {
		modules = append(modules, moduleName{name, sdk.AccAddress(address.Module(name)).String()})
	}
	output.Write("bech32", map[string]any{"encodings": encodings, "decodings": decodings, "modules": modules})
}
