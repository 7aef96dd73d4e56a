package main

import (
	"strings"
	"time"

	"cosmossdk.io/math"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"weir/vectors/output"
)

// Each message with one thing wrong at a time.
func (c *chain) badInputs(b *block) {
	c.payFee(b)
	c.badCreations(b)
	c.badEdits(b)
	c.badDelegations(b)
	c.badUnbondings(b)
	c.badRedelegations(b)
	c.badCancellations(b)
	c.badParams(b)
}

func badCoins() map[string]sdk.Coin {
	return map[string]sdk.Coin{
		"nothing":              {Denom: denom, Amount: math.ZeroInt()},
		"less than nothing":    {Denom: denom, Amount: math.NewInt(-5)},
		"no denomination":      {Denom: "", Amount: math.NewInt(5)},
		"a bad denomination":   {Denom: "1x", Amount: math.NewInt(5)},
		"another denomination": {Denom: "uusdc", Amount: math.NewInt(5)},
	}
}

var coinNames = []string{"nothing", "less than nothing", "no denomination", "a bad denomination", "another denomination"}

func (c *chain) badCreations(b *block) {
	change := func(name string, change func(m *stakingtypes.MsgCreateValidator)) {
		m := c.creation(operators+3, 600_000_000, 5)
		change(m)
		c.create(b, "create: "+name, m)
	}
	type creation = stakingtypes.MsgCreateValidator
	change("no operator", func(m *creation) { m.ValidatorAddress = "" })
	change("a broken operator", func(m *creation) { m.ValidatorAddress = "weirvaloper1x" })
	change("no key", func(m *creation) { m.Pubkey = nil })
	for _, name := range coinNames {
		change("stake of "+name, func(m *creation) { m.Value = badCoins()[name] })
	}
	change("more than there is", func(m *creation) { m.Value = coin(1 << 60) })
	change("no description", func(m *creation) { m.Description = stakingtypes.Description{} })
	change("a long moniker", func(m *creation) { m.Description.Moniker = strings.Repeat("m", 71) })
	change("a long moniker of few characters", func(m *creation) { m.Description.Moniker = strings.Repeat("ü", 36) })
	change("a long identity", func(m *creation) { m.Description.Identity = strings.Repeat("m", 3001) })
	change("a long website", func(m *creation) { m.Description.Website = strings.Repeat("m", 141) })
	change("a long contact", func(m *creation) { m.Description.SecurityContact = strings.Repeat("m", 141) })
	change("long details", func(m *creation) { m.Description.Details = strings.Repeat("m", 281) })
	change("a maximum above one", func(m *creation) { m.Commission.MaxRate = hundredths(101) })
	change("a negative maximum", func(m *creation) { m.Commission.MaxRate = hundredths(-1) })
	change("a negative rate", func(m *creation) { m.Commission.Rate = hundredths(-1) })
	change("a rate above the maximum", func(m *creation) { m.Commission.Rate = hundredths(91) })
	change("a negative change", func(m *creation) { m.Commission.MaxChangeRate = hundredths(-1) })
	change("a change above the maximum", func(m *creation) { m.Commission.MaxChangeRate = hundredths(91) })
	change("a rate below the least", func(m *creation) { m.Commission.Rate = hundredths(1) })
	change("no self delegation", func(m *creation) { m.MinSelfDelegation = math.ZeroInt() })
	change("a negative self delegation", func(m *creation) { m.MinSelfDelegation = math.NewInt(-1) })
	change("less than its self delegation", func(m *creation) { m.MinSelfDelegation = math.NewInt(600_000_001) })
	change("a key of another kind", func(m *creation) {
		key, err := codectypes.NewAnyWithValue(&secp256k1.PubKey{Key: append([]byte{2}, make([]byte, 32)...)})
		output.Check(err)
		m.Pubkey = key
	})
	change("a key in use", func(m *creation) {
		v, err := c.staking.GetAllValidators(c.ctx)
		output.Check(err)
		m.Pubkey = v[0].ConsensusPubkey
	})
	change("an operator in use", func(m *creation) {
		v, err := c.staking.GetAllValidators(c.ctx)
		output.Check(err)
		m.ValidatorAddress = v[0].OperatorAddress
	})
}

