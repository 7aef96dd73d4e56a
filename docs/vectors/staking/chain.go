package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
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
	"github.com/cosmos/cosmos-sdk/x/slashing"
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
	operators  = 14
	players    = 30
	unbonding  = 90 * time.Second
	validators = 7
)

var start = time.Unix(1_700_000_000, 0).UTC()

// A chain of five modules, without baseapp: keepers over stores in memory, with every hook that staking has in simapp.
type chain struct {
	cdc          *codec.ProtoCodec
	ctx          sdk.Context
	keys         map[string]*storetypes.KVStoreKey
	auth         authkeeper.AccountKeeper
	bank         bankkeeper.BaseKeeper
	staking      *stakingkeeper.Keeper
	distribution distributionkeeper.Keeper
	slashing     slashingkeeper.Keeper
	authority    string
	// How many consensus keys were used so far.
	made int
	// The validator that somebody leaves again and again.
	left string
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

	names := []string{"acc", "bank", "staking", "distribution", "slashing"}
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
	c.ctx = sdk.NewContext(stores, cmtproto.Header{ChainID: chainID, Time: start}, false, log.NewNopLogger())
	return c
}

func player(index int) sdk.AccAddress {
	hash := sha256.Sum256([]byte{'p', byte(index)})
	return hash[:20]
}

func operatorText(index int) string { return sdk.ValAddress(player(index)).String() }

// Little time to unbond and few seats, so that much happens in few blocks.
func (c *chain) begin() map[string]json.RawMessage {
	staking := stakingtypes.DefaultGenesisState()
	staking.Params = stakingtypes.NewParams(unbonding, validators, 3, 10, denom, math.LegacyNewDecWithPrec(2, 2))
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
	genesis := map[string]json.RawMessage{
		"auth": c.json(auth), "bank": c.json(bank), "staking": c.json(staking),
		"distribution": c.json(distribution), "slashing": c.json(slashingState),
	}
	c.ctx = c.ctx.WithConsensusParams(cmttypes.DefaultConsensusParams().ToProto())
	c.auth.InitGenesis(c.ctx, *auth)
	c.bank.InitGenesis(c.ctx, bank)
	c.distribution.InitGenesis(c.ctx, *distribution)
	c.staking.InitGenesis(c.ctx, staking)
	c.slashing.InitGenesis(c.ctx, c.staking, slashingState)
	return genesis
}

// What the engine would tell of a block's header is made of its height.
func hashOf(what byte, height int64) []byte {
	bytes := append([]byte{what}, binary.BigEndian.AppendUint64(nil, uint64(height))...)
	hash := sha256.Sum256(bytes)
	return hash[:]
}

func (c *chain) beginBlock(b *block, at time.Time, votes []abci.VoteInfo) {
	proposer := []byte{}
	if len(votes) > 0 {
		proposer = votes[int(b.Height)%len(votes)].Validator.Address
	}
	b.Proposer = hex.EncodeToString(proposer)
	c.ctx = c.ctx.
		WithBlockHeader(cmtproto.Header{
			ChainID: chainID, Height: b.Height, Time: at, ProposerAddress: proposer,
			NextValidatorsHash: hashOf('v', b.Height), AppHash: hashOf('a', b.Height),
		}).
		WithHeaderInfo(header.Info{ChainID: chainID, Height: b.Height, Time: at}).
		WithVoteInfos(votes).
		WithEventManager(sdk.NewEventManager())
	output.Check(c.distribution.BeginBlocker(c.ctx))
	output.Check(slashing.BeginBlocker(c.ctx, c.slashing))
	output.Check(c.staking.BeginBlocker(c.ctx))
	b.Begin = b.shown(eventsOf(c.ctx.EventManager()))
}

func (c *chain) endBlock(b *block) []abci.ValidatorUpdate {
	c.ctx = c.ctx.WithEventManager(sdk.NewEventManager())
	updates, err := c.staking.EndBlocker(c.ctx)
	output.Check(err)
	b.Updates = []update{}
	for _, u := range updates {
		b.Updates = append(b.Updates, update{hex.EncodeToString(u.PubKey.GetEd25519()), u.Power})
	}
	b.End = eventsOf(c.ctx.EventManager())
	return updates
}

func (c *chain) json(m gogoproto.Message) json.RawMessage {
	bytes, err := c.cdc.MarshalJSON(m)
	output.Check(err)
	return bytes
}
