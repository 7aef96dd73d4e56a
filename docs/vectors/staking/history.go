package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand"

	abci "github.com/cometbft/cometbft/abci/types"
	cmted25519 "github.com/cometbft/cometbft/crypto/ed25519"
	gogoproto "github.com/cosmos/gogoproto/proto"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/crypto/keys/ed25519"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	distributionkeeper "github.com/cosmos/cosmos-sdk/x/distribution/keeper"
	distributiontypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	slashingkeeper "github.com/cosmos/cosmos-sdk/x/slashing/keeper"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingkeeper "github.com/cosmos/cosmos-sdk/x/staking/keeper"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"weir/vectors/output"
)

type protoMessage interface {
	gogoproto.Message
	Marshal() ([]byte, error)
}

// Runs in a branch of the state that is kept only without an error, as a message of a transaction.
func (c *chain) run(b *block, s step, body func(ctx sdk.Context) error) {
	branch, write := c.ctx.WithEventManager(sdk.NewEventManager()).CacheContext()
	if err := body(branch); err != nil {
		space, code, text := errorsmod.ABCIInfo(err, false)
		s.Refusal = &refusal{space, code, text}
		s.Events = b.shown([]event{})
		s.Response = ""
	} else {
		write()
		s.Events = b.shown(eventsOf(branch.EventManager()))
	}
	b.Steps = append(b.Steps, s)
}

func send[M, R protoMessage](c *chain, b *block, name string, handle func(ctx sdk.Context, m M) (R, error), m M) {
	bytes, err := m.Marshal()
	output.Check(err)
	s := step{Name: name, TypeURL: sdk.MsgTypeURL(m), Bytes: hex.EncodeToString(bytes)}
	response := &s.Response
	c.run(b, s, func(ctx sdk.Context) error {
		answer, err := handle(ctx, m)
		if err == nil {
			bytes, err := answer.Marshal()
			output.Check(err)
			*response = hex.EncodeToString(bytes)
		}
		return err
	})
	last := &b.Steps[len(b.Steps)-1]
	if last.Refusal == nil {
		last.Response = *response
	}
}

func (c *chain) call(b *block, body func(ctx sdk.Context) error, words ...string) {
	c.run(b, step{Call: words}, body)
}

// ------------------------------------------------------------------------------------------------------------------ messages

func (c *chain) create(b *block, name string, m *stakingtypes.MsgCreateValidator) {
	server := stakingkeeper.NewMsgServerImpl(c.staking)
	send(c, b, name, func(ctx sdk.Context, m *stakingtypes.MsgCreateValidator) (*stakingtypes.MsgCreateValidatorResponse, error) {
		return server.CreateValidator(ctx, m)
	}, m)
}

func (c *chain) edit(b *block, name string, m *stakingtypes.MsgEditValidator) {
	server := stakingkeeper.NewMsgServerImpl(c.staking)
	send(c, b, name, func(ctx sdk.Context, m *stakingtypes.MsgEditValidator) (*stakingtypes.MsgEditValidatorResponse, error) {
		return server.EditValidator(ctx, m)
	}, m)
}

func (c *chain) delegate(b *block, name string, m *stakingtypes.MsgDelegate) {
	server := stakingkeeper.NewMsgServerImpl(c.staking)
	send(c, b, name, func(ctx sdk.Context, m *stakingtypes.MsgDelegate) (*stakingtypes.MsgDelegateResponse, error) {
		return server.Delegate(ctx, m)
	}, m)
}

func (c *chain) undelegate(b *block, name string, m *stakingtypes.MsgUndelegate) {
	server := stakingkeeper.NewMsgServerImpl(c.staking)
	send(c, b, name, func(ctx sdk.Context, m *stakingtypes.MsgUndelegate) (*stakingtypes.MsgUndelegateResponse, error) {
		return server.Undelegate(ctx, m)
	}, m)
}

func (c *chain) redelegate(b *block, name string, m *stakingtypes.MsgBeginRedelegate) {
	server := stakingkeeper.NewMsgServerImpl(c.staking)
	send(c, b, name, func(ctx sdk.Context, m *stakingtypes.MsgBeginRedelegate) (*stakingtypes.MsgBeginRedelegateResponse, error) {
		return server.BeginRedelegate(ctx, m)
	}, m)
}

