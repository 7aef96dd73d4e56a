// Writes test/vectors/modules.json: one history of auth, bank and consensus as cosmos-sdk's own keepers make it: what each step is
// refused with or emits, the stores' bytes afterwards, the exported genesis, and the answers to every query.
package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmttypes "github.com/cometbft/cometbft/types"
	dbm "github.com/cosmos/cosmos-db"
	gogoproto "github.com/cosmos/gogoproto/proto"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/log"
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
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	consensuskeeper "github.com/cosmos/cosmos-sdk/x/consensus/keeper"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"

	"weir/vectors/output"
)

const prefix = "weir"

// A chain of three modules, without baseapp: keepers over stores in memory.
type chain struct {
	cdc       *codec.ProtoCodec
	ctx       sdk.Context
	keys      []*storetypes.KVStoreKey
	auth      authkeeper.AccountKeeper
	bank      bankkeeper.BaseKeeper
	consensus consensuskeeper.Keeper
	authority string
}

func newChain() *chain {
	config := sdk.GetConfig()
	config.SetBech32PrefixForAccount(prefix, prefix+"pub")
	addresses := address.NewBech32Codec(prefix)
	registry, err := codectypes.NewInterfaceRegistryWithOptions(codectypes.InterfaceRegistryOptions{
		ProtoFiles: gogoproto.HybridResolver,
		SigningOptions: signing.Options{
			AddressCodec:          addresses,
			ValidatorAddressCodec: address.NewBech32Codec(prefix + "valoper"),
		},
	})
	output.Check(err)
	cryptocodec.RegisterInterfaces(registry)
	authtypes.RegisterInterfaces(registry)
	banktypes.RegisterInterfaces(registry)
	consensustypes.RegisterInterfaces(registry)
	cdc := codec.NewProtoCodec(registry)

	keys := []*storetypes.KVStoreKey{
		storetypes.NewKVStoreKey(authtypes.StoreKey),
		storetypes.NewKVStoreKey(banktypes.StoreKey),
		storetypes.NewKVStoreKey(consensustypes.StoreKey),
	}
	stores := store.NewCommitMultiStore(dbm.NewMemDB(), log.NewNopLogger(), metrics.NewNoOpMetrics())
	for _, key := range keys {
		stores.MountStoreWithDB(key, storetypes.StoreTypeIAVL, nil)
	}
	output.Check(stores.LoadLatestVersion())

	authority := authtypes.NewModuleAddress("gov").String()
	permissions := map[string][]string{"faucet": {authtypes.Burner, authtypes.Minter}}
	blocked := map[string]bool{}
	for _, account := range moduleAccounts() {
		permissions[account.name] = account.permissions
		if !account.receives {
			blocked[authtypes.NewModuleAddress(account.name).String()] = true
		}
	}
	auth := authkeeper.NewAccountKeeper(cdc, runtime.NewKVStoreService(keys[0]), authtypes.ProtoBaseAccount,
		permissions, addresses, prefix, authority)
	ctx := sdk.NewContext(stores, cmtproto.Header{ChainID: "weir-vectors", Height: 7}, false, log.NewNopLogger())
	return &chain{
		cdc:  cdc,
		ctx:  ctx,
		keys: keys,
		auth: auth,
		bank: bankkeeper.NewBaseKeeper(cdc, runtime.NewKVStoreService(keys[1]), auth, blocked, authority,
			log.NewNopLogger()),
		consensus: consensuskeeper.NewKeeper(cdc, runtime.NewKVStoreService(keys[2]), authority, runtime.EventService{}),
		authority: authority,
	}
}

type attribute = [2]string

type event struct {
	Type       string      `json:"type"`
	Attributes []attribute `json:"attributes"`
}

type refusal struct {
	Codespace string `json:"codespace"`
	Code      uint32 `json:"code"`
	Log       string `json:"log"`
}

type step struct {
	Name string `json:"name"`
	// A message: its type URL and bytes. Otherwise a call of a keeper.
	TypeURL string   `json:"typeUrl,omitempty"`
	Bytes   string   `json:"bytes,omitempty"`
	Call    []string `json:"call,omitempty"`
	Refusal *refusal `json:"refusal,omitempty"`
	Events  []event  `json:"events"`
}

var steps []step

func eventsOf(manager sdk.EventManagerI) []event {
	events := []event{}
	for _, e := range manager.Events() {
		shown := event{Type: e.Type, Attributes: []attribute{}}
		for _, a := range e.Attributes {
			shown.Attributes = append(shown.Attributes, attribute{a.Key, a.Value})
		}
		events = append(events, shown)
	}
	return events
}

