package main

import (
	"bytes"
	"fmt"
	"math/big"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmttypes "github.com/cometbft/cometbft/types"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"

	"weir/vectors/output"
)

func key(i int) *secp256k1.PrivKey {
	return secp256k1.GenPrivKeyFromSecret([]byte(fmt.Sprint("vector ", i)))
}

func who(i int) sdk.AccAddress { return sdk.AccAddress(key(i).PubKey().Address()) }

// An address of another length sorts by its length: 32 bytes are what contracts and derived module accounts have.
func longAddress() sdk.AccAddress { return bytes.Repeat([]byte{0xab}, 32) }

func coin(amount int64, denom string) sdk.Coin {
	return sdk.Coin{Denom: denom, Amount: math.NewInt(amount)}
}

func coins(list ...sdk.Coin) sdk.Coins { return list }

func genesis(c *chain) (*authtypes.GenesisState, *banktypes.GenesisState) {
	signed := authtypes.NewBaseAccount(who(1), key(1).PubKey(), 0, 3)
	accounts := authtypes.GenesisAccounts{
		signed,
		authtypes.NewBaseAccount(who(2), nil, 0, 0),
		authtypes.NewBaseAccount(who(3), nil, 9, 0),
		authtypes.NewBaseAccount(longAddress(), nil, 9, 0),
		authtypes.NewModuleAccount(authtypes.NewBaseAccount(authtypes.NewModuleAddress("faucet"), nil, 4, 0), "faucet",
			authtypes.Burner, authtypes.Minter),
	}
	huge := math.NewIntFromBigInt(new(big.Int).Lsh(big.NewInt(1), 255))
	balances := []banktypes.Balance{
		{Address: who(1).String(), Coins: coins(coin(5, "ibc/AA"), coin(1_000_000, "uusdc"), coin(1_000, "uweir"))},
		{Address: who(2).String(), Coins: coins(sdk.Coin{Denom: "huge", Amount: huge}, coin(7, "uweir"))},
		{Address: who(3).String(), Coins: coins(coin(40, "frozen"), coin(3, "uweir"))},
		{Address: longAddress().String(), Coins: coins(coin(1, "uweir"))},
	}
	metadata := []banktypes.Metadata{{
		Description: "The staking token",
		DenomUnits: []*banktypes.DenomUnit{
			{Denom: "uweir", Exponent: 0, Aliases: []string{"microweir"}}, {Denom: "weir", Exponent: 6},
		},
		Base: "uweir", Display: "weir", Name: "Weir", Symbol: "WEIR", URI: "https://weir.example/é", URIHash: "00",
	}}
	sendEnabled := []banktypes.SendEnabled{{Denom: "frozen", Enabled: false}, {Denom: "uweir", Enabled: true}}
	auth := authtypes.NewGenesisState(authtypes.DefaultParams(), accounts)
	bank := banktypes.NewGenesisState(banktypes.DefaultParams(), balances, nil, metadata, sendEnabled)
	output.Check(authtypes.ValidateGenesis(*auth))
	output.Check(bank.Validate())
	return auth, bank
}

