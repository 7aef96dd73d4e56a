// Writes test/vectors/vesting.json: vesting accounts of every kind, made at random, with what x/auth/vesting/types says is vested, vesting
// and locked over time, what delegating and undelegating makes of them, and what it finds wrong with bad ones.
package main

import (
	"encoding/hex"
	"fmt"
	"math/big"
	"math/rand"
	"time"

	"cosmossdk.io/math"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/gogoproto/proto"

	sdk "github.com/cosmos/cosmos-sdk/types"
	auth "github.com/cosmos/cosmos-sdk/x/auth/types"
	"github.com/cosmos/cosmos-sdk/x/auth/vesting/exported"
	"github.com/cosmos/cosmos-sdk/x/auth/vesting/types"

	"weir/vectors/output"
)

type step struct {
	// "look", "delegate" or "undelegate".
	Kind    string `json:"kind"`
	Time    int64  `json:"time,string"`
	Amount  string `json:"amount,omitempty"`
	Balance string `json:"balance,omitempty"`
	Vested  string `json:"vested"`
	Vesting string `json:"vesting"`
	Locked  string `json:"locked"`
	// The account afterwards, as an Any.
	Account string `json:"account"`
}

type history struct {
	Name  string `json:"name"`
	Start string `json:"start"`
	Steps []step `json:"steps"`
}

type problem struct {
	Name    string `json:"name"`
	Account string `json:"account"`
	Error   string `json:"error"`
}

var random = rand.New(rand.NewSource(20261121))

const address = "weir1qypqxpq9qcrsszg2pvxq6rs0zqg3yyc5lzv7xu"

func anyOf(account proto.Message) string {
	packed, err := codectypes.NewAnyWithValue(account)
	output.Check(err)
	bytes, err := packed.Marshal()
	output.Check(err)
	return hex.EncodeToString(bytes)
}

func base() *auth.BaseAccount {
	return &auth.BaseAccount{Address: address, AccountNumber: uint64(random.Intn(300)), Sequence: uint64(random.Intn(3))}
}

// An amount of any size, up to what 256 bits hold.
func amount() math.Int {
	bits := []uint{1, 8, 30, 64, 128, 200, 255}[random.Intn(7)]
	limit := new(big.Int).Lsh(big.NewInt(1), bits)
	return math.NewIntFromBigInt(new(big.Int).Add(new(big.Int).Rand(random, limit), big.NewInt(1)))
}

func coins() sdk.Coins {
	set := sdk.NewCoins(sdk.NewCoin("uweir", amount()))
	if random.Intn(2) == 0 {
		set = set.Add(sdk.NewCoin("uusdc", amount()))
	}
	return set
}

func small() sdk.Coins {
	return sdk.NewCoins(sdk.NewInt64Coin("uweir", 1+random.Int63n(1_000_000)), sdk.NewInt64Coin("uusdc", 1+random.Int63n(50)))
}

func account(kind int) (exported.VestingAccount, string) {
	start := random.Int63n(1000)
	end := start + 1 + random.Int63n(1_000_000)
	original := coins()
	if random.Intn(2) == 0 {
		original = small()
	}
	switch kind {
	case 0:
		made, err := types.NewContinuousVestingAccount(base(), original, start, end)
		output.Check(err)
		return made, "continuous"
	case 1:
		made, err := types.NewDelayedVestingAccount(base(), original, end)
		output.Check(err)
		return made, "delayed"
	case 2:
		var periods types.Periods
		total := sdk.NewCoins()
		for i := 0; i < 1+random.Intn(6); i++ {
			part := small()
			periods = append(periods, types.Period{Length: random.Int63n(100_000), Amount: part})
			total = total.Add(part...)
		}
		periods[len(periods)-1].Length++
		made, err := types.NewPeriodicVestingAccount(base(), total, start, periods)
		output.Check(err)
		return made, "periodic"
	default:
		made, err := types.NewPermanentLockedAccount(base(), original)
		output.Check(err)
		return made, "permanent"
	}
}

func look(kind string, account exported.VestingAccount, seconds int64) step {
	now := time.Unix(seconds, int64(random.Intn(1_000_000_000)))
	return step{
		Kind: kind, Time: seconds,
		Vested: account.GetVestedCoins(now).String(), Vesting: account.GetVestingCoins(now).String(), Locked: account.LockedCoins(now).String(),
		Account: anyOf(account),
	}
}

func part(set sdk.Coins) sdk.Coins {
	var taken sdk.Coins
	for _, coin := range set {
		tenths := new(big.Int).Mul(coin.Amount.BigInt(), big.NewInt(int64(random.Intn(12))))
		share := math.NewIntFromBigInt(tenths.Quo(tenths, big.NewInt(10)))
		if share.IsPositive() {
			taken = taken.Add(sdk.NewCoin(coin.Denom, share))
		}
	}
	return taken
}

