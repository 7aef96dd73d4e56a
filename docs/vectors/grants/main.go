// Writes test/vectors/grants.json: fee allowances and authorizations of every kind, made at random and used again and again: what Go says
// to each use, and what is left. Also which of them Go finds badly made.
package main

import (
	"encoding/hex"
	"fmt"
	"math/rand"
	"time"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/log"
	storetypes "cosmossdk.io/store/types"
	"cosmossdk.io/x/feegrant"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/gogoproto/proto"

	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/x/authz"
	bank "github.com/cosmos/cosmos-sdk/x/bank/types"
	staking "github.com/cosmos/cosmos-sdk/x/staking/types"

	"weir/vectors/output"
)

type refusal struct {
	Codespace string `json:"codespace"`
	Code      uint32 `json:"code"`
	Log       string `json:"log"`
}

type use struct {
	Time     string `json:"time"`
	Fee      string `json:"fee,omitempty"`
	Messages []any  `json:"messages,omitempty"`
	// The message that an authorization is asked for, as an Any.
	Message string   `json:"message,omitempty"`
	Gas     uint64   `json:"gas"`
	Refused *refusal `json:"refused"`
	// What is left, as an Any; nothing when it is used up.
	Left string `json:"left"`
}

type history struct {
	Name  string `json:"name"`
	Start string `json:"start"`
	Uses  []use  `json:"uses"`
}

type problem struct {
	Name    string   `json:"name"`
	Any     string   `json:"any"`
	Refused *refusal `json:"refused"`
}

var random = rand.New(rand.NewSource(20261121))

const (
	alice    = "weir1qypqxpq9qcrsszg2pvxq6rs0zqg3yyc5lzv7xu"
	bob      = "weir1zg69v7ys40x77y352eufp27daufrg4nckx5hjn"
	sendURL  = "/cosmos.bank.v1beta1.MsgSend"
	voteURL  = "/cosmos.gov.v1.MsgVote"
	multiURL = "/cosmos.bank.v1beta1.MsgMultiSend"
)

func anyOf(m proto.Message) string {
	packed, err := codectypes.NewAnyWithValue(m)
	output.Check(err)
	bytes, err := packed.Marshal()
	output.Check(err)
	return hex.EncodeToString(bytes)
}

func refused(err error) *refusal {
	if err == nil {
		return nil
	}
	codespace, code, text := errorsmod.ABCIInfo(err, false)
	return &refusal{codespace, code, text}
}

func at(seconds, nanos int64) time.Time { return time.Unix(seconds, nanos).UTC() }

func contextAt(now time.Time) sdk.Context {
	meter := storetypes.NewInfiniteGasMeter()
	return sdk.NewContext(nil, cmtproto.Header{}, false, log.NewNopLogger()).WithBlockTime(now).WithGasMeter(meter)
}

func coins(most int64) sdk.Coins {
	set := sdk.NewCoins(sdk.NewInt64Coin("uweir", 1+random.Int63n(most)))
	if random.Intn(2) == 0 {
		set = set.Add(sdk.NewInt64Coin("uusdc", 1+random.Int63n(most)))
	}
	return set
}

// -------------------------------------------------------------------------------------------------------------------------- fees

func basic() *feegrant.BasicAllowance {
	made := &feegrant.BasicAllowance{}
	if random.Intn(3) > 0 {
		made.SpendLimit = coins(100)
	}
	if random.Intn(2) == 0 {
		expiration := at(random.Int63n(500), int64(random.Intn(2))*500_000_000)
		made.Expiration = &expiration
	}
	return made
}

func allowance(kind int) (feegrant.FeeAllowanceI, string) {
	if kind == 0 {
		return basic(), "basic"
	}
	periodic := &feegrant.PeriodicAllowance{
		Basic:            *basic(),
		Period:           time.Duration(random.Intn(100))*time.Second + time.Duration(random.Intn(2))*time.Millisecond,
		PeriodSpendLimit: coins(30),
		PeriodReset:      at(random.Int63n(200), 0),
	}
	if periodic.Basic.SpendLimit != nil {
		periodic.PeriodSpendLimit = periodic.PeriodSpendLimit.Min(periodic.Basic.SpendLimit.Add(coins(5)...))
	}
	periodic.PeriodCanSpend = periodic.PeriodSpendLimit
	if random.Intn(3) == 0 {
		periodic.PeriodCanSpend = nil
	}
	if kind == 1 {
		return periodic, "periodic"
	}
	var within feegrant.FeeAllowanceI = periodic
	if random.Intn(2) == 0 {
		within = basic()
	}
	made, err := feegrant.NewAllowedMsgAllowance(within, [][]string{{sendURL}, {voteURL, sendURL}, {sendURL, multiURL, voteURL}}[random.Intn(3)])
	output.Check(err)
	return made, "allowed messages"
}