func history(c *chain) {
	bank := bankkeeper.NewMsgServerImpl(c.bank)
	sendMsg := func(ctx sdk.Context, m *banktypes.MsgSend) (*banktypes.MsgSendResponse, error) {
		return bank.Send(ctx, m)
	}
	transfer := func(name string, from, to sdk.AccAddress, amount sdk.Coins) {
		send(c, name, sendMsg, &banktypes.MsgSend{FromAddress: from.String(), ToAddress: to.String(), Amount: amount})
	}
	transfer("send one coin", who(1), who(2), coins(coin(10, "uweir")))
	transfer("send two coins to a new account", who(1), who(5), coins(coin(3, "uusdc"), coin(4, "uweir")))
	transfer("send all of a coin", who(1), who(2), coins(coin(5, "ibc/AA")))
	transfer("send to oneself", who(2), who(2), coins(coin(7, "uweir")))
	transfer("send to an address of 32 bytes", who(2), longAddress(), coins(coin(1, "uweir")))
	transfer("send more than there is", who(3), who(1), coins(coin(4, "uweir")))
	transfer("send of nothing", who(6), who(1), coins(coin(4, "uweir")))
	transfer("send a second coin that is not enough", who(1), who(2), coins(coin(1, "uusdc"), coin(1_000_000, "uweir")))
	transfer("send a disabled coin", who(3), who(1), coins(coin(1, "frozen")))
	transfer("send to a blocked account", who(1), authtypes.NewModuleAddress("fee_collector"), coins(coin(1, "uweir")))
	transfer("send no coins", who(1), who(2), nil)
	transfer("send zero", who(1), who(2), coins(coin(0, "uweir")))
	transfer("send a negative amount", who(1), who(2), coins(coin(-1, "uweir")))
	transfer("send unsorted coins", who(1), who(2), coins(coin(1, "uweir"), coin(1, "uusdc")))
	transfer("send a coin twice", who(1), who(2), coins(coin(1, "uweir"), coin(1, "uweir")))
	transfer("send a bad denomination", who(1), who(2), coins(coin(1, "u w")))
	for _, bad := range []string{"", " ", "weir1", "weir1qqqqqqqqqqqqqqqq", who(1).String()[:30], who(1).String() + "q"} {
		send(c, "send from "+bad, sendMsg,
			&banktypes.MsgSend{FromAddress: bad, ToAddress: who(1).String(), Amount: coins(coin(1, "uweir"))})
		send(c, "send to "+bad, sendMsg,
			&banktypes.MsgSend{FromAddress: who(1).String(), ToAddress: bad, Amount: coins(coin(1, "uweir"))})
	}
	multiSends(c, bank)
	supplyChanges(c)
	governance(c, bank)
	fees(c)
}

func multiSends(c *chain, bank banktypes.MsgServer) {
	handle := func(ctx sdk.Context, m *banktypes.MsgMultiSend) (*banktypes.MsgMultiSendResponse, error) {
		return bank.MultiSend(ctx, m)
	}
	input := func(i int, amount ...sdk.Coin) banktypes.Input { return banktypes.NewInput(who(i), amount) }
	toward := func(i int, amount ...sdk.Coin) banktypes.Output { return banktypes.NewOutput(who(i), amount) }
	type inputs = []banktypes.Input
	type outputs = []banktypes.Output
	for _, m := range []struct {
		name string
		in   inputs
		out  outputs
	}{
		{"multi-send to two, one of them new", inputs{input(1, coin(2, "uusdc"), coin(5, "uweir"))}, outputs{toward(2, coin(5, "uweir")), toward(7, coin(2, "uusdc"))}},
		{"multi-send twice to one", inputs{input(1, coin(5, "uweir"))}, outputs{toward(2, coin(2, "uweir")), toward(2, coin(3, "uweir"))}},
		{"multi-send without inputs", inputs{}, outputs{toward(2, coin(2, "uweir"))}},
		{"multi-send with two inputs", inputs{input(1, coin(1, "uweir")), input(2, coin(1, "uweir"))}, outputs{toward(3, coin(2, "uweir"))}},
		{"multi-send without outputs", inputs{input(1, coin(5, "uweir"))}, outputs{}},
		{"multi-send that does not add up", inputs{input(1, coin(5, "uweir"))}, outputs{toward(2, coin(4, "uweir"))}},
		{"multi-send of another coin", inputs{input(1, coin(5, "uweir"))}, outputs{toward(2, coin(5, "uusdc"))}},
		{"multi-send of zero", inputs{input(1, coin(0, "uweir"))}, outputs{toward(2, coin(0, "uweir"))}},
		{"multi-send of an empty input", inputs{input(1)}, outputs{toward(2)}},
		{"multi-send with a bad output", inputs{input(1, coin(5, "uweir"))}, outputs{toward(2, coin(-5, "uweir"))}},
		{"multi-send of a disabled coin", inputs{input(3, coin(5, "frozen"))}, outputs{toward(2, coin(5, "frozen"))}},
		{"multi-send of too much", inputs{input(3, coin(50, "uweir"))}, outputs{toward(2, coin(50, "uweir"))}},
		{"multi-send to a blocked account", inputs{input(1, coin(5, "uweir"))}, outputs{{Address: authtypes.NewModuleAddress("fee_collector").String(), Coins: coins(coin(5, "uweir"))}}},
		{"multi-send from no address", inputs{{Address: "", Coins: coins(coin(5, "uweir"))}}, outputs{toward(2, coin(5, "uweir"))}},
		{"multi-send to another chain", inputs{input(1, coin(5, "uweir"))}, outputs{{Address: "cosmos1qqqsyqcyq5rqwzqfpg9scrgwpugpzysnrk363e", Coins: coins(coin(5, "uweir"))}}},
	} {
		send(c, m.name, handle, &banktypes.MsgMultiSend{Inputs: m.in, Outputs: m.out})
	}
}

