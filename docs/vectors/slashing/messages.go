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
func send[M protoMessage, R any](c *chain, b *block, handle func(ctx sdk.Context, m M) (R, error), m M) {
	bytes, err := m.Marshal()
	output.Check(err)
	s := message{TypeURL: sdk.MsgTypeURL(m), Bytes: hex.EncodeToString(bytes)}
	branch, write := c.ctx.WithEventManager(sdk.NewEventManager()).CacheContext()
	if _, err := handle(branch, m); err != nil {
		space, code, text := errorsmod.ABCIInfo(err, false)
		s.Refusal = &refusal{space, code, text}
	} else {
		write()
	}
	b.Messages = append(b.Messages, s)
}

func consensusKey(number int) *ed25519.PubKey {
	seed := sha256.Sum256([]byte{'k', byte(number)})
	return &ed25519.PubKey{Key: cmted25519.GenPrivKeyFromSecret(seed[:]).PubKey().Bytes()}
}

func coin(amount int64) sdk.Coin { return sdk.NewInt64Coin(denom, amount) }

func (c *chain) create(b *block, operator int, amount, minimum int64) {
	m, err := stakingtypes.NewMsgCreateValidator(
		sdk.ValAddress(c.players[operator]).String(), consensusKey(c.made), coin(amount),
		stakingtypes.NewDescription("validator", "", "", "", ""),
		stakingtypes.NewCommissionRates(math.LegacyNewDecWithPrec(1, 1), math.LegacyOneDec(), math.LegacyNewDecWithPrec(1, 2)),
		math.NewInt(minimum))
	output.Check(err)
	c.made++
	server := stakingkeeper.NewMsgServerImpl(c.staking)
	send(c, b, func(ctx sdk.Context, m *stakingtypes.MsgCreateValidator) (*stakingtypes.MsgCreateValidatorResponse, error) {
		return server.CreateValidator(ctx, m)
	}, m)
}

func (c *chain) messages(random *rand.Rand, b *block) {
	b.Messages = []message{}
	if b.Height == 1 {
		for i := range operators {
			c.create(b, i, 1_000_000_000+random.Int63n(3_000_000_000), 1+int64(i%5)*150_000_000)
		}
		return
	}
	for range random.Intn(8) {
		c.message(random, b)
	}
}

// Mostly of a delegation that there is.
func (c *chain) pick(random *rand.Rand) (delegator, operator string) {
	all, err := c.staking.GetAllDelegations(c.ctx)
	output.Check(err)
	if random.Intn(8) == 0 {
		return c.players[random.Intn(len(c.players))].String(), c.operator(random)
	}
	d := all[random.Intn(len(all))]
	return d.DelegatorAddress, d.ValidatorAddress
}

func (c *chain) operator(random *rand.Rand) string {
	return sdk.ValAddress(c.players[random.Intn(operators)]).String()
}

// Of those that are in jail, as long as there are any.
func (c *chain) jailed(random *rand.Rand) string {
	all, err := c.staking.GetAllValidators(c.ctx)
	output.Check(err)
	list := []string{}
	for _, v := range all {
		if v.Jailed {
			list = append(list, v.OperatorAddress)
		}
	}
	if len(list) == 0 {
		return c.operator(random)
	}
	return list[random.Intn(len(list))]
}

func (c *chain) message(random *rand.Rand, b *block) {
	server := stakingkeeper.NewMsgServerImpl(c.staking)
	jailer := slashingkeeper.NewMsgServerImpl(c.slashing)
	delegator, operator := c.pick(random)
	amount := coin(1 + random.Int63n(120_000_000))
	switch random.Intn(14) {
	case 0, 1, 2, 3:
		from := c.players[random.Intn(len(c.players))].String()
		send(c, b, func(ctx sdk.Context, m *stakingtypes.MsgDelegate) (any, error) { return server.Delegate(ctx, m) },
			stakingtypes.NewMsgDelegate(from, c.operator(random), amount.AddAmount(math.NewInt(50_000_000))))
	case 4, 5, 6:
		send(c, b, func(ctx sdk.Context, m *stakingtypes.MsgUndelegate) (any, error) { return server.Undelegate(ctx, m) },
			stakingtypes.NewMsgUndelegate(delegator, operator, amount))
	case 7, 8, 9:
		send(c, b, func(ctx sdk.Context, m *stakingtypes.MsgBeginRedelegate) (any, error) {
			return server.BeginRedelegate(ctx, m)
		},
			stakingtypes.NewMsgBeginRedelegate(delegator, operator, c.operator(random), amount))
	case 10, 11:
		send(c, b, func(ctx sdk.Context, m *slashingtypes.MsgUnjail) (any, error) { return jailer.Unjail(ctx, m) },
			slashingtypes.NewMsgUnjail(c.jailed(random)))
	case 12:
		send(c, b, func(ctx sdk.Context, m *slashingtypes.MsgUnjail) (any, error) { return jailer.Unjail(ctx, m) },
			slashingtypes.NewMsgUnjail(c.operator(random)))
	default:
		c.create(b, random.Intn(operators), 1_000_000_000+random.Int63n(1_000_000_000), 1)
	}
}
