// Writes test/vectors/dec.json: LegacyDec operations on edges and random numbers, and its text, as cosmossdk.io/math answers.
package main

import (
	"fmt"
	"math/big"
	"math/rand"

	"cosmossdk.io/math"

	"weir/vectors/output"
)

// A result that begins with "panic" is the text of one.
type operation struct {
	A       string            `json:"a"`
	B       string            `json:"b,omitempty"`
	Results map[string]string `json:"results"`
}

type parsing struct {
	Text  string `json:"text"`
	Value string `json:"value,omitempty"`
	Error string `json:"error,omitempty"`
}

func dec(scaled *big.Int) math.LegacyDec {
	return math.LegacyNewDecFromBigIntWithPrec(scaled, math.LegacyPrecision)
}

func attempt(results map[string]string, name string, compute func() string) {
	defer func() {
		if reason := recover(); reason != nil {
			results[name] = fmt.Sprintf("panic: %v", reason)
		}
	}()
	results[name] = compute()
}

func operate(a, b *big.Int) operation {
	results := map[string]string{}
	x, y := dec(a), dec(b)
	two := map[string]func(math.LegacyDec) math.LegacyDec{
		"add": x.Add, "sub": x.Sub, "mul": x.Mul, "mulTruncate": x.MulTruncate, "mulRoundUp": x.MulRoundUp,
		"quo": x.Quo, "quoTruncate": x.QuoTruncate, "quoRoundUp": x.QuoRoundUp,
	}
	for name, compute := range two {
		attempt(results, name, func() string { return compute(y).BigInt().String() })
	}
	attempt(results, "mulInt", func() string { return x.MulInt(math.NewIntFromBigInt(b)).BigInt().String() })
	attempt(results, "quoInt", func() string { return x.QuoInt(math.NewIntFromBigInt(b)).BigInt().String() })
	return operation{a.String(), b.String(), results}
}

func alone(a *big.Int) operation {
	results := map[string]string{}
	x := dec(a)
	attempt(results, "roundInt", func() string { return x.RoundInt().String() })
	attempt(results, "truncateInt", func() string { return x.TruncateInt().String() })
	attempt(results, "truncate", func() string { return x.TruncateDec().BigInt().String() })
	attempt(results, "ceil", func() string { return x.Ceil().BigInt().String() })
	attempt(results, "power5", func() string { return x.Power(5).BigInt().String() })
	attempt(results, "power12", func() string { return x.Power(12).BigInt().String() })
	attempt(results, "text", func() string { return x.String() })
	results["isInteger"] = fmt.Sprint(x.IsInteger())
	return operation{A: a.String(), Results: results}
}

func integer(text string) *big.Int {
	value, ok := new(big.Int).SetString(text, 10)
	if !ok {
		panic(text)
	}
	return value
}

func edges() []*big.Int {
	one := integer("1000000000000000000")
	limit := new(big.Int).Lsh(big.NewInt(1), 256)
	limit.Mul(limit, one).Sub(limit, big.NewInt(1))
	integerMost := new(big.Int).Lsh(big.NewInt(1), 256)
	integerMost.Sub(integerMost, big.NewInt(1))
	values := []*big.Int{big.NewInt(0), big.NewInt(1), big.NewInt(2), big.NewInt(3), integer("500000000000000000"),
		integer("500000000000000001"), integer("999999999999999999"), one, integer("1000000000000000001"), integer("1500000000000000000"),
		integer("2500000000000000000"), integer("123456789012345678901234567890"), integerMost, limit}
	for _, value := range []*big.Int{values[1], values[5], one, values[10], values[12], limit} {
		values = append(values, new(big.Int).Neg(value))
	}
	return values
}

func random(source *rand.Rand) *big.Int {
	value := new(big.Int).Rand(source, new(big.Int).Lsh(big.NewInt(1), uint(1+source.Intn(200))))
	if source.Intn(3) == 0 {
		value.Neg(value)
	}
	return value
}

func main() {
	var operations []operation
	for _, a := range edges() {
		for _, b := range edges() {
			operations = append(operations, operate(a, b))
		}
	}
	source := rand.New(rand.NewSource(1))
	for range 200 {
		operations = append(operations, operate(random(source), random(source)))
	}
	for _, a := range edges() {
		operations = append(operations, alone(a))
	}
	for range 100 {
		operations = append(operations, alone(random(source)))
	}

	var parsings []parsing
	for _, text := range []string{"", "-", "0", "-0", "1", "-1", "00", "007", "0.5", ".5", "5.", ".", "-.5", "1.2.3", "1..2", "1.2.", "0.000000000000000001",
		"0.0000000000000000001", "-0.0000000000000000001", "123456789.123456789123456789", "1e5", "0x10", "1_000", " 1", "1 ", "1.-5", "one", "١",
		"115792089237316195423570985008687907853269984665640564039457584007913129639935",
		"115792089237316195423570985008687907853269984665640564039457584007913129639935.999999999999999999",
		"115792089237316195423570985008687907853269984665640564039457584007913129639936",
		"-115792089237316195423570985008687907853269984665640564039457584007913129639936"} {
		value, err := math.LegacyNewDecFromStr(text)
		if err != nil {
			parsings = append(parsings, parsing{Text: text, Error: err.Error()})
		} else {
			parsings = append(parsings, parsing{Text: text, Value: value.BigInt().String()})
		}
	}
	output.Write("dec", map[string]any{"operations": operations, "parsings": parsings})
}
