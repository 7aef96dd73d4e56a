package main

import (
	"crypto/sha256"
	"encoding/json"
	"time"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmttypes "github.com/cometbft/cometbft/types"
	dbm "github.com/cosmos/cosmos-db"
	gogoproto "github.com/cosmos/gogoproto/proto"

	coreaddress "cosmossdk.io/core/address"
	"cosmossdk.io/core/header"
	corestore "cosmossdk.io/core/store"
	"cosmossdk.io/log"
	"cosmossdk.io/math"
	"cosmossdk.io/store"
	"cosmossdk.io/store/metrics"
	storetypes "cosmossdk.io/store/types"
	"cosmossdk.io/x/tx/signing"

	"github.com/cosmos/cosmos-sdk/baseapp"
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
	"github.com/cosmos/cosmos-sdk/x/gov"
	govkeeper "github.com/cosmos/cosmos-sdk/x/gov/keeper"
	govtypes "github.com/cosmos/cosmos-sdk/x/gov/types"
	v1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	"github.com/cosmos/cosmos-sdk/x/gov/types/v1beta1"
	slashingkeeper "github.com/cosmos/cosmos-sdk/x/slashing/keeper"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingkeeper "github.com/cosmos/cosmos-sdk/x/staking/keeper"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"weir/vectors/output"
)

const (
	prefix     = "weir"
	denom      = "uweir"
	chainID    = "weir-vectors"
	operators  = 9
	players    = 24
	unbonding  = 90 * time.Second
	validators = 6
)

var start = time.Unix(1_700_000_000, 0).UTC()

// A chain of six modules, without baseapp: keepers over stores in memory, with every hook that staking has in simapp.
type chain struct {
	cdc          *codec.ProtoCodec
	ctx          sdk.Context
	keys         map[string]*storetypes.KVStoreKey
	router       *baseapp.MsgServiceRouter
	auth         authkeeper.AccountKeeper
	bank         bankkeeper.BaseKeeper
	staking      *stakingkeeper.Keeper
	distribution distributionkeeper.Keeper
	slashing     slashingkeeper.Keeper
	gov          *govkeeper.Keeper
	authority    string
	made         int
}

func newCodec(addresses, operatorAddresses coreaddress.Codec) *codec.ProtoCodec {
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
	slashingtypes.RegisterInterfaces(registry)
	v1.RegisterInterfaces(registry)
	v1beta1.RegisterInterfaces(registry)
	return codec.NewProtoCodec(registry)
}

func newChain() *chain {
	sdk.DefaultBondDenom = denom
	config := sdk.GetConfig()
	config.SetBech32PrefixForAccount(prefix, prefix+"pub")
	config.SetBech32PrefixForValidator(prefix+"valoper", prefix+"valoperpub")
	config.SetBech32PrefixForConsensusNode(prefix+"valcons", prefix+"valconspub")
	addresses := address.NewBech32Codec(prefix)
	operatorAddresses := address.NewBech32Codec(prefix + "valoper")
	cdc := newCodec(addresses, operatorAddresses)

	names := []string{"acc", "bank", "staking", "distribution", "slashing", "gov"}
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
		stakingtypes.BondedPoolName:    {authtypes.Burner, authtypes.Staking},
		stakingtypes.NotBondedPoolName: {authtypes.Burner, authtypes.Staking},
		govtypes.ModuleName:            {authtypes.Burner},
	}
	blocked := map[string]bool{}
	for name := range permissions {
		blocked[authtypes.NewModuleAddress(name).String()] = true
	}
	c := &chain{cdc: cdc, keys: keys, authority: authority}
	c.auth = authkeeper.NewAccountKeeper(cdc, service("acc"), authtypes.ProtoBaseAccount, permissions, addresses, prefix, authority)
	c.bank = bankkeeper.NewBaseKeeper(cdc, service("bank"), c.auth, blocked, authority, log.NewNopLogger())
	c.staking = stakingkeeper.NewKeeper(cdc, service("staking"), c.auth, c.bank, authority, operatorAddresses, address.NewBech32Codec(prefix+"valcons"))
	c.distribution = distributionkeeper.NewKeeper(cdc, service("distribution"), c.auth, c.bank, c.staking, authtypes.FeeCollectorName, authority)
	c.slashing = slashingkeeper.NewKeeper(cdc, codec.NewLegacyAmino(), service("slashing"), c.staking, authority)
	c.staking.SetHooks(stakingtypes.NewMultiStakingHooks(c.distribution.Hooks(), c.slashing.Hooks()))
	c.router = baseapp.NewMsgServiceRouter()
	c.router.SetInterfaceRegistry(cdc.InterfaceRegistry())
	c.gov = govkeeper.NewKeeper(cdc, service("gov"), c.auth, c.bank, c.staking, c.distribution, c.router, govtypes.DefaultConfig(), authority)
	contents := v1beta1.NewRouter()
	contents.AddRoute(govtypes.RouterKey, v1beta1.ProposalHandler)
	c.gov.SetLegacyRouter(contents)
	authtypes.RegisterMsgServer(c.router, authkeeper.NewMsgServerImpl(c.auth))
	banktypes.RegisterMsgServer(c.router, bankkeeper.NewMsgServerImpl(c.bank))
	distributiontypes.RegisterMsgServer(c.router, distributionkeeper.NewMsgServerImpl(c.distribution))
	stakingtypes.RegisterMsgServer(c.router, stakingkeeper.NewMsgServerImpl(c.staking))
	server := govkeeper.NewMsgServerImpl(c.gov)
	v1.RegisterMsgServer(c.router, server)
	v1beta1.RegisterMsgServer(c.router, govkeeper.NewLegacyMsgServerImpl(authority, server))
	c.ctx = sdk.NewContext(stores, cmtproto.Header{ChainID: chainID, Time: start}, false, log.NewNopLogger())
	return c
}

