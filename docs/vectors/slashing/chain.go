package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmttypes "github.com/cometbft/cometbft/types"
	dbm "github.com/cosmos/cosmos-db"
	gogoproto "github.com/cosmos/gogoproto/proto"

	"cosmossdk.io/core/comet"
	corestore "cosmossdk.io/core/store"
	"cosmossdk.io/log"
	"cosmossdk.io/math"
	"cosmossdk.io/store"
	"cosmossdk.io/store/metrics"
	storetypes "cosmossdk.io/store/types"
	evidencekeeper "cosmossdk.io/x/evidence/keeper"
	evidencetypes "cosmossdk.io/x/evidence/types"
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
	"github.com/cosmos/cosmos-sdk/x/slashing"
	slashingkeeper "github.com/cosmos/cosmos-sdk/x/slashing/keeper"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingkeeper "github.com/cosmos/cosmos-sdk/x/staking/keeper"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"weir/vectors/output"
)

const (
	prefix = "weir"
	denom  = "uweir"
)

var start = time.Unix(1_700_000_000, 0).UTC()

type chain struct {
	cdc      *codec.ProtoCodec
	ctx      sdk.Context
	keys     map[string]*storetypes.KVStoreKey
	auth     authkeeper.AccountKeeper
	bank     bankkeeper.BaseKeeper
	staking  *stakingkeeper.Keeper
	slashing slashingkeeper.Keeper
	evidence evidencekeeper.Keeper
	players  []sdk.AccAddress
	// How many validators were made so far: each has a key of its own.
	made int
}

type cometInfo struct{}

func (cometInfo) GetCometBlockInfo(ctx context.Context) comet.BlockInfo {
	return sdk.UnwrapSDKContext(ctx).CometInfo()
}

func newChain() *chain {
	config := sdk.GetConfig()
	config.SetBech32PrefixForAccount(prefix, prefix+"pub")
	config.SetBech32PrefixForValidator(prefix+"valoper", prefix+"valoperpub")
	config.SetBech32PrefixForConsensusNode(prefix+"valcons", prefix+"valconspub")
	addresses := address.NewBech32Codec(prefix)
	operators := address.NewBech32Codec(prefix + "valoper")
	consensus := address.NewBech32Codec(prefix + "valcons")
	registry, err := codectypes.NewInterfaceRegistryWithOptions(codectypes.InterfaceRegistryOptions{
		ProtoFiles:     gogoproto.HybridResolver,
		SigningOptions: signing.Options{AddressCodec: addresses, ValidatorAddressCodec: operators},
	})
	output.Check(err)
	cryptocodec.RegisterInterfaces(registry)
	authtypes.RegisterInterfaces(registry)
	banktypes.RegisterInterfaces(registry)
	stakingtypes.RegisterInterfaces(registry)
	slashingtypes.RegisterInterfaces(registry)
	evidencetypes.RegisterInterfaces(registry)
	cdc := codec.NewProtoCodec(registry)

	keys := storetypes.NewKVStoreKeys("acc", "bank", "staking", "slashing", "evidence")
	stores := store.NewCommitMultiStore(dbm.NewMemDB(), log.NewNopLogger(), metrics.NewNoOpMetrics())
	for _, name := range []string{"acc", "bank", "staking", "slashing", "evidence"} {
		stores.MountStoreWithDB(keys[name], storetypes.StoreTypeIAVL, nil)
	}
	output.Check(stores.LoadLatestVersion())
	service := func(name string) corestore.KVStoreService { return runtime.NewKVStoreService(keys[name]) }

	authority := authtypes.NewModuleAddress("gov").String()
	permissions := map[string][]string{
		authtypes.FeeCollectorName:     nil,
		"faucet":                       {authtypes.Minter},
		stakingtypes.BondedPoolName:    {authtypes.Burner, authtypes.Staking},
		stakingtypes.NotBondedPoolName: {authtypes.Burner, authtypes.Staking},
	}
	c := &chain{cdc: cdc, keys: keys}
	c.auth = authkeeper.NewAccountKeeper(cdc, service("acc"), authtypes.ProtoBaseAccount, permissions, addresses, prefix, authority)
	c.bank = bankkeeper.NewBaseKeeper(cdc, service("bank"), c.auth, nil, authority, log.NewNopLogger())
	c.staking = stakingkeeper.NewKeeper(cdc, service("staking"), c.auth, c.bank, authority, operators, consensus)
	c.slashing = slashingkeeper.NewKeeper(cdc, codec.NewLegacyAmino(), service("slashing"), c.staking, authority)
	c.staking.SetHooks(stakingtypes.NewMultiStakingHooks(c.slashing.Hooks()))
	c.evidence = *evidencekeeper.NewKeeper(cdc, service("evidence"), c.staking, c.slashing, addresses, cometInfo{})
	c.ctx = sdk.NewContext(stores, cmtproto.Header{ChainID: "weir-vectors", Time: start}, false, log.NewNopLogger())
	return c
}

