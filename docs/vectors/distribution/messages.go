package main

import (
	"crypto/sha256"
	"encoding/hex"
	"math/rand"

	cmted25519 "github.com/cometbft/cometbft/crypto/ed25519"
	gogoproto "github.com/cosmos/gogoproto/proto"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/crypto/keys/ed25519"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	distributionkeeper "github.com/cosmos/cosmos-sdk/x/distribution/keeper"
	distributiontypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	mintkeeper "github.com/cosmos/cosmos-sdk/x/mint/keeper"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"
	stakingkeeper "github.com/cosmos/cosmos-sdk/x/staking/keeper"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"weir/vectors/output"
)

type protoMessage interface {
	gogoproto.Message
	Marshal() ([]byte, error)
}

// Runs in a branch of the state that is kept only without an error, as a message of a transaction.
func (c *chain) send(m protoMessage) message {
	bytes, err := m.Marshal()
	output.Check(err)
	s := message{TypeURL: sdk.MsgTypeURL(m), Bytes: hex.EncodeToString(bytes)}
	branch, write := c.ctx.WithEventManager(sdk.NewEventManager()).CacheContext()
	response, err := c.handle(branch, m)
	if err != nil {
		space, code, text := errorsmod.ABCIInfo(err, false)
		s.Refusal = &refusal{space, code, text}
		return s
	}
	write()
	bytes, err = response.Marshal()
	output.Check(err)
	s.Response = hex.EncodeToString(bytes)
	return s
}

func (c *chain) handle(ctx sdk.Context, m protoMessage) (protoMessage, error) {
	staking := stakingkeeper.NewMsgServerImpl(c.staking)
	distribution := distributionkeeper.NewMsgServerImpl(c.distribution)
	switch m := m.(type) {
	case *stakingtypes.MsgCreateValidator:
		return staking.CreateValidator(ctx, m)
	case *stakingtypes.MsgDelegate:
		return staking.Delegate(ctx, m)
	case *stakingtypes.MsgUndelegate:
		return staking.Undelegate(ctx, m)
	case *stakingtypes.MsgBeginRedelegate:
		return staking.BeginRedelegate(ctx, m)
	case *stakingtypes.MsgCancelUnbondingDelegation:
		return staking.CancelUnbondingDelegation(ctx, m)
	case *distributiontypes.MsgSetWithdrawAddress:
		return distribution.SetWithdrawAddress(ctx, m)
	case *distributiontypes.MsgWithdrawDelegatorReward:
		return distribution.WithdrawDelegatorReward(ctx, m)
	case *distributiontypes.MsgWithdrawValidatorCommission:
		return distribution.WithdrawValidatorCommission(ctx, m)
	case *distributiontypes.MsgFundCommunityPool:
		return distribution.FundCommunityPool(ctx, m)
	case *distributiontypes.MsgCommunityPoolSpend:
		return distribution.CommunityPoolSpend(ctx, m)
	case *distributiontypes.MsgDepositValidatorRewardsPool:
		return distribution.DepositValidatorRewardsPool(ctx, m)
	case *distributiontypes.MsgUpdateParams:
		return distribution.UpdateParams(ctx, m)
	case *minttypes.MsgUpdateParams:
		return mintkeeper.NewMsgServerImpl(c.mint).UpdateParams(ctx, m)
	}
	panic("no handler")
}

func consensusKey(number int) *ed25519.PubKey {
	seed := sha256.Sum256([]byte{'k', byte(number)})
	return &ed25519.PubKey{Key: cmted25519.GenPrivKeyFromSecret(seed[:]).PubKey().Bytes()}
}

func operator(index int) string { return sdk.ValAddress(player(index)).String() }

func coins(random *rand.Rand, most int64) sdk.Coins {
	set := sdk.NewCoins(sdk.NewInt64Coin(denom, 1+random.Int63n(most)))
	if random.Intn(3) == 0 {
		set = set.Add(sdk.NewInt64Coin("uusdc", 1+random.Int63n(100)))
	}
	return set
}

var commissions = []string{"0", "0.1", "0.333333333333333333", "0.05", "1.0", "0.000000000000000001"}

