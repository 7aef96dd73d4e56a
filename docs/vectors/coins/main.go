// Writes test/vectors/coins.json: texts of coins, validity and arithmetic of sets, and texts of integers, as cosmos-sdk answers.
package main

import (
	"fmt"
	"math/rand"
	"strings"

	"cosmossdk.io/math"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"weir/vectors/output"
)

type parsing struct {
	Text  string `json:"text"`
	Coins string `json:"coins"`
	Error string `json:"error,omitempty"`
}

type set struct {
	Coins []plain `json:"coins"`
	Text  string  `json:"text"`
	Error string  `json:"error,omitempty"`
}

type plain struct {
	Denom  string `json:"denom"`
	Amount string `json:"amount"`
}

type pair struct {
	A       string            `json:"a"`
	B       string            `json:"b"`
	Results map[string]string `json:"results"`
}

type integerText struct {
	Text  string `json:"text"`
	Value string `json:"value,omitempty"`
	Error string `json:"error,omitempty"`
}

func attempt(results map[string]string, name string, compute func() string) {
	defer func() {
		if reason := recover(); reason != nil {
			results[name] = fmt.Sprintf("panic: %v", reason)
		}
	}()
	results[name] = compute()
}

func textOf(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func parsings() []parsing {
	var all []parsing
	for _, text := range []string{"", "  ", "10uweir", "10 uweir", " 10uweir ", "10uweir,5uusdc", "5uusdc,10uweir", "10uweir, 5uusdc", "0uweir", "0uweir,5uusdc",
		"10uweir,10uweir", "10uweir,,5uusdc", ",", "10uweir,", "uweir", "10", "-10uweir", "+10uweir", "1.5uweir", ".5uweir", "1.uweir", "007uweir", "10u", "10uw",
		"10" + strings.Repeat("u", 128), "10" + strings.Repeat("u", 129), "10ibc/7F1D3FCF4AE79E1554D670D1AD949A9BA4E4A3C76C63093E17E446A46061A7A2",
		"10factory/weir1abc/sub.denom-x_y:z", "101denom", "10Uweir", "10uweir;5uusdc", "10u weir", "10uwéir", "1_0uweir", "0x10uweir", "1e3uweir", "10\tuweir", "10\u00a0uweir",
		"115792089237316195423570985008687907853269984665640564039457584007913129639935uweir",
		"115792089237316195423570985008687907853269984665640564039457584007913129639936uweir", "3zzz,2yyy,1xxx"} {
		coins, err := sdk.ParseCoinsNormalized(text)
		all = append(all, parsing{text, coins.String(), textOf(err)})
	}
	return all
}

func decParsings() []parsing {
	var all []parsing
	for _, text := range []string{"", " ", "0.025uweir", "0.025uweir,1uusdc", "0uweir", "0.0uweir,1uusdc", "1uweir,2uweir", ".5uweir", "5.uweir", "0.0000000000000000001uweir",
		"-1uweir", "1uweir,", "1.2.3uweir", "0.025  uweir", "x", "1u"} {
		coins, err := sdk.ParseDecCoins(text)
		all = append(all, parsing{text, coins.String(), textOf(err)})
	}
	return all
}

func sets() []set {
	var all []set
	for _, coins := range [][]plain{{}, {{"uweir", "1"}}, {{"uweir", "0"}}, {{"uweir", "-1"}}, {{"uw", "1"}}, {{"1uw", "1"}}, {{"uweir", "1"}, {"uusdc", "1"}},
		{{"uusdc", "1"}, {"uweir", "1"}}, {{"uweir", "1"}, {"uweir", "1"}}, {{"uusdc", "1"}, {"uweir", "0"}}, {{"uusdc", "0"}, {"uweir", "1"}}, {{"uusdc", "1"}, {"u", "1"}},
		{{"uusdc", "1"}, {"uweir", "-5"}}, {{"UWEIR", "1"}, {"uweir", "1"}}, {{"uweir", "1"}, {"UWEIR", "1"}}, {{"aaa", "1"}, {"ccc", "1"}, {"bbb", "1"}}} {
		var list sdk.Coins
		for _, coin := range coins {
			amount, _ := math.NewIntFromString(coin.Amount)
			list = append(list, sdk.Coin{Denom: coin.Denom, Amount: amount})
		}
		all = append(all, set{coins, list.String(), textOf(list.Validate())})
	}
	return all
}

func random(source *rand.Rand) sdk.Coins {
	var coins []sdk.Coin
	for _, denom := range []string{"aaa", "bbb", "ccc", "ddd"} {
		if source.Intn(2) == 0 {
			coins = append(coins, sdk.NewInt64Coin(denom, 1+source.Int63n(4)))
		}
	}
	return sdk.NewCoins(coins...)
}

func operate(a, b sdk.Coins) pair {
	results := map[string]string{}
	attempt(results, "add", func() string { return a.Add(b...).String() })
	attempt(results, "sub", func() string { return a.Sub(b...).String() })
	attempt(results, "min", func() string { return a.Min(b).String() })
	attempt(results, "max", func() string { return a.Max(b).String() })
	attempt(results, "mul3", func() string { return a.MulInt(math.NewInt(3)).String() })
	results["isAllGT"] = fmt.Sprint(a.IsAllGT(b))
	results["isAllGTE"] = fmt.Sprint(a.IsAllGTE(b))
	results["isAnyGTE"] = fmt.Sprint(a.IsAnyGTE(b))
	results["equal"] = fmt.Sprint(a.Equal(b))
	return pair{a.String(), b.String(), results}
}

func integers() []integerText {
	var all []integerText
	for _, text := range []string{"0", "1", "-1", "12345678901234567890", "", "-", "+1", " 1", "1 ", "1.0", "1e3", "abc", "08", "--1", "１",
		"115792089237316195423570985008687907853269984665640564039457584007913129639935",
		"115792089237316195423570985008687907853269984665640564039457584007913129639936",
		"-115792089237316195423570985008687907853269984665640564039457584007913129639935"} {
		var value math.Int
		if err := value.UnmarshalJSON([]byte(fmt.Sprintf("%q", text))); err != nil {
			all = append(all, integerText{Text: text, Error: err.Error()})
		} else {
			all = append(all, integerText{Text: text, Value: value.String()})
		}
	}
	return all
}

func main() {
	source := rand.New(rand.NewSource(1))
	var pairs []pair
	for range 200 {
		pairs = append(pairs, operate(random(source), random(source)))
	}
	output.Write("coins", map[string]any{"parsings": parsings(), "decParsings": decParsings(), "sets": sets(), "pairs": pairs, "integers": integers()})
}
