// Writes no vectors: it is a small chain of cosmos-sdk's own parts (baseapp, auth, bank, the ante handler, IAVL on LevelDB) that
// `npm run bench -- comet` runs beside this project's. Behind a socket: sdkchain HOME unix://PATH. With CometBFT in its own process,
// as chains in Go are run: sdkchain HOME.
package main

import (
	"encoding/json"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	abciserver "github.com/cometbft/cometbft/abci/server"
	abci "github.com/cometbft/cometbft/abci/types"
	cmtconfig "github.com/cometbft/cometbft/config"
	cmtlog "github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/node"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"
	"github.com/cometbft/cometbft/proxy"
	dbm "github.com/cosmos/cosmos-db"
	gogoproto "github.com/cosmos/gogoproto/proto"
	"github.com/spf13/viper"

	"cosmossdk.io/log"
	"cosmossdk.io/store"
	pruningtypes "cosmossdk.io/store/pruning/types"
	storetypes "cosmossdk.io/store/types"
	"cosmossdk.io/x/tx/signing"

	"github.com/cosmos/cosmos-sdk/baseapp"
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	"github.com/cosmos/cosmos-sdk/runtime"
	"github.com/cosmos/cosmos-sdk/server"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/mempool"
	"github.com/cosmos/cosmos-sdk/x/auth/ante"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	bankkeeper "github.com/cosmos/cosmos-sdk/x/bank/keeper"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	consensuskeeper "github.com/cosmos/cosmos-sdk/x/consensus/keeper"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"

	"weir/vectors/output"
)

const prefix = "weir"

// What the SDK's own `start` gives a node that nobody has configured.
func nodeOptions() []func(*baseapp.BaseApp) {
	return []func(*baseapp.BaseApp){
		baseapp.SetInterBlockCache(store.NewCommitKVStoreCacheManager()),
		baseapp.SetIAVLCacheSize(781_250),
		baseapp.SetPruning(pruningtypes.NewPruningOptions(pruningtypes.PruningDefault)),
		baseapp.SetMempool(mempool.NoOpMempool{}),
		baseapp.SetMinGasPrices("0uweir"),
		baseapp.SetChainID("bench-1"),
	}
}

func registryOf() codectypes.InterfaceRegistry {
	registry, err := codectypes.NewInterfaceRegistryWithOptions(codectypes.InterfaceRegistryOptions{
		ProtoFiles: gogoproto.HybridResolver,
		SigningOptions: signing.Options{
			AddressCodec:          address.NewBech32Codec(prefix),
			ValidatorAddressCodec: address.NewBech32Codec(prefix + "valoper"),
		},
	})
	output.Check(err)
	cryptocodec.RegisterInterfaces(registry)
	authtypes.RegisterInterfaces(registry)
	banktypes.RegisterInterfaces(registry)
	consensustypes.RegisterInterfaces(registry)
	return registry
}

func newApp(home string) *baseapp.BaseApp {
	sdk.GetConfig().SetBech32PrefixForAccount(prefix, prefix+"pub")
	db, err := dbm.NewDB("application", dbm.GoLevelDBBackend, filepath.Join(home, "data"))
	output.Check(err)
	registry := registryOf()
	cdc := codec.NewProtoCodec(registry)
	txConfig := authtx.NewTxConfig(cdc, authtx.DefaultSignModes)

	keys := storetypes.NewKVStoreKeys(authtypes.StoreKey, banktypes.StoreKey, consensustypes.StoreKey)
	app := baseapp.NewBaseApp("sdkchain", log.NewNopLogger(), db, txConfig.TxDecoder(), nodeOptions()...)
	app.SetInterfaceRegistry(registry)
	app.MountKVStores(keys)

	authority := authtypes.NewModuleAddress("gov").String()
	accounts := authkeeper.NewAccountKeeper(cdc, runtime.NewKVStoreService(keys[authtypes.StoreKey]), authtypes.ProtoBaseAccount,
		map[string][]string{authtypes.FeeCollectorName: nil}, address.NewBech32Codec(prefix), prefix, authority)
	bank := bankkeeper.NewBaseKeeper(cdc, runtime.NewKVStoreService(keys[banktypes.StoreKey]), accounts, map[string]bool{}, authority,
		log.NewNopLogger())
	consensus := consensuskeeper.NewKeeper(cdc, runtime.NewKVStoreService(keys[consensustypes.StoreKey]), authority,
		runtime.EventService{})
	app.SetParamStore(consensus.ParamsStore)
	banktypes.RegisterMsgServer(app.MsgServiceRouter(), bankkeeper.NewMsgServerImpl(bank))

	handler, err := ante.NewAnteHandler(ante.HandlerOptions{
		AccountKeeper:   accounts,
		BankKeeper:      bank,
		SignModeHandler: txConfig.SignModeHandler(),
		SigGasConsumer:  ante.DefaultSigVerificationGasConsumer,
	})
	output.Check(err)
	app.SetAnteHandler(handler)
	app.SetInitChainer(func(ctx sdk.Context, request *abci.RequestInitChain) (*abci.ResponseInitChain, error) {
		var state map[string]json.RawMessage
		output.Check(json.Unmarshal(request.AppStateBytes, &state))
		var auth authtypes.GenesisState
		cdc.MustUnmarshalJSON(state["auth"], &auth)
		accounts.InitGenesis(ctx, auth)
		var balances banktypes.GenesisState
		cdc.MustUnmarshalJSON(state["bank"], &balances)
		bank.InitGenesis(ctx, &balances)
		return &abci.ResponseInitChain{Validators: request.Validators}, nil
	})
	output.Check(app.LoadLatestVersion())
	return app
}

func untilTold() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	<-signals
}

func serve(app *baseapp.BaseApp, address string) {
	listening, err := abciserver.NewServer(address, "socket", server.NewCometABCIWrapper(app))
	output.Check(err)
	listening.SetLogger(cmtlog.NewNopLogger())
	output.Check(listening.Start())
	untilTold()
	output.Check(listening.Stop())
}

func runNode(app *baseapp.BaseApp, home string) {
	settings := viper.New()
	settings.SetConfigFile(filepath.Join(home, "config", "config.toml"))
	output.Check(settings.ReadInConfig())
	config := cmtconfig.DefaultConfig()
	output.Check(settings.Unmarshal(config))
	config.SetRoot(home)
	nodeKey, err := p2p.LoadNodeKey(config.NodeKeyFile())
	output.Check(err)
	running, err := node.NewNode(config, privval.LoadFilePV(config.PrivValidatorKeyFile(), config.PrivValidatorStateFile()), nodeKey,
		proxy.NewLocalClientCreator(server.NewCometABCIWrapper(app)), node.DefaultGenesisDocProviderFunc(config),
		cmtconfig.DefaultDBProvider, node.DefaultMetricsProvider(config.Instrumentation), cmtlog.NewNopLogger())
	output.Check(err)
	output.Check(running.Start())
	untilTold()
	output.Check(running.Stop())
}

func main() {
	home := os.Args[1]
	app := newApp(home)
	if len(os.Args) > 2 && strings.Contains(os.Args[2], "://") {
		serve(app, os.Args[2])
		return
	}
	runNode(app, home)
}