func (c *chain) cancel(b *block, name string, m *stakingtypes.MsgCancelUnbondingDelegation) {
	server := stakingkeeper.NewMsgServerImpl(c.staking)
	send(c, b, name, func(ctx sdk.Context, m *stakingtypes.MsgCancelUnbondingDelegation) (*stakingtypes.MsgCancelUnbondingDelegationResponse, error) {
		return server.CancelUnbondingDelegation(ctx, m)
	}, m)
}

func (c *chain) updateParams(b *block, name string, m *stakingtypes.MsgUpdateParams) {
	server := stakingkeeper.NewMsgServerImpl(c.staking)
	send(c, b, name, func(ctx sdk.Context, m *stakingtypes.MsgUpdateParams) (*stakingtypes.MsgUpdateParamsResponse, error) {
		return server.UpdateParams(ctx, m)
	}, m)
}

func (c *chain) withdraw(b *block, m *distributiontypes.MsgWithdrawDelegatorReward) {
	server := distributionkeeper.NewMsgServerImpl(c.distribution)
	send(c, b, "", func(ctx sdk.Context, m *distributiontypes.MsgWithdrawDelegatorReward) (*distributiontypes.MsgWithdrawDelegatorRewardResponse, error) {
		return server.WithdrawDelegatorReward(ctx, m)
	}, m)
}

func (c *chain) withdrawCommission(b *block, m *distributiontypes.MsgWithdrawValidatorCommission) {
	server := distributionkeeper.NewMsgServerImpl(c.distribution)
	send(c, b, "", func(ctx sdk.Context, m *distributiontypes.MsgWithdrawValidatorCommission) (*distributiontypes.MsgWithdrawValidatorCommissionResponse, error) {
		return server.WithdrawValidatorCommission(ctx, m)
	}, m)
}

func (c *chain) unjail(b *block, m *slashingtypes.MsgUnjail) {
	server := slashingkeeper.NewMsgServerImpl(c.slashing)
	send(c, b, "", func(ctx sdk.Context, m *slashingtypes.MsgUnjail) (*slashingtypes.MsgUnjailResponse, error) {
		return server.Unjail(ctx, m)
	}, m)
}

// --------------------------------------------------------------------------------------------------------------------- making

func consensusKey(number int) *ed25519.PubKey {
	seed := sha256.Sum256([]byte{'k', byte(number)})
	return &ed25519.PubKey{Key: cmted25519.GenPrivKeyFromSecret(seed[:]).PubKey().Bytes()}
}

func coin(amount int64) sdk.Coin { return sdk.NewInt64Coin(denom, amount) }

func hundredths(n int64) math.LegacyDec { return math.LegacyNewDecWithPrec(n, 2) }

func description(number int) stakingtypes.Description {
	return stakingtypes.NewDescription(fmt.Sprintf("validator %d", number), "", "https://example.org", "", "")
}

func (c *chain) creation(operator int, amount, minimum int64) *stakingtypes.MsgCreateValidator {
	m, err := stakingtypes.NewMsgCreateValidator(operatorText(operator), consensusKey(c.made), coin(amount),
		description(operator), stakingtypes.NewCommissionRates(hundredths(5+int64(operator)), hundredths(90), hundredths(3)), math.NewInt(minimum))
	output.Check(err)
	c.made++
	return m
}

// Mostly of a validator that there is.
func (c *chain) anyOperator(random *rand.Rand) string {
	all, err := c.staking.GetAllValidators(c.ctx)
	output.Check(err)
	if random.Intn(10) == 0 || len(all) == 0 {
		return operatorText(random.Intn(operators))
	}
	return all[random.Intn(len(all))].OperatorAddress
}

// Mostly of a delegation that there is.
func (c *chain) anyDelegation(random *rand.Rand) (delegator, operator string) {
	all, err := c.staking.GetAllDelegations(c.ctx)
	output.Check(err)
	if random.Intn(10) == 0 || len(all) == 0 {
		return player(random.Intn(players)).String(), c.anyOperator(random)
	}
	d := all[random.Intn(len(all))]
	// An operator who leaves goes to jail: now and then.
	for tries := 0; tries < 20 && isOwn(d) && random.Intn(12) > 0; tries++ {
		d = all[random.Intn(len(all))]
	}
	return d.DelegatorAddress, d.ValidatorAddress
}

