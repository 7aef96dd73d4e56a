package main

import (
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/query"
	authkeeper "github.com/cosmos/cosmos-sdk/x/auth/keeper"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
)

// Pages by offset and by key, forwards and backwards, within and beyond the end.
func pages() []*query.PageRequest {
	return []*query.PageRequest{
		nil, {}, {Limit: 1}, {Limit: 2, CountTotal: true}, {Limit: 2, Offset: 1}, {Limit: 1, Offset: 1, CountTotal: true},
		{Offset: 1}, {Offset: 2, Limit: 5}, {Offset: 50, CountTotal: true, Limit: 3}, {Limit: 1, Reverse: true},
		{Limit: 2, Reverse: true, CountTotal: true}, {Offset: 1, Limit: 1, Reverse: true}, {Offset: 1, Key: []byte("uweir")},
		{Key: []byte("uweir"), Limit: 1}, {Key: []byte("uweir"), Limit: 1, Reverse: true}, {Key: []byte("uu")}, {Key: []byte("zz")},
		{Key: []byte("uusdc"), Limit: 5, CountTotal: true},
	}
}

func texts(good ...string) []string {
	return append(good, "", " ", "weir1", "weir1qqqqqqqqqqqqqqqq", who(1).String()[:20])
}

func questions(c *chain) {
	authQuestions(c)
	balanceQuestions(c)
	denomQuestions(c)
	ask(c, "/cosmos.consensus.v1.Query/Params", func(ctx sdk.Context, q *consensustypes.QueryParamsRequest) (*consensustypes.QueryParamsResponse, error) {
		return c.consensus.Params(ctx, q)
	}, &consensustypes.QueryParamsRequest{})
}

func authQuestions(c *chain) {
	server := authkeeper.NewQueryServer(c.auth)
	const path = "/cosmos.auth.v1beta1.Query/"
	for _, text := range texts(who(1).String(), who(8).String(), who(99).String(), authtypes.NewModuleAddress("faucet").String()) {
		ask(c, path+"Account", func(ctx sdk.Context, q *authtypes.QueryAccountRequest) (*authtypes.QueryAccountResponse, error) {
			return server.Account(ctx, q)
		}, &authtypes.QueryAccountRequest{Address: text})
		ask(c, path+"AccountInfo", func(ctx sdk.Context, q *authtypes.QueryAccountInfoRequest) (*authtypes.QueryAccountInfoResponse, error) {
			return server.AccountInfo(ctx, q)
		}, &authtypes.QueryAccountInfoRequest{Address: text})
		ask(c, path+"AddressStringToBytes", func(ctx sdk.Context, q *authtypes.AddressStringToBytesRequest) (*authtypes.AddressStringToBytesResponse, error) {
			return server.AddressStringToBytes(ctx, q)
		}, &authtypes.AddressStringToBytesRequest{AddressString: text})
	}
	for _, bytes := range [][]byte{nil, {1}, who(1), longAddress()} {
		ask(c, path+"AddressBytesToString", func(ctx sdk.Context, q *authtypes.AddressBytesToStringRequest) (*authtypes.AddressBytesToStringResponse, error) {
			return server.AddressBytesToString(ctx, q)
		}, &authtypes.AddressBytesToStringRequest{AddressBytes: bytes})
	}
	for _, page := range pages() {
		ask(c, path+"Accounts", func(ctx sdk.Context, q *authtypes.QueryAccountsRequest) (*authtypes.QueryAccountsResponse, error) {
			return server.Accounts(ctx, q)
		}, &authtypes.QueryAccountsRequest{Pagination: page})
	}
	for _, q := range []authtypes.QueryAccountAddressByIDRequest{{}, {AccountId: 4}, {AccountId: 999}, {Id: 1}} {
		ask(c, path+"AccountAddressByID", func(ctx sdk.Context, q *authtypes.QueryAccountAddressByIDRequest) (*authtypes.QueryAccountAddressByIDResponse, error) {
			return server.AccountAddressByID(ctx, q)
		}, &q)
	}
	ask(c, path+"Params", func(ctx sdk.Context, q *authtypes.QueryParamsRequest) (*authtypes.QueryParamsResponse, error) {
		return server.Params(ctx, q)
	}, &authtypes.QueryParamsRequest{})
	for _, name := range []string{"", "fee_collector", "faucet", "nobody"} {
		ask(c, path+"ModuleAccountByName", func(ctx sdk.Context, q *authtypes.QueryModuleAccountByNameRequest) (*authtypes.QueryModuleAccountByNameResponse, error) {
			return server.ModuleAccountByName(ctx, q)
		}, &authtypes.QueryModuleAccountByNameRequest{Name: name})
	}
	ask(c, path+"Bech32Prefix", func(ctx sdk.Context, q *authtypes.Bech32PrefixRequest) (*authtypes.Bech32PrefixResponse, error) {
		return server.Bech32Prefix(ctx, q)
	}, &authtypes.Bech32PrefixRequest{})
}