func (c *chain) key(name string) *storetypes.KVStoreKey { return c.keys[name] }

const (
	operators  = 24
	delegators = 9
)

func player(index int) sdk.AccAddress {
	hash := sha256.Sum256([]byte{'p', byte(index)})
	return hash[:20]
}

// The parameters are short of everything, so that much happens in few blocks.
func (c *chain) begin() map[string]json.RawMessage {
	staking := stakingtypes.DefaultGenesisState()
	staking.Params = stakingtypes.NewParams(120*time.Second, 6, 7, 100, denom, math.LegacyZeroDec())
	slashingState := slashingtypes.DefaultGenesisState()
	slashingState.Params = slashingtypes.NewParams(20, math.LegacyMustNewDecFromStr("0.525"), 60*time.Second,
		math.LegacyMustNewDecFromStr("0.0523"), math.LegacyMustNewDecFromStr("0.0117"))
	auth := authtypes.DefaultGenesisState()
	bank := banktypes.DefaultGenesisState()
	accounts := authtypes.GenesisAccounts{}
	for i := range operators + delegators {
		c.players = append(c.players, player(i))
		accounts = append(accounts, authtypes.NewBaseAccount(player(i), nil, uint64(i), 0))
		coins := sdk.NewCoins(sdk.NewInt64Coin(denom, 40_000_000_000+int64(i)*1_234_567))
		bank.Balances = append(bank.Balances, banktypes.Balance{Address: player(i).String(), Coins: coins})
	}
	auth = authtypes.NewGenesisState(auth.Params, accounts)
	genesis := map[string]json.RawMessage{
		"auth": c.json(auth), "bank": c.json(bank), "staking": c.json(staking), "slashing": c.json(slashingState),
	}
	params := cmttypes.DefaultConsensusParams().ToProto()
	params.Evidence.MaxAgeNumBlocks = 10
	params.Evidence.MaxAgeDuration = 60 * time.Second
	c.ctx = c.ctx.WithConsensusParams(params)
	c.auth.InitGenesis(c.ctx, *auth)
	c.bank.InitGenesis(c.ctx, bank)
	c.staking.InitGenesis(c.ctx, staking)
	c.slashing.InitGenesis(c.ctx, c.staking, slashingState)
	return genesis
}

func (c *chain) beginBlock(b *block, e *engine) {
	commit := abci.CommitInfo{Votes: b.commit}
	c.ctx = c.ctx.WithBlockHeader(cmtproto.Header{ChainID: "weir-vectors", Height: b.Height, Time: e.times[b.Height]}).
		WithHeaderInfo(headerInfo(b.Height, e.times[b.Height])).
		WithVoteInfos(b.commit).
		WithCometInfo(infoOf(b.caught, commit)).
		WithEventManager(sdk.NewEventManager())
	output.Check(slashing.BeginBlocker(c.ctx, c.slashing))
	output.Check(c.evidence.BeginBlocker(c.ctx))
	output.Check(c.staking.BeginBlocker(c.ctx))
	b.Begin = eventsOf(c.ctx.EventManager())
}

func (c *chain) endBlock(b *block, e *engine) {
	c.ctx = c.ctx.WithEventManager(sdk.NewEventManager())
	updates, err := c.staking.EndBlocker(c.ctx)
	output.Check(err)
	e.update(b.Height, updates)
	b.Updates = []update{}
	for _, u := range updates {
		b.Updates = append(b.Updates, update{hex.EncodeToString(u.PubKey.GetEd25519()), u.Power})
	}
}

func (c *chain) dump(name string) [][2]string {
	entries := [][2]string{}
	iterator := c.ctx.KVStore(c.keys[name]).Iterator(nil, nil)
	for ; iterator.Valid(); iterator.Next() {
		entries = append(entries, [2]string{hex.EncodeToString(iterator.Key()), hex.EncodeToString(iterator.Value())})
	}
	output.Check(iterator.Close())
	return entries
}

// A hash of every key and value below a prefix, each with its length in four bytes before it.
func (c *chain) digest(name string, prefix []byte) string {
	hash := sha256.New()
	iterator := storetypes.KVStorePrefixIterator(c.ctx.KVStore(c.keys[name]), prefix)
	for ; iterator.Valid(); iterator.Next() {
		for _, part := range [][]byte{iterator.Key(), iterator.Value()} {
			length := len(part)
			hash.Write([]byte{byte(length >> 24), byte(length >> 16), byte(length >> 8), byte(length)})
			hash.Write(part)
		}
	}
	output.Check(iterator.Close())
	return hex.EncodeToString(hash.Sum(nil))
}

func (c *chain) json(m gogoproto.Message) json.RawMessage {
	bytes, err := c.cdc.MarshalJSON(m)
	output.Check(err)
	return bytes
}
