package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmttypes "github.com/cometbft/cometbft/types"
	dbm "github.com/cosmos/cosmos-db"
	gogoproto "github.com/cosmos/gogoproto/proto"

	"cosmossdk.io/core/header"
	corestore "cosmossdk.io/core/store"
	"cosmossdk.io/log"
	"cosmossdk.io/math"
	"cosmossdk.io/store"
	"cosmossdk.io/store/metrics"
	storetypes "cosmossdk.io/store/types"
	"cosmossdk.io/x/tx/signing"

	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	"github.com/cosmos/cosmos-sdk/runtime"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	distributionkeeper "github.com/cosmos/cosmos-sdk/x/distribution/keeper"
	distributiontypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	mintkeeper "github.com/cosmos/cosmos-sdk/x/mint/keeper"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"
	stakingkeeper "github.com/cosmos/cosmos-sdk/x/staking/keeper"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"weir/vectors/output"
)

const (
	prefix = "weir"
	denom  = "uweir"
	// Operators are the first of the players.
	operators = 12
	players   = 26
	// Whose rewards go, by genesis, to an account that cannot receive them.
	misdirected = 3
)

var start = time.Unix(1_700_000_000, 0).UTC()

type chain struct {
	cdc          *codec.ProtoCodec
	ctx          sdk.Context
	auth         authkeeper.AccountKeeper
	bank         bankkeeper.BaseKeeper
	staking      *stakingkeeper.Keeper
	distribution distributionkeeper.Keeper
	mint         mintkeeper.Keeper
	authority    string
	// How many validators were made so far: each has a key of its own.
	made int
}

func newCodec(addresses, operatorAddresses address.Bech32Codec) *codec.ProtoCodec {
	registry, err := codectypes.NewInterfaceRegistryWithOptions(codectypes.InterfaceRegistryOptions{
		ProtoFiles:     gogoproto.HybridResolver,
		SigningOptions: signing.Options{AddressCodec: addresses, ValidatorAddressCodec: operatorAddresses},
	})
	output.Check(err)
	cryptocodec.RegisterInterfaces(registry)
	authtypes.RegisterInterfaces(registry)
	banktypes.RegisterInterfaces(registry)
	stakingtypes.RegisterInterfaces(registry)
	distributiontypes.RegisterInterfaces(registry)
	minttypes.RegisterInterfaces(registry)
	return codec.NewProtoCodec(registry)
}

func newChain() *chain {
	sdk.DefaultBondDenom = denom
	config := sdk.GetConfig()
	config.SetBech32PrefixForAccount(prefix, prefix+"pub")
	config.SetBech32PrefixForValidator(prefix+"valoper", prefix+"valoperpub")
	config.SetBech32PrefixForConsensusNode(prefix+"valcons", prefix+"valconspub")
	addresses := address.Bech32Codec{Bech32Prefix: prefix}
	operatorAddresses := address.Bech32Codec{Bech32Prefix: prefix + "valoper"}
	cdc := newCodec(addresses, operatorAddresses)

	names := []string{"acc", "bank", "staking", "distribution", "mint"}
	keys := storetypes.NewKVStoreKeys(names...)
	stores := store.NewCommitMultiStore(dbm.NewMemDB(), log.NewNopLogger(), metrics.NewNoOpMetrics())
	for _, name := range names {
		stores.MountStoreWithDB(keys[name], storetypes.StoreTypeIAVL, nil)
	}
	output.Check(stores.LoadLatestVersion())
	service := func(name string) corestore.KVStoreService { return runtime.NewKVStoreService(keys[name]) }

	authority := authtypes.NewModuleAddress("gov").String()
	permissions := map[string][]string{
		authtypes.FeeCollectorName:     nil,
		distributiontypes.ModuleName:   nil,
		minttypes.ModuleName:           {authtypes.Minter},
		stakingtypes.BondedPoolName:    {authtypes.Burner, authtypes.Staking},
		stakingtypes.NotBondedPoolName: {authtypes.Burner, authtypes.Staking},
	}
	blocked := map[string]bool{}
	for name := range permissions {
		blocked[authtypes.NewModuleAddress(name).String()] = true
	}
	c := &chain{cdc: cdc, authority: authority}
	c.auth = authkeeper.NewAccountKeeper(cdc, service("acc"), authtypes.ProtoBaseAccount, permissions, addresses, prefix, authority)
	c.bank = bankkeeper.NewBaseKeeper(cdc, service("bank"), c.auth, blocked, authority, log.NewNopLogger())
	c.staking = stakingkeeper.NewKeeper(cdc, service("staking"), c.auth, c.bank, authority, operatorAddresses, address.NewBech32Codec(prefix+"valcons"))
	c.distribution = distributionkeeper.NewKeeper(cdc, service("distribution"), c.auth, c.bank, c.staking, authtypes.FeeCollectorName, authority)
	c.mint = mintkeeper.NewKeeper(cdc, service("mint"), c.staking, c.auth, c.bank, authtypes.FeeCollectorName, authority)
	c.staking.SetHooks(stakingtypes.NewMultiStakingHooks(c.distribution.Hooks()))
	c.ctx = sdk.NewContext(stores, cmtproto.Header{ChainID: "weir-vectors", Time: start}, false, log.NewNopLogger())
	return c
}