func (c *chain) create(random *rand.Rand, index int) protoMessage {
	rate := math.LegacyMustNewDecFromStr(commissions[c.made%len(commissions)])
	m, err := stakingtypes.NewMsgCreateValidator(operator(index), consensusKey(c.made), sdk.NewInt64Coin(denom, 1_000_000_000+random.Int63n(3_000_000_000)),
		stakingtypes.NewDescription("validator", "", "", "", ""),
		stakingtypes.NewCommissionRates(rate, math.LegacyOneDec(), math.LegacyNewDecWithPrec(1, 2)), math.OneInt())
	output.Check(err)
	c.made++
	return m
}

func (c *chain) messages(random *rand.Rand, b *block) {
	if b.Height == 1 {
		for i := range operators - 3 {
			b.Messages = append(b.Messages, c.send(c.create(random, i)))
		}
		return
	}
	for range random.Intn(9) {
		b.Messages = append(b.Messages, c.send(c.message(random)))
	}
}

// Mostly of a delegation that there is, and now and then with all that it holds.
func (c *chain) pick(random *rand.Rand) (delegator, validator string, amount sdk.Coin) {
	some := sdk.NewInt64Coin(denom, 1+random.Int63n(120_000_000))
	all, err := c.staking.GetAllDelegations(c.ctx)
	output.Check(err)
	if random.Intn(8) == 0 || len(all) == 0 {
		return player(random.Intn(players)).String(), operator(random.Intn(operators)), some
	}
	d := all[random.Intn(len(all))]
	if random.Intn(3) == 0 {
		address, err := sdk.ValAddressFromBech32(d.ValidatorAddress)
		output.Check(err)
		v, err := c.staking.GetValidator(c.ctx, address)
		output.Check(err)
		if whole := v.TokensFromShares(d.Shares).TruncateInt(); whole.IsPositive() {
			some = sdk.NewCoin(denom, whole)
		}
	}
	return d.DelegatorAddress, d.ValidatorAddress, some
}

func (c *chain) message(random *rand.Rand) protoMessage {
	delegator, validator, amount := c.pick(random)
	anybody := player(random.Intn(players)).String()
	switch random.Intn(24) {
	case 0, 1, 2, 3:
		return stakingtypes.NewMsgDelegate(anybody, operator(random.Intn(operators)), sdk.NewInt64Coin(denom, 50_000_001+random.Int63n(400_000_000)))
	case 4, 5, 6, 7:
		return stakingtypes.NewMsgUndelegate(delegator, validator, amount)
	case 8, 9:
		return stakingtypes.NewMsgBeginRedelegate(delegator, validator, operator(random.Intn(operators)), amount)
	case 10:
		return c.create(random, random.Intn(operators))
	case 11, 12, 13, 14, 15:
		return distributiontypes.NewMsgWithdrawDelegatorReward(delegator, validator)
	case 16, 17:
		return distributiontypes.NewMsgWithdrawValidatorCommission(validator)
	case 18:
		return distributiontypes.NewMsgSetWithdrawAddress(sdk.MustAccAddressFromBech32(anybody), player(random.Intn(players)))
	case 19:
		return distributiontypes.NewMsgFundCommunityPool(coins(random, 1_000_000), anybody)
	case 20, 21:
		return distributiontypes.NewMsgDepositValidatorRewardsPool(anybody, validator, coins(random, 10_000_000))
	case 22:
		return &distributiontypes.MsgCommunityPoolSpend{Authority: c.authority, Recipient: anybody, Amount: coins(random, 3_000_000)}
	default:
		params := distributiontypes.DefaultParams()
		params.CommunityTax = math.LegacyNewDecWithPrec(random.Int63n(1_000_000_000), 10)
		return &distributiontypes.MsgUpdateParams{Authority: c.authority, Params: params}
	}
}