func run(index int) history {
	account, name := account(index % 4)
	made := history{Name: fmt.Sprintf("%s %d", name, index), Start: anyOf(account)}
	balance := account.GetOriginalVesting().Add(small()...)
	delegated := sdk.NewCoins()
	clock := int64(0)
	for i := 0; i < 16; i++ {
		if random.Intn(3) > 0 {
			clock += random.Int63n(80_000)
		}
		now := time.Unix(clock, 0)
		switch random.Intn(3) {
		case 0:
			made.Steps = append(made.Steps, look("look", account, clock))
		case 1:
			taken := part(balance).Min(balance)
			if taken.Empty() {
				continue
			}
			account.TrackDelegation(now, balance, taken)
			entry := look("delegate", account, clock)
			entry.Amount, entry.Balance = taken.String(), balance.String()
			made.Steps = append(made.Steps, entry)
			balance, delegated = balance.Sub(taken...), delegated.Add(taken...)
		default:
			// Now and then more than was delegated, as rounded shares may give.
			taken := part(delegated)
			if taken.Empty() {
				continue
			}
			account.TrackUndelegation(taken)
			entry := look("undelegate", account, clock)
			entry.Amount = taken.String()
			made.Steps = append(made.Steps, entry)
			balance, delegated = balance.Add(taken...), delegated.Sub(taken.Min(delegated)...)
		}
	}
	return made
}

func problems() []problem {
	five := sdk.NewCoins(sdk.NewInt64Coin("uweir", 5))
	vesting := func(original sdk.Coins, end int64) *types.BaseVestingAccount {
		return &types.BaseVestingAccount{BaseAccount: base(), OriginalVesting: original, EndTime: end}
	}
	over := vesting(five, 9)
	over.DelegatedVesting = sdk.NewCoins(sdk.NewInt64Coin("uweir", 6))
	other := vesting(five, 9)
	other.DelegatedVesting = sdk.NewCoins(sdk.NewInt64Coin("uusdc", 1))
	period := func(length int64, amount sdk.Coins) types.Period { return types.Period{Length: length, Amount: amount} }
	list := []struct {
		name    string
		account interface {
			proto.Message
			Validate() error
		}
	}{
		{"a good delayed one", &types.DelayedVestingAccount{BaseVestingAccount: vesting(five, 9)}},
		{"a negative end", &types.DelayedVestingAccount{BaseVestingAccount: vesting(five, -1)}},
		{"no coins", &types.DelayedVestingAccount{BaseVestingAccount: vesting(nil, 9)}},
		{"more delegated than there was", &types.DelayedVestingAccount{BaseVestingAccount: over}},
		{"another denomination delegated", &types.DelayedVestingAccount{BaseVestingAccount: other}},
		{"a locked one with an end", &types.PermanentLockedAccount{BaseVestingAccount: vesting(five, 9)}},
		{"a locked one with a negative end", &types.PermanentLockedAccount{BaseVestingAccount: vesting(five, -9)}},
		{"periods that end at once", &types.PeriodicVestingAccount{BaseVestingAccount: vesting(five, 3), StartTime: 3}},
		{"periods that end elsewhere", &types.PeriodicVestingAccount{BaseVestingAccount: vesting(five, 9), StartTime: 3, VestingPeriods: types.Periods{period(5, five)}}},
		{"periods of other coins", &types.PeriodicVestingAccount{BaseVestingAccount: vesting(five, 9), StartTime: 3, VestingPeriods: types.Periods{period(3, five), period(3, five)}}},
		{"a period of a negative length", &types.PeriodicVestingAccount{BaseVestingAccount: vesting(five, 9), StartTime: 3, VestingPeriods: types.Periods{period(-3, five)}}},
		{"a period without coins", &types.PeriodicVestingAccount{BaseVestingAccount: vesting(five, 9), StartTime: 3, VestingPeriods: types.Periods{period(6, nil)}}},
		{"periods beyond 64 bits", &types.PeriodicVestingAccount{BaseVestingAccount: vesting(five, 1<<62), StartTime: 3, VestingPeriods: types.Periods{period(1<<62, five), period(1<<62, five)}}},
		{"good periods", &types.PeriodicVestingAccount{BaseVestingAccount: vesting(five.Add(five...), 9), StartTime: 3, VestingPeriods: types.Periods{period(0, five), period(6, five)}}},
	}
	var problems []problem
	for _, entry := range list {
		text := ""
		if err := entry.account.Validate(); err != nil {
			text = err.Error()
		}
		problems = append(problems, problem{Name: entry.name, Account: anyOf(entry.account), Error: text})
	}
	return problems
}

func main() {
	sdk.GetConfig().SetBech32PrefixForAccount("weir", "weirpub")
	var histories []history
	for i := 0; i < 28; i++ {
		histories = append(histories, run(i))
	}
	output.Write("vesting", map[string]any{"histories": histories, "problems": problems()})
}