func supplyChanges(c *chain) {
	c.call(func(ctx sdk.Context) error {
		return c.bank.MintCoins(ctx, "faucet", coins(coin(9, "unew"), coin(100, "uweir")))
	}, "mint", "faucet", "9unew,100uweir")
	c.call(func(ctx sdk.Context) error {
		return c.bank.MintCoins(ctx, "faucet", coins(coin(1, "uweir"), coin(1, "uweir")))
	}, "mint", "faucet", "1uweir,1uweir")
	c.call(func(ctx sdk.Context) error {
		return c.bank.BurnCoins(ctx, "faucet", coins(coin(9, "unew"), coin(1, "uweir")))
	}, "burn", "faucet", "9unew,1uweir")
	c.call(func(ctx sdk.Context) error { return c.bank.BurnCoins(ctx, "faucet", coins(coin(100, "uweir"))) }, "burn", "faucet", "100uweir")
	c.call(func(ctx sdk.Context) error {
		return c.bank.SendCoinsFromModuleToAccount(ctx, "faucet", who(8), coins(coin(9, "uweir")))
	}, "sendFromModule", "faucet", who(8).String(), "9uweir")
	c.call(func(ctx sdk.Context) error {
		return c.bank.SendCoinsFromModuleToAccount(ctx, "faucet", authtypes.NewModuleAddress("fee_collector"), coins(coin(9, "uweir")))
	}, "sendFromModule", "faucet", authtypes.NewModuleAddress("fee_collector").String(), "9uweir")
	c.call(func(ctx sdk.Context) error {
		return c.bank.SendCoinsFromAccountToModule(ctx, who(2), "faucet", coins(coin(2, "uweir")))
	}, "sendToModule", who(2).String(), "faucet", "2uweir")
	c.call(func(ctx sdk.Context) error {
		return c.bank.SendCoinsFromModuleToModule(ctx, "faucet", "fee_collector", coins(coin(2, "uweir")))
	}, "sendBetweenModules", "faucet", "fee_collector", "2uweir")
}