func balanceQuestions(c *chain) {
	const path = "/cosmos.bank.v1beta1.Query/"
	all := func(q *banktypes.QueryAllBalancesRequest) {
		ask(c, path+"AllBalances", func(ctx sdk.Context, q *banktypes.QueryAllBalancesRequest) (*banktypes.QueryAllBalancesResponse, error) {
			return c.bank.AllBalances(ctx, q)
		}, q)
	}
	spendable := func(q *banktypes.QuerySpendableBalancesRequest) {
		ask(c, path+"SpendableBalances", func(ctx sdk.Context, q *banktypes.QuerySpendableBalancesRequest) (*banktypes.QuerySpendableBalancesResponse, error) {
			return c.bank.SpendableBalances(ctx, q)
		}, q)
	}
	for _, text := range texts(who(1).String(), who(99).String(), longAddress().String()) {
		all(&banktypes.QueryAllBalancesRequest{Address: text})
		spendable(&banktypes.QuerySpendableBalancesRequest{Address: text})
		for _, denom := range []string{"uweir", "ibc/AA", "", "u", "1abc"} {
			ask(c, path+"Balance", func(ctx sdk.Context, q *banktypes.QueryBalanceRequest) (*banktypes.QueryBalanceResponse, error) {
				return c.bank.Balance(ctx, q)
			}, &banktypes.QueryBalanceRequest{Address: text, Denom: denom})
			ask(c, path+"SpendableBalanceByDenom", func(ctx sdk.Context, q *banktypes.QuerySpendableBalanceByDenomRequest) (*banktypes.QuerySpendableBalanceByDenomResponse, error) {
				return c.bank.SpendableBalanceByDenom(ctx, q)
			}, &banktypes.QuerySpendableBalanceByDenomRequest{Address: text, Denom: denom})
		}
	}
	for _, page := range pages() {
		all(&banktypes.QueryAllBalancesRequest{Address: who(2).String(), Pagination: page})
		all(&banktypes.QueryAllBalancesRequest{Address: who(2).String(), Pagination: page, ResolveDenom: true})
		spendable(&banktypes.QuerySpendableBalancesRequest{Address: who(2).String(), Pagination: page})
	}
}

func denomQuestions(c *chain) {
	const path = "/cosmos.bank.v1beta1.Query/"
	owners := func(q *banktypes.QueryDenomOwnersRequest) {
		ask(c, path+"DenomOwners", func(ctx sdk.Context, q *banktypes.QueryDenomOwnersRequest) (*banktypes.QueryDenomOwnersResponse, error) {
			return c.bank.DenomOwners(ctx, q)
		}, q)
		ask(c, path+"DenomOwnersByQuery", func(ctx sdk.Context, q *banktypes.QueryDenomOwnersByQueryRequest) (*banktypes.QueryDenomOwnersByQueryResponse, error) {
			return c.bank.DenomOwnersByQuery(ctx, q)
		}, &banktypes.QueryDenomOwnersByQueryRequest{Denom: q.Denom, Pagination: q.Pagination})
	}
	for _, denom := range []string{"uweir", "huge", "nothing", "", "u", "1abc"} {
		owners(&banktypes.QueryDenomOwnersRequest{Denom: denom})
		ask(c, path+"SupplyOf", func(ctx sdk.Context, q *banktypes.QuerySupplyOfRequest) (*banktypes.QuerySupplyOfResponse, error) {
			return c.bank.SupplyOf(ctx, q)
		}, &banktypes.QuerySupplyOfRequest{Denom: denom})
		ask(c, path+"DenomMetadata", func(ctx sdk.Context, q *banktypes.QueryDenomMetadataRequest) (*banktypes.QueryDenomMetadataResponse, error) {
			return c.bank.DenomMetadata(ctx, q)
		}, &banktypes.QueryDenomMetadataRequest{Denom: denom})
		ask(c, path+"DenomMetadataByQueryString", func(ctx sdk.Context, q *banktypes.QueryDenomMetadataByQueryStringRequest) (*banktypes.QueryDenomMetadataByQueryStringResponse, error) {
			return c.bank.DenomMetadataByQueryString(ctx, q)
		}, &banktypes.QueryDenomMetadataByQueryStringRequest{Denom: denom})
	}
	for _, page := range pages() {
		owners(&banktypes.QueryDenomOwnersRequest{Denom: "uweir", Pagination: page})
		ask(c, path+"TotalSupply", func(ctx sdk.Context, q *banktypes.QueryTotalSupplyRequest) (*banktypes.QueryTotalSupplyResponse, error) {
			return c.bank.TotalSupply(ctx, q)
		}, &banktypes.QueryTotalSupplyRequest{Pagination: page})
		ask(c, path+"SendEnabled", func(ctx sdk.Context, q *banktypes.QuerySendEnabledRequest) (*banktypes.QuerySendEnabledResponse, error) {
			return c.bank.SendEnabled(ctx, q)
		}, &banktypes.QuerySendEnabledRequest{Pagination: page})
		// Only this query has the SDK's older pagination, which panics backwards from the last key and counts beyond the end.
		if page != nil && (page.Reverse && page.Key != nil || page.Offset == 50) {
			continue
		}
		ask(c, path+"DenomsMetadata", func(ctx sdk.Context, q *banktypes.QueryDenomsMetadataRequest) (*banktypes.QueryDenomsMetadataResponse, error) {
			return c.bank.DenomsMetadata(ctx, q)
		}, &banktypes.QueryDenomsMetadataRequest{Pagination: page})
	}
	ask(c, path+"SendEnabled", func(ctx sdk.Context, q *banktypes.QuerySendEnabledRequest) (*banktypes.QuerySendEnabledResponse, error) {
		return c.bank.SendEnabled(ctx, q)
	}, &banktypes.QuerySendEnabledRequest{Denoms: []string{"uusdc", "nothing", "ibc/AA", ""}})
	ask(c, path+"Params", func(ctx sdk.Context, q *banktypes.QueryParamsRequest) (*banktypes.QueryParamsResponse, error) {
		return c.bank.Params(ctx, q)
	}, &banktypes.QueryParamsRequest{})
}