func (c *chain) badEdits(b *block) {
	change := func(name string, change func(m *stakingtypes.MsgEditValidator)) {
		m := stakingtypes.NewMsgEditValidator(c.bonded(0), description(99), nil, nil)
		change(m)
		c.edit(b, "edit: "+name, m)
	}
	rate := func(n int64) *math.LegacyDec { r := hundredths(n); return &r }
	number := func(n int64) *math.Int { i := math.NewInt(n); return &i }
	type edit = stakingtypes.MsgEditValidator
	change("no operator", func(m *edit) { m.ValidatorAddress = "" })
	change("no validator", func(m *edit) { m.ValidatorAddress = operatorText(operators + 1) })
	change("no description", func(m *edit) { m.Description = stakingtypes.Description{} })
	change("a long moniker", func(m *edit) { m.Description.Moniker = strings.Repeat("m", 71) })
	change("no self delegation", func(m *edit) { m.MinSelfDelegation = number(0) })
	change("a smaller self delegation", func(m *edit) { m.MinSelfDelegation = number(1) })
	change("a larger self delegation than it has", func(m *edit) { m.MinSelfDelegation = number(1 << 60) })
	change("a rate above one", func(m *edit) { m.CommissionRate = rate(101) })
	change("a negative rate", func(m *edit) { m.CommissionRate = rate(-1) })
	change("a rate below the least", func(m *edit) { m.CommissionRate = rate(1) })
	change("a rate above its maximum", func(m *edit) { m.CommissionRate = rate(95) })
	change("a rate too far up", func(m *edit) { m.CommissionRate = rate(50) })
	change("a rate a little up", func(m *edit) { m.CommissionRate = rate(6) })
	change("a rate again on one day", func(m *edit) { m.CommissionRate = rate(7) })
	change("all at once", func(m *edit) { m.MinSelfDelegation = number(200_000_000) })
}

func (c *chain) badDelegations(b *block) {
	change := func(name string, change func(m *stakingtypes.MsgDelegate)) {
		m := stakingtypes.NewMsgDelegate(player(20).String(), c.bonded(0), coin(1000))
		change(m)
		c.delegate(b, "delegate: "+name, m)
	}
	type delegate = stakingtypes.MsgDelegate
	change("no delegator", func(m *delegate) { m.DelegatorAddress = "" })
	change("a broken delegator", func(m *delegate) { m.DelegatorAddress = "weir1x" })
	change("no validator's address", func(m *delegate) { m.ValidatorAddress = "" })
	change("no validator", func(m *delegate) { m.ValidatorAddress = operatorText(operators + 1) })
	change("a delegator who has no account", func(m *delegate) { m.DelegatorAddress = player(99).String() })
	change("more than there is", func(m *delegate) { m.Amount = coin(1 << 60) })
	for _, name := range coinNames {
		change(name, func(m *delegate) { m.Amount = badCoins()[name] })
	}
}

func (c *chain) badUnbondings(b *block) {
	c.delegate(b, "undelegate: first something", stakingtypes.NewMsgDelegate(player(27).String(), c.bonded(1), coin(5_000_000)))
	change := func(name string, change func(m *stakingtypes.MsgUndelegate)) {
		m := stakingtypes.NewMsgUndelegate(player(27).String(), c.bonded(1), coin(1000))
		change(m)
		c.undelegate(b, "undelegate: "+name, m)
	}
	type undelegate = stakingtypes.MsgUndelegate
	change("no delegator", func(m *undelegate) { m.DelegatorAddress = "" })
	change("no validator's address", func(m *undelegate) { m.ValidatorAddress = "" })
	change("no validator", func(m *undelegate) { m.ValidatorAddress = operatorText(operators + 1) })
	change("no delegation", func(m *undelegate) { m.DelegatorAddress = player(28).String() })
	change("more than there is", func(m *undelegate) { m.Amount = coin(1 << 60) })
	for _, name := range coinNames {
		change(name, func(m *undelegate) { m.Amount = badCoins()[name] })
	}
}