func isOwn(d stakingtypes.Delegation) bool {
	operator, err := sdk.ValAddressFromBech32(d.ValidatorAddress)
	output.Check(err)
	return sdk.AccAddress(operator).String() == d.DelegatorAddress
}

// From the strongest.
func (c *chain) bonded(rank int) string {
	list, err := c.staking.GetBondedValidatorsByPower(c.ctx)
	output.Check(err)
	return list[rank].OperatorAddress
}

// Sometimes all of a delegation, else a part of it.
func (c *chain) amountOf(random *rand.Rand, delegator, operator string) sdk.Coin {
	account, err := sdk.AccAddressFromBech32(delegator)
	output.Check(err)
	address, err := sdk.ValAddressFromBech32(operator)
	output.Check(err)
	d, err := c.staking.GetDelegation(c.ctx, account, address)
	v, missing := c.staking.GetValidator(c.ctx, address)
	if err != nil || missing != nil || v.DelegatorShares.IsZero() {
		return coin(1 + random.Int63n(1_000_000))
	}
	all := v.TokensFromShares(d.Shares).TruncateInt64()
	if all < 2 || random.Intn(4) == 0 {
		return coin(all + int64(random.Intn(2)))
	}
	return coin(1 + random.Int63n(all))
}

// ------------------------------------------------------------------------------------------------------------------ the list

func (c *chain) founding(b *block) {
	c.payFee(b)
	for i := range operators - 3 {
		c.create(b, "", c.creation(i, 800_000_000+int64(i)*77_777_777, 1+int64(i%3)*100_000_000))
	}
}

func (c *chain) payFee(b *block) {
	fee := coin(10_000_019 + b.Height)
	c.call(b, func(ctx sdk.Context) error {
		return c.bank.SendCoinsFromAccountToModule(ctx, player(players-1), authtypes.FeeCollectorName, sdk.NewCoins(fee))
	}, "payFee", player(players-1).String(), fee.String())
}

func (c *chain) steps(random *rand.Rand, b *block) {
	c.payFee(b)
	for range 1 + random.Intn(9) {
		c.step(random, b)
	}
	if random.Intn(3) == 0 {
		c.slashSomebody(random, b)
	}
	// One after the other, a block each, until there are too many.
	if b.Height > badInputs-6 && b.Height < badInputs {
		if b.Height == badInputs-5 {
			c.left = c.bonded(0)
			c.delegate(b, "", stakingtypes.NewMsgDelegate(player(26).String(), c.left, coin(9_000_000)))
		}
		c.undelegate(b, "", stakingtypes.NewMsgUndelegate(player(26).String(), c.left, coin(1_000_001)))
	}
}

func (c *chain) step(random *rand.Rand, b *block) {
	delegator, operator := c.anyDelegation(random)
	switch random.Intn(24) {
	case 0, 1, 2, 3, 4, 5:
		from := player(random.Intn(players)).String()
		c.delegate(b, "", stakingtypes.NewMsgDelegate(from, c.anyOperator(random), coin(1+random.Int63n(700_000_000))))
	case 6, 7, 8, 9, 10:
		c.undelegate(b, "", stakingtypes.NewMsgUndelegate(delegator, operator, c.amountOf(random, delegator, operator)))
	case 11, 12, 13, 14:
		c.redelegate(b, "", stakingtypes.NewMsgBeginRedelegate(delegator, operator, c.anyOperator(random), c.amountOf(random, delegator, operator)))
	case 15, 16:
		c.cancelSomething(random, b)
	case 17, 18:
		c.withdraw(b, distributiontypes.NewMsgWithdrawDelegatorReward(delegator, operator))
	case 19:
		c.withdrawCommission(b, distributiontypes.NewMsgWithdrawValidatorCommission(operator))
	case 20:
		c.editSomething(random, b)
	case 21:
		c.create(b, "", c.creation(random.Intn(operators), 500_000_000+random.Int63n(2_000_000_000), 1))
	default:
		c.unjail(b, slashingtypes.NewMsgUnjail(c.anyJailed(random)))
	}
}