func governance(c *chain, bank banktypes.MsgServer) {
	auth := authkeeper.NewMsgServerImpl(c.auth)
	authParams := func(ctx sdk.Context, m *authtypes.MsgUpdateParams) (*authtypes.MsgUpdateParamsResponse, error) {
		return auth.UpdateParams(ctx, m)
	}
	for _, change := range []func(p *authtypes.Params){
		func(p *authtypes.Params) { p.MaxMemoCharacters = 512 },
		func(p *authtypes.Params) { p.MaxMemoCharacters = 0 },
		func(p *authtypes.Params) { p.TxSigLimit = 0 },
		func(p *authtypes.Params) { p.TxSizeCostPerByte = 0 },
		func(p *authtypes.Params) { p.SigVerifyCostED25519 = 0 },
		func(p *authtypes.Params) { p.SigVerifyCostSecp256k1 = 0 },
		func(p *authtypes.Params) { *p = authtypes.Params{} },
	} {
		params := authtypes.DefaultParams()
		change(&params)
		send(c, "auth parameters", authParams, &authtypes.MsgUpdateParams{Authority: c.authority, Params: params})
	}

	bankParams := func(ctx sdk.Context, m *banktypes.MsgUpdateParams) (*banktypes.MsgUpdateParamsResponse, error) {
		return bank.UpdateParams(ctx, m)
	}
	listed := banktypes.Params{SendEnabled: []*banktypes.SendEnabled{{Denom: "uweir", Enabled: true}}}
	send(c, "bank parameters by another", bankParams, &banktypes.MsgUpdateParams{Authority: who(1).String()})
	send(c, "bank parameters with a list", bankParams, &banktypes.MsgUpdateParams{Authority: c.authority, Params: listed})
	send(c, "bank parameters", bankParams, &banktypes.MsgUpdateParams{Authority: c.authority})

	enable := func(ctx sdk.Context, m *banktypes.MsgSetSendEnabled) (*banktypes.MsgSetSendEnabledResponse, error) {
		return bank.SetSendEnabled(ctx, m)
	}
	entry := func(denom string, enabled bool) *banktypes.SendEnabled {
		return banktypes.NewSendEnabled(denom, enabled)
	}
	type entries = []*banktypes.SendEnabled
	send(c, "enable by another", enable, banktypes.NewMsgSetSendEnabled(who(1).String(), entries{entry("uusdc", true)}, nil))
	send(c, "enable twice", enable, banktypes.NewMsgSetSendEnabled(c.authority, entries{entry("uusdc", true), entry("uusdc", false)}, nil))
	send(c, "enable a bad denomination", enable, banktypes.NewMsgSetSendEnabled(c.authority, entries{entry("u", true)}, nil))
	send(c, "forget a bad denomination", enable, banktypes.NewMsgSetSendEnabled(c.authority, nil, []string{"1\"x"}))
	send(c, "enable and forget", enable, banktypes.NewMsgSetSendEnabled(c.authority, entries{entry("uusdc", true), entry("ibc/AA", false)}, []string{"frozen", "unknown"}))

	engine := func(ctx sdk.Context, m *consensustypes.MsgUpdateParams) (*consensustypes.MsgUpdateParamsResponse, error) {
		return c.consensus.UpdateParams(ctx, m)
	}
	for _, change := range consensusChanges(c) {
		params := cmttypes.DefaultConsensusParams().ToProto()
		m := &consensustypes.MsgUpdateParams{Authority: c.authority, Block: params.Block, Evidence: params.Evidence, Validator: params.Validator}
		change(m)
		send(c, "consensus parameters", engine, m)
	}
}

func consensusChanges(c *chain) []func(m *consensustypes.MsgUpdateParams) {
	type message = consensustypes.MsgUpdateParams
	extensions := func(height int64) func(m *message) {
		return func(m *message) { m.Abci = &cmtproto.ABCIParams{VoteExtensionsEnableHeight: height} }
	}
	return []func(m *message){
		func(m *message) { m.Authority = who(1).String() },
		func(m *message) { m.Block = nil },
		func(m *message) { m.Evidence = nil },
		func(m *message) { m.Validator = nil },
		func(m *message) { m.Block.MaxBytes = 0 },
		func(m *message) { m.Block.MaxBytes = -2 },
		func(m *message) { m.Block.MaxBytes = 104857601 },
		func(m *message) { m.Block.MaxGas = -2 },
		func(m *message) { m.Evidence.MaxAgeNumBlocks = 0 },
		func(m *message) { m.Evidence.MaxAgeDuration = 0 },
		func(m *message) { m.Evidence.MaxBytes = -1 },
		func(m *message) { m.Evidence.MaxBytes, m.Block.MaxBytes = 2000, 1000 },
		func(m *message) { m.Evidence.MaxBytes, m.Block.MaxBytes = 104857601, -1 },
		func(m *message) { m.Validator.PubKeyTypes = nil },
		func(m *message) { m.Validator.PubKeyTypes = []string{"ed25519", "rsa"} },
		extensions(-1), extensions(0), extensions(7), extensions(100), extensions(200), extensions(0),
		func(m *message) { m.Block.MaxBytes, m.Block.MaxGas = -1, 30_000_000 },
		func(m *message) { m.Validator.PubKeyTypes = []string{"ed25519", "secp256k1"} },
	}
}

// x/auth/ante/fee.go, what a transaction pays.
func fees(c *chain) {
	pay := func(payer sdk.AccAddress, fee string) {
		c.call(func(ctx sdk.Context) error {
			amount, err := sdk.ParseCoinsNormalized(fee)
			output.Check(err)
			return c.bank.SendCoinsFromAccountToModule(ctx, payer, authtypes.FeeCollectorName, amount)
		}, "payFee", payer.String(), fee)
	}
	pay(who(1), "5uusdc,4uweir")
	pay(who(1), "5uweir")
}
