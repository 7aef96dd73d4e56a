// Writes test/vectors/tdxquote.json: a quote that Google published with its verifier, and that verifier's word on it, on times, and on
// forgeries of it.
package main

import (
	"encoding/hex"
	"time"

	"github.com/google/go-tdx-guest/testing/testdata"
	"github.com/google/go-tdx-guest/verify"

	"weir/vectors/output"
)

type moment struct {
	Seconds  int64 `json:"seconds,string"`
	Accepted bool  `json:"accepted"`
}

type forgery struct {
	Offset   int  `json:"offset"`
	Mask     int  `json:"mask"`
	Accepted bool `json:"accepted"`
}

func accepts(quote []byte, seconds int64) (accepted bool) {
	defer func() {
		if recover() != nil {
			accepted = false
		}
	}()
	return verify.RawTdxQuote(quote, &verify.Options{Now: time.Unix(seconds, 0)}) == nil
}

func main() {
	quote := testdata.RawQuote
	good := time.Date(2023, 7, 1, 0, 0, 0, 0, time.UTC).Unix()
	var moments []moment
	for _, seconds := range []int64{0, good - 86_400*3650, good, good + 86_400*365, 1884604830, 1884604831, 1884604832, good + 86_400*3650} {
		moments = append(moments, moment{seconds, accepts(quote, seconds)})
	}
	var forgeries []forgery
	for offset := 0; offset < len(quote); offset += 23 {
		changed := append([]byte{}, quote...)
		mask := 1 << (offset % 8)
		changed[offset] ^= byte(mask)
		forgeries = append(forgeries, forgery{offset, mask, accepts(changed, good)})
	}
	output.Write("tdxquote", map[string]any{
		"quote": hex.EncodeToString(quote), "seconds": good, "moments": moments, "forgeries": forgeries,
	})
}