func payFees(index int) history {
	given, name := allowance(index % 3)
	made := history{Name: fmt.Sprintf("%s %d", name, index), Start: anyOf(given.(proto.Message))}
	clock := int64(0)
	for i := 0; i < 12; i++ {
		clock += random.Int63n(60)
		now := at(clock, int64(random.Intn(2))*500_000_000)
		var fee sdk.Coins
		if random.Intn(8) > 0 {
			fee = coins(20)
		}
		messages := []sdk.Msg{&bank.MsgSend{}}
		urls := []any{sendURL}
		if random.Intn(4) == 0 {
			messages, urls = append(messages, &bank.MsgMultiSend{}), append(urls, multiURL)
		}
		ctx := contextAt(now)
		before := anyOf(given.(proto.Message))
		removed, err := given.Accept(ctx, fee, messages)
		entry := use{Time: now.Format(time.RFC3339Nano), Fee: fee.String(), Messages: urls, Gas: ctx.GasMeter().GasConsumed(), Refused: refused(err)}
		switch {
		case err != nil:
			// What is refused leaves no trace: go on with what there was.
			entry.Left = before
			given = reread(before)
		case removed:
		default:
			entry.Left = anyOf(given.(proto.Message))
		}
		made.Uses = append(made.Uses, entry)
		if err == nil && removed {
			break
		}
	}
	return made
}

var registry = codectypes.NewInterfaceRegistry()

func reread(text string) feegrant.FeeAllowanceI {
	bytes, err := hex.DecodeString(text)
	output.Check(err)
	var packed codectypes.Any
	output.Check(packed.Unmarshal(bytes))
	var allowance feegrant.FeeAllowanceI
	output.Check(registry.UnpackAny(&packed, &allowance))
	return allowance
}

// ---------------------------------------------------------------------------------------------------------------- authorizations

func operator(index int) string {
	bytes := make([]byte, 20)
	bytes[0] = byte(index)
	return sdk.ValAddress(bytes).String()
}

func authorization(kind int) (authz.Authorization, string) {
	if kind == 0 {
		made := &bank.SendAuthorization{SpendLimit: coins(100)}
		if random.Intn(2) == 0 {
			made.AllowList = [][]string{{bob}, {alice, bob}, {alice}}[random.Intn(3)]
		}
		return made, "send"
	}
	made := &staking.StakeAuthorization{AuthorizationType: staking.AuthorizationType(1 + random.Intn(4))}
	if random.Intn(3) > 0 {
		limit := sdk.NewInt64Coin("uweir", 1+random.Int63n(100))
		made.MaxTokens = &limit
	}
	list := &staking.StakeAuthorization_Validators{Address: []string{operator(1), operator(2)}}
	switch random.Intn(3) {
	case 0:
		made.Validators = &staking.StakeAuthorization_AllowList{AllowList: list}
	case 1:
		made.Validators = &staking.StakeAuthorization_DenyList{DenyList: list}
	}
	return made, "stake"
}

func messageFor(kind int) sdk.Msg {
	if kind == 0 {
		return &bank.MsgSend{FromAddress: alice, ToAddress: []string{alice, bob}[random.Intn(2)], Amount: coins(40)}
	}
	amount := sdk.NewInt64Coin([]string{"uweir", "uweir", "uweir", "uusdc"}[random.Intn(4)], 1+random.Int63n(60))
	validator := operator(1 + random.Intn(3))
	switch random.Intn(4) {
	case 0:
		return &staking.MsgDelegate{DelegatorAddress: alice, ValidatorAddress: validator, Amount: amount}
	case 1:
		return &staking.MsgUndelegate{DelegatorAddress: alice, ValidatorAddress: validator, Amount: amount}
	case 2:
		return &staking.MsgBeginRedelegate{DelegatorAddress: alice, ValidatorSrcAddress: operator(9), ValidatorDstAddress: validator, Amount: amount}
	default:
		return &staking.MsgCancelUnbondingDelegation{DelegatorAddress: alice, ValidatorAddress: validator, Amount: amount}
	}
}

func execute(index int) history {
	kind := index % 2
	given, name := authorization(kind)
	made := history{Name: fmt.Sprintf("%s %d", name, index), Start: anyOf(given.(proto.Message))}
	for i := 0; i < 10; i++ {
		asked := kind
		if random.Intn(10) == 0 {
			asked = 1 - kind
		}
		message := messageFor(asked)
		ctx := contextAt(at(9, 0))
		answer, err := given.Accept(ctx, message)
		entry := use{Message: anyOf(message), Gas: ctx.GasMeter().GasConsumed(), Refused: refused(err), Left: anyOf(given.(proto.Message))}
		if err == nil && answer.Delete {
			entry.Left = ""
		} else if err == nil && answer.Updated != nil {
			given = answer.Updated
			entry.Left = anyOf(given.(proto.Message))
		}
		made.Uses = append(made.Uses, entry)
		if err == nil && answer.Delete {
			break
		}
	}
	return made
}