func player(index int) sdk.AccAddress {
	hash := sha256.Sum256([]byte{'p', byte(index)})
	return hash[:20]
}

// Little time to unbond and few seats, so that much happens in few blocks; years of few blocks, so that much is minted.
func (c *chain) begin() map[string]json.RawMessage {
	staking := stakingtypes.DefaultGenesisState()
	staking.Params = stakingtypes.NewParams(60*time.Second, 8, 7, 100, denom, math.LegacyZeroDec())
	distribution := distributiontypes.DefaultGenesisState()
	for i := range misdirected {
		distribution.DelegatorWithdrawInfos = append(distribution.DelegatorWithdrawInfos, distributiontypes.DelegatorWithdrawInfo{
			DelegatorAddress: player(operators + i).String(),
			WithdrawAddress:  authtypes.NewModuleAddress(stakingtypes.BondedPoolName).String(),
		})
	}
	mint := minttypes.DefaultGenesisState()
	mint.Params.MintDenom = denom
	mint.Params.BlocksPerYear = 7001
	bank := banktypes.DefaultGenesisState()
	accounts := authtypes.GenesisAccounts{}
	for i := range players {
		accounts = append(accounts, authtypes.NewBaseAccount(player(i), nil, uint64(i), 0))
		coins := sdk.NewCoins(sdk.NewInt64Coin(denom, 40_000_000_000+int64(i)*1_234_567), sdk.NewInt64Coin("uusdc", 1_000_000_000))
		bank.Balances = append(bank.Balances, banktypes.Balance{Address: player(i).String(), Coins: coins})
	}
	auth := authtypes.NewGenesisState(authtypes.DefaultParams(), accounts)
	genesis := map[string]json.RawMessage{
		"auth": c.json(auth), "bank": c.json(bank), "staking": c.json(staking), "distribution": c.json(distribution), "mint": c.json(mint),
	}
	c.ctx = c.ctx.WithConsensusParams(cmttypes.DefaultConsensusParams().ToProto())
	c.auth.InitGenesis(c.ctx, *auth)
	c.bank.InitGenesis(c.ctx, bank)
	c.distribution.InitGenesis(c.ctx, *distribution)
	c.staking.InitGenesis(c.ctx, staking)
	c.mint.InitGenesis(c.ctx, c.auth, mint)
	return genesis
}

func (c *chain) open(height int64, at time.Time) {
	c.ctx = c.ctx.WithBlockHeader(cmtproto.Header{ChainID: "weir-vectors", Height: height, Time: at}).
		WithHeaderInfo(header.Info{Height: height, Time: at}).
		WithEventManager(sdk.NewEventManager())
}

func (c *chain) json(m gogoproto.Message) json.RawMessage {
	bytes, err := c.cdc.MarshalJSON(m)
	output.Check(err)
	return bytes
}

// Without the last proposer, which nobody is paid for.
func (c *chain) exported() json.RawMessage {
	state := c.distribution.ExportGenesis(c.ctx)
	state.PreviousProposer = ""
	return c.json(state)
}

func digest(text string) string {
	hash := sha256.Sum256([]byte(text))
	return hex.EncodeToString(hash[:])
}

// One line an account that has anything.
func (c *chain) balances() string {
	lines := []string{}
	for _, b := range c.bank.GetAccountsBalances(c.ctx) {
		lines = append(lines, fmt.Sprintf("%s %s", b.Address, b.Coins))
	}
	return strings.Join(lines, "\n")
}

// One line a validator: status, tokens, shares.
func (c *chain) validators() string {
	all, err := c.staking.GetAllValidators(c.ctx)
	output.Check(err)
	lines := []string{}
	for _, v := range all {
		lines = append(lines, fmt.Sprintf("%s %d %s %s", v.OperatorAddress, v.Status, v.Tokens, v.DelegatorShares))
	}
	return strings.Join(lines, "\n")
}