func player(index int) sdk.AccAddress {
	hash := sha256.Sum256([]byte{'p', byte(index)})
	return hash[:20]
}

func operatorText(index int) string { return sdk.ValAddress(player(index)).String() }

func pointer(d time.Duration) *time.Duration { return &d }

// Little time, so that much happens in few blocks, and a deposit of two denominations.
func params() v1.Params {
	p := v1.DefaultParams()
	p.MinDeposit = sdk.NewCoins(sdk.NewInt64Coin("uusdc", 1_000), sdk.NewInt64Coin(denom, 10_000_000))
	p.ExpeditedMinDeposit = sdk.NewCoins(sdk.NewInt64Coin("uusdc", 2_001), sdk.NewInt64Coin(denom, 25_000_001))
	p.MaxDepositPeriod = pointer(40 * time.Second)
	p.VotingPeriod = pointer(45 * time.Second)
	p.ExpeditedVotingPeriod = pointer(20 * time.Second)
	p.MinInitialDepositRatio = "0.1"
	return p
}

func (c *chain) begin() map[string]json.RawMessage {
	staking := stakingtypes.DefaultGenesisState()
	staking.Params = stakingtypes.NewParams(unbonding, validators, 5, 3, denom, math.LegacyZeroDec())
	distribution := distributiontypes.DefaultGenesisState()
	slashingState := slashingtypes.DefaultGenesisState()
	bank := banktypes.DefaultGenesisState()
	accounts := authtypes.GenesisAccounts{}
	for i := range players {
		accounts = append(accounts, authtypes.NewBaseAccount(player(i), nil, uint64(i), 0))
		coins := sdk.NewCoins(sdk.NewInt64Coin(denom, 40_000_000_000+int64(i)*1_234_567), sdk.NewInt64Coin("uusdc", 1_000_000_000))
		bank.Balances = append(bank.Balances, banktypes.Balance{Address: player(i).String(), Coins: coins})
	}
	auth := authtypes.NewGenesisState(authtypes.DefaultParams(), accounts)
	governance := v1.NewGenesisState(7, params())
	governance.Constitution = "We, the holders"
	genesis := map[string]json.RawMessage{
		"auth": c.json(auth), "bank": c.json(bank), "staking": c.json(staking),
		"distribution": c.json(distribution), "slashing": c.json(slashingState), "gov": c.json(governance),
	}
	c.ctx = c.ctx.WithConsensusParams(cmttypes.DefaultConsensusParams().ToProto())
	c.auth.InitGenesis(c.ctx, *auth)
	c.bank.InitGenesis(c.ctx, bank)
	c.distribution.InitGenesis(c.ctx, *distribution)
	c.staking.InitGenesis(c.ctx, staking)
	c.slashing.InitGenesis(c.ctx, c.staking, slashingState)
	gov.InitGenesis(c.ctx, c.auth, c.bank, c.gov, governance)
	return genesis
}

func (c *chain) beginBlock(height int64, at time.Time) {
	c.ctx = c.ctx.
		WithBlockHeader(cmtproto.Header{ChainID: chainID, Height: height, Time: at}).
		WithHeaderInfo(header.Info{ChainID: chainID, Height: height, Time: at}).
		WithEventManager(sdk.NewEventManager())
}

func (c *chain) endBlock(b *block) {
	c.ctx = c.ctx.WithEventManager(sdk.NewEventManager())
	output.Check(gov.EndBlocker(c.ctx, c.gov))
	b.End = eventsOf(c.ctx.EventManager())
	c.ctx = c.ctx.WithEventManager(sdk.NewEventManager())
	_, err := c.staking.EndBlocker(c.ctx)
	output.Check(err)
}

func (c *chain) json(m gogoproto.Message) json.RawMessage {
	bytes, err := c.cdc.MarshalJSON(m)
	output.Check(err)
	return bytes
}
