package main

import (
	"github.com/cosmos/btcutil/bech32"

	"weir/vectors/output"
)

// fiveBits encodes groups of five bits as they are, also those that fill no whole number of bytes.
func fiveBits(groups []byte) string {
	text, err := bech32.Encode("weir", groups)
	output.Check(err)
	return text
}