// Runs in a branch of the state that is kept only without an error, as a message of a transaction.
func (c *chain) run(s step, body func(ctx sdk.Context) error) {
	branch, write := c.ctx.WithEventManager(sdk.NewEventManager()).CacheContext()
	if err := body(branch); err != nil {
		space, code, text := errorsmod.ABCIInfo(err, false)
		s.Refusal = &refusal{space, code, text}
		s.Events = []event{}
	} else {
		write()
		s.Events = eventsOf(branch.EventManager())
	}
	steps = append(steps, s)
}

type protoMessage interface {
	gogoproto.Message
	Marshal() ([]byte, error)
}

func send[M protoMessage, R any](c *chain, name string, handle func(ctx sdk.Context, m M) (R, error), m M) {
	bytes, err := m.Marshal()
	output.Check(err)
	s := step{Name: name, TypeURL: sdk.MsgTypeURL(m), Bytes: hex.EncodeToString(bytes)}
	c.run(s, func(ctx sdk.Context) error {
		_, err := handle(ctx, m)
		return err
	})
}

func (c *chain) call(body func(ctx sdk.Context) error, words ...string) {
	c.run(step{Name: fmt.Sprint(words), Call: words}, body)
}

type answer struct {
	Path     string   `json:"path"`
	Request  string   `json:"request"`
	Response string   `json:"response,omitempty"`
	Refusal  *refusal `json:"refusal,omitempty"`
}

var answers []answer

// How baseapp turns a query's error into an answer of ABCI.
func queryRefusal(err error) *refusal {
	target := sdkerrors.ErrUnknownRequest
	status, isStatus := grpcstatus.FromError(err)
	switch {
	case !isStatus, status.Code() == codes.InvalidArgument, status.Code() == codes.FailedPrecondition:
		target = sdkerrors.ErrInvalidRequest
	case status.Code() == codes.NotFound:
		target = sdkerrors.ErrKeyNotFound
	case status.Code() == codes.Unauthenticated:
		target = sdkerrors.ErrUnauthorized
	}
	space, code, text := errorsmod.ABCIInfo(errorsmod.Wrap(target, err.Error()), false)
	return &refusal{space, code, text}
}

func ask[Q, R protoMessage](c *chain, path string, handle func(ctx sdk.Context, q Q) (R, error), q Q) {
	request, err := q.Marshal()
	output.Check(err)
	a := answer{Path: path, Request: hex.EncodeToString(request)}
	branch, _ := c.ctx.CacheContext()
	response, err := handle(branch, q)
	if err != nil {
		a.Refusal = queryRefusal(err)
	} else {
		bytes, err := response.Marshal()
		output.Check(err)
		a.Response = hex.EncodeToString(bytes)
	}
	answers = append(answers, a)
}

func (c *chain) dump() map[string][][2]string {
	dumps := map[string][][2]string{}
	for _, key := range c.keys {
		entries := [][2]string{}
		iterator := c.ctx.KVStore(key).Iterator(nil, nil)
		for ; iterator.Valid(); iterator.Next() {
			entries = append(entries, [2]string{hex.EncodeToString(iterator.Key()), hex.EncodeToString(iterator.Value())})
		}
		output.Check(iterator.Close())
		dumps[key.Name()] = entries
	}
	return dumps
}

func (c *chain) json(m gogoproto.Message) json.RawMessage {
	bytes, err := c.cdc.MarshalJSON(m)
	output.Check(err)
	return bytes
}

func main() {
	c := newChain()
	authGenesis, bankGenesis := genesis(c)
	genesisJSON := map[string]json.RawMessage{"auth": c.json(authGenesis), "bank": c.json(bankGenesis)}
	params := cmttypes.DefaultConsensusParams().ToProto()
	output.Check(c.consensus.ParamsStore.Set(c.ctx, params))
	c.auth.InitGenesis(c.ctx, *authGenesis)
	// In a whole chain the genesis of each module makes the account that it holds coins in.
	for _, account := range moduleAccounts() {
		c.auth.GetModuleAccount(c.ctx, account.name)
	}
	c.bank.InitGenesis(c.ctx, bankGenesis)
	atGenesis := c.dump()
	history(c)
	questions(c)
	output.Write("modules", map[string]any{
		"authority": c.authority,
		"height":    "7",
		"genesis":   genesisJSON,
		"atGenesis": atGenesis,
		"steps":     steps,
		"afterward": c.dump(),
		"answers":   answers,
		"exported": map[string]json.RawMessage{
			"auth": c.json(c.auth.ExportGenesis(c.ctx)),
			"bank": c.json(c.bank.ExportGenesis(c.ctx)),
		},
	})
}