// ---------------------------------------------------------------------------------------------------------------------- problems

func problems() []problem {
	long := time.Unix(-1, 0).UTC()
	good := sdk.NewCoins(sdk.NewInt64Coin("uweir", 5))
	unsorted := sdk.Coins{sdk.NewInt64Coin("uweir", 1), sdk.NewInt64Coin("uusdc", 1)}
	zero := sdk.Coins{{Denom: "uweir", Amount: good[0].Amount.SubRaw(5)}}
	negative := sdk.Coin{Denom: "uweir", Amount: good[0].Amount.Neg()}
	periodic := func(change func(*feegrant.PeriodicAllowance)) *feegrant.PeriodicAllowance {
		made := &feegrant.PeriodicAllowance{Basic: feegrant.BasicAllowance{SpendLimit: good}, PeriodSpendLimit: good, PeriodCanSpend: good, Period: time.Hour}
		change(made)
		return made
	}
	filtered := func(within feegrant.FeeAllowanceI, urls ...string) *feegrant.AllowedMsgAllowance {
		made, err := feegrant.NewAllowedMsgAllowance(within, urls)
		output.Check(err)
		return made
	}
	type checked interface {
		proto.Message
		ValidateBasic() error
	}
	list := []struct {
		name string
		made checked
	}{
		{"a good basic one", &feegrant.BasicAllowance{SpendLimit: good}},
		{"a basic one without a limit", &feegrant.BasicAllowance{}},
		{"an unsorted limit", &feegrant.BasicAllowance{SpendLimit: unsorted}},
		{"a limit of zero", &feegrant.BasicAllowance{SpendLimit: zero}},
		{"an end before 1970", &feegrant.BasicAllowance{Expiration: &long}},
		{"a good periodic one", periodic(func(*feegrant.PeriodicAllowance) {})},
		{"a bad basic part", periodic(func(a *feegrant.PeriodicAllowance) { a.Basic.SpendLimit = zero })},
		{"no period limit", periodic(func(a *feegrant.PeriodicAllowance) { a.PeriodSpendLimit = nil })},
		{"an unsorted period limit", periodic(func(a *feegrant.PeriodicAllowance) { a.PeriodSpendLimit = unsorted })},
		{"a bad rest of the period", periodic(func(a *feegrant.PeriodicAllowance) { a.PeriodCanSpend = zero })},
		{"another currency", periodic(func(a *feegrant.PeriodicAllowance) {
			a.PeriodSpendLimit = sdk.NewCoins(sdk.NewInt64Coin("uusdc", 1))
		})},
		{"a negative period", periodic(func(a *feegrant.PeriodicAllowance) { a.Period = -time.Second })},
		{"a good one for some messages", filtered(&feegrant.BasicAllowance{SpendLimit: good}, sendURL)},
		{"one for no messages", filtered(&feegrant.BasicAllowance{SpendLimit: good})},
		{"a bad one for some messages", filtered(&feegrant.BasicAllowance{SpendLimit: zero}, sendURL)},
		{"one for some messages of none", &feegrant.AllowedMsgAllowance{AllowedMessages: []string{sendURL}}},
		{"a good generic grant", &authz.GenericAuthorization{Msg: sendURL}},
		{"a generic grant of nothing", &authz.GenericAuthorization{}},
		{"a good send grant", &bank.SendAuthorization{SpendLimit: good, AllowList: []string{alice, bob}}},
		{"a send grant without a limit", &bank.SendAuthorization{}},
		{"a send grant of zero", &bank.SendAuthorization{SpendLimit: zero}},
		{"a send grant that allows one twice", &bank.SendAuthorization{SpendLimit: good, AllowList: []string{alice, bob, alice}}},
		{"a good stake grant", &staking.StakeAuthorization{MaxTokens: &good[0], AuthorizationType: 1}},
		{"a stake grant of no kind", &staking.StakeAuthorization{MaxTokens: &good[0]}},
		{"a stake grant of a negative amount", &staking.StakeAuthorization{MaxTokens: &negative, AuthorizationType: 1}},
	}
	var problems []problem
	for _, entry := range list {
		problems = append(problems, problem{Name: entry.name, Any: anyOf(entry.made), Refused: refused(entry.made.ValidateBasic())})
	}
	return problems
}

func main() {
	config := sdk.GetConfig()
	config.SetBech32PrefixForAccount("weir", "weirpub")
	config.SetBech32PrefixForValidator("weirvaloper", "weirvaloperpub")
	feegrant.RegisterInterfaces(registry)
	var fees, grants []history
	for i := 0; i < 36; i++ {
		fees = append(fees, payFees(i))
	}
	for i := 0; i < 24; i++ {
		grants = append(grants, execute(i))
	}
	output.Write("grants", map[string]any{"fees": fees, "authorizations": grants, "problems": problems()})
}