func (c *chain) badRedelegations(b *block) {
	c.delegate(b, "redelegate: first something", stakingtypes.NewMsgDelegate(player(27).String(), c.bonded(1), coin(5_000_000)))
	change := func(name string, change func(m *stakingtypes.MsgBeginRedelegate)) {
		m := stakingtypes.NewMsgBeginRedelegate(player(27).String(), c.bonded(1), c.bonded(2), coin(1000))
		change(m)
		c.redelegate(b, "redelegate: "+name, m)
	}
	type redelegate = stakingtypes.MsgBeginRedelegate
	change("no delegator", func(m *redelegate) { m.DelegatorAddress = "" })
	change("no source", func(m *redelegate) { m.ValidatorSrcAddress = "" })
	change("no destination", func(m *redelegate) { m.ValidatorDstAddress = "" })
	change("to itself", func(m *redelegate) { m.ValidatorDstAddress = m.ValidatorSrcAddress })
	change("from nowhere", func(m *redelegate) { m.ValidatorSrcAddress = operatorText(operators + 1) })
	change("to nowhere", func(m *redelegate) { m.ValidatorDstAddress = operatorText(operators + 1) })
	change("more than there is", func(m *redelegate) { m.Amount = coin(1 << 60) })
	for _, name := range coinNames {
		change(name, func(m *redelegate) { m.Amount = badCoins()[name] })
	}
	for range 4 {
		change("again and again", func(*redelegate) {})
	}
	change("onwards", func(m *redelegate) {
		m.ValidatorSrcAddress, m.ValidatorDstAddress = c.bonded(2), c.bonded(3)
	})
}

func (c *chain) badCancellations(b *block) {
	for range 4 {
		c.undelegate(b, "cancel: first something", stakingtypes.NewMsgUndelegate(player(27).String(), c.bonded(1), coin(1000)))
	}
	change := func(name string, change func(m *stakingtypes.MsgCancelUnbondingDelegation)) {
		m := stakingtypes.NewMsgCancelUnbondingDelegation(player(27).String(), c.bonded(1), b.Height, coin(500))
		change(m)
		c.cancel(b, "cancel: "+name, m)
	}
	type cancel = stakingtypes.MsgCancelUnbondingDelegation
	change("no delegator", func(m *cancel) { m.DelegatorAddress = "" })
	change("no validator's address", func(m *cancel) { m.ValidatorAddress = "" })
	change("no validator", func(m *cancel) { m.ValidatorAddress = operatorText(operators + 1) })
	change("nothing that unbonds", func(m *cancel) { m.DelegatorAddress = player(28).String() })
	change("no height", func(m *cancel) { m.CreationHeight = 0 })
	change("a negative height", func(m *cancel) { m.CreationHeight = -1 })
	change("another height", func(m *cancel) { m.CreationHeight = 1 })
	change("more than there is", func(m *cancel) { m.Amount = coin(4001) })
	for _, name := range coinNames {
		change(name, func(m *cancel) { m.Amount = badCoins()[name] })
	}
	change("a part", func(*cancel) {})
	change("the rest", func(m *cancel) { m.Amount = coin(3500) })
	change("what is gone", func(*cancel) {})
}

func (c *chain) badParams(b *block) {
	change := func(name string, change func(m *stakingtypes.MsgUpdateParams)) {
		params, err := c.staking.GetParams(c.ctx)
		output.Check(err)
		m := &stakingtypes.MsgUpdateParams{Authority: c.authority, Params: params}
		change(m)
		c.updateParams(b, "parameters: "+name, m)
	}
	type update = stakingtypes.MsgUpdateParams
	change("by another", func(m *update) { m.Authority = player(1).String() })
	change("no time", func(m *update) { m.Params.UnbondingTime = 0 })
	change("a negative time", func(m *update) { m.Params.UnbondingTime = -time.Second })
	change("no validators", func(m *update) { m.Params.MaxValidators = 0 })
	change("no entries", func(m *update) { m.Params.MaxEntries = 0 })
	change("no denomination", func(m *update) { m.Params.BondDenom = "" })
	change("a blank denomination", func(m *update) { m.Params.BondDenom = "  " })
	change("a bad denomination", func(m *update) { m.Params.BondDenom = "1x" })
	change("a negative rate", func(m *update) { m.Params.MinCommissionRate = hundredths(-1) })
	change("a rate above one", func(m *update) { m.Params.MinCommissionRate = hundredths(101) })
	change("fewer validators", func(m *update) { m.Params.MaxValidators = 5 })
	change("fewer past blocks", func(m *update) { m.Params.HistoricalEntries = 6 })
}