// Messages that are refused whatever the state, and some that this state refuses.
func (c *chain) refusals() []message {
	blocked := authtypes.NewModuleAddress(distributiontypes.ModuleName).String()
	me, mine, nobody := player(0).String(), operator(0), operator(200)
	bad := sdk.Coins{{Denom: denom, Amount: math.NewInt(-1)}}
	twice := sdk.Coins{sdk.NewInt64Coin(denom, 1), sdk.NewInt64Coin(denom, 2)}
	one := sdk.NewCoins(sdk.NewInt64Coin(denom, 1))
	much := sdk.NewCoins(sdk.NewCoin(denom, math.NewIntWithDecimal(1, 40)))
	list := []protoMessage{
		&distributiontypes.MsgSetWithdrawAddress{DelegatorAddress: me, WithdrawAddress: blocked},
		&distributiontypes.MsgWithdrawDelegatorReward{DelegatorAddress: me, ValidatorAddress: nobody},
		&distributiontypes.MsgWithdrawDelegatorReward{DelegatorAddress: player(200).String(), ValidatorAddress: mine},
		&distributiontypes.MsgWithdrawValidatorCommission{ValidatorAddress: nobody},
		&distributiontypes.MsgFundCommunityPool{Depositor: me},
		&distributiontypes.MsgFundCommunityPool{Depositor: me, Amount: bad},
		&distributiontypes.MsgFundCommunityPool{Depositor: me, Amount: twice},
		&distributiontypes.MsgFundCommunityPool{Depositor: me, Amount: much},
		&distributiontypes.MsgCommunityPoolSpend{Authority: me, Recipient: me, Amount: one},
		&distributiontypes.MsgCommunityPoolSpend{Authority: c.authority, Recipient: me},
		&distributiontypes.MsgCommunityPoolSpend{Authority: c.authority, Recipient: me, Amount: twice},
		&distributiontypes.MsgCommunityPoolSpend{Authority: c.authority, Recipient: blocked, Amount: one},
		&distributiontypes.MsgCommunityPoolSpend{Authority: c.authority, Recipient: me, Amount: much},
		&distributiontypes.MsgDepositValidatorRewardsPool{Depositor: me, ValidatorAddress: nobody, Amount: one},
		&distributiontypes.MsgDepositValidatorRewardsPool{Depositor: me, ValidatorAddress: mine, Amount: bad},
		&distributiontypes.MsgDepositValidatorRewardsPool{Depositor: me, ValidatorAddress: mine, Amount: much},
	}
	params := distributiontypes.DefaultParams()
	list = append(list, &distributiontypes.MsgUpdateParams{Authority: me, Params: params})
	for _, tax := range []string{"-0.1", "1.000000000000000001"} {
		params.CommunityTax = math.LegacyMustNewDecFromStr(tax)
		list = append(list, &distributiontypes.MsgUpdateParams{Authority: c.authority, Params: params})
	}
	base, bonus := distributiontypes.DefaultParams(), distributiontypes.DefaultParams()
	base.BaseProposerReward = math.LegacyNewDecWithPrec(1, 2)
	bonus.BonusProposerReward = math.LegacyNewDecWithPrec(4, 2)
	list = append(list, &distributiontypes.MsgUpdateParams{Authority: c.authority, Params: base},
		&distributiontypes.MsgUpdateParams{Authority: c.authority, Params: bonus})
	list = append(list, c.badMint(me)...)
	refused := []message{}
	for _, m := range list {
		refused = append(refused, c.send(m))
	}
	closed := distributiontypes.DefaultParams()
	closed.WithdrawAddrEnabled = false
	return append(refused, c.send(&distributiontypes.MsgUpdateParams{Authority: c.authority, Params: closed}),
		c.send(&distributiontypes.MsgSetWithdrawAddress{DelegatorAddress: me, WithdrawAddress: player(1).String()}))
}

func (c *chain) badMint(stranger string) []protoMessage {
	list := []protoMessage{&minttypes.MsgUpdateParams{Authority: stranger, Params: minttypes.DefaultParams()}}
	change := func(edit func(p *minttypes.Params)) {
		params := minttypes.DefaultParams()
		edit(&params)
		list = append(list, &minttypes.MsgUpdateParams{Authority: c.authority, Params: params})
	}
	change(func(p *minttypes.Params) { p.MintDenom = "  " })
	change(func(p *minttypes.Params) { p.MintDenom = "1x" })
	for _, value := range []string{"-0.1", "1.1"} {
		dec := math.LegacyMustNewDecFromStr(value)
		change(func(p *minttypes.Params) { p.InflationRateChange = dec })
		change(func(p *minttypes.Params) { p.InflationMax = dec })
		change(func(p *minttypes.Params) { p.InflationMin = dec })
		change(func(p *minttypes.Params) { p.GoalBonded = dec })
	}
	change(func(p *minttypes.Params) { p.GoalBonded = math.LegacyZeroDec() })
	change(func(p *minttypes.Params) { p.InflationMax = math.LegacyNewDecWithPrec(1, 2) })
	change(func(p *minttypes.Params) { p.BlocksPerYear = 0 })
	change(func(p *minttypes.Params) { p.BlocksPerYear = 1 << 63 })
	return list
}