func (c *chain) anyJailed(random *rand.Rand) string {
	all, err := c.staking.GetAllValidators(c.ctx)
	output.Check(err)
	for _, v := range all {
		if v.Jailed && random.Intn(2) == 0 {
			return v.OperatorAddress
		}
	}
	return c.anyOperator(random)
}

func (c *chain) cancelSomething(random *rand.Rand, b *block) {
	found := []stakingtypes.UnbondingDelegation{}
	output.Check(c.staking.IterateUnbondingDelegations(c.ctx, func(_ int64, ubd stakingtypes.UnbondingDelegation) bool {
		found = append(found, ubd)
		return false
	}))
	if len(found) == 0 {
		return
	}
	ubd := found[random.Intn(len(found))]
	entry := ubd.Entries[random.Intn(len(ubd.Entries))]
	amount := entry.Balance.Int64()
	if amount > 1 && random.Intn(3) > 0 {
		amount = 1 + random.Int63n(amount)
	}
	height := entry.CreationHeight
	if random.Intn(8) == 0 {
		height++
	}
	c.cancel(b, "", &stakingtypes.MsgCancelUnbondingDelegation{
		DelegatorAddress: ubd.DelegatorAddress, ValidatorAddress: ubd.ValidatorAddress,
		Amount: sdk.Coin{Denom: denom, Amount: math.NewInt(amount)}, CreationHeight: height,
	})
}

func (c *chain) editSomething(random *rand.Rand, b *block) {
	m := stakingtypes.NewMsgEditValidator(c.anyOperator(random), stakingtypes.NewDescription(
		stakingtypes.DoNotModifyDesc, "id", stakingtypes.DoNotModifyDesc, "", fmt.Sprintf("at %d", b.Height)), nil, nil)
	if random.Intn(2) == 0 {
		rate := hundredths(random.Int63n(30))
		m.CommissionRate = &rate
	}
	if random.Intn(2) == 0 {
		minimum := math.NewInt(1 + random.Int63n(300_000_000))
		m.MinSelfDelegation = &minimum
	}
	c.edit(b, "", m)
}

// A fault of the last blocks, of a validator that is bonded or was: most of them are put into jail too.
func (c *chain) slashSomebody(random *rand.Rand, b *block) {
	all, err := c.staking.GetAllValidators(c.ctx)
	output.Check(err)
	v := all[random.Intn(len(all))]
	for tries := 0; tries < 20 && (v.IsUnbonded() || v.Jailed); tries++ {
		v = all[random.Intn(len(all))]
	}
	if v.IsUnbonded() {
		return
	}
	address, err := v.GetConsAddr()
	output.Check(err)
	height := max(1, b.Height-int64(random.Intn(16)))
	power := v.PotentialConsensusPower(sdk.DefaultPowerReduction)
	fraction := math.LegacyNewDecWithPrec(1+random.Int63n(150), 3)
	if random.Intn(25) == 0 {
		fraction = math.LegacyOneDec()
	}
	c.call(b, func(ctx sdk.Context) error {
		_, err := c.staking.Slash(ctx, address, height, power, fraction)
		return err
	}, "slash", hex.EncodeToString(address), fmt.Sprint(height), fmt.Sprint(power), fraction.String())
	if !v.Jailed && random.Intn(3) == 0 {
		c.call(b, func(ctx sdk.Context) error { return c.staking.Jail(ctx, address) }, "jail", hex.EncodeToString(address))
	}
}

// ---------------------------------------------------------------------------------------------------------------- the engine

// Validators at the heights that are near, by their keys.
type engine struct{ sets map[int64]map[string]int64 }

// What an end of a block asks for is so from the next block but one on.
func (e *engine) update(height int64, updates []abci.ValidatorUpdate) {
	next := map[string]int64{}
	for key, power := range e.sets[height+1] {
		next[key] = power
	}
	for _, u := range updates {
		key := string(u.PubKey.GetEd25519())
		next[key] = u.Power
		if u.Power == 0 {
			delete(next, key)
		}
	}
	e.sets[height+2] = next
}
