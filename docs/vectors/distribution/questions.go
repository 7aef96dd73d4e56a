package main

import (
	"encoding/hex"

	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	errorsmod "cosmossdk.io/errors"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	distributionkeeper "github.com/cosmos/cosmos-sdk/x/distribution/keeper"
	distributiontypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	mintkeeper "github.com/cosmos/cosmos-sdk/x/mint/keeper"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"

	"weir/vectors/output"
)

type answer struct {
	Path     string   `json:"path"`
	Request  string   `json:"request"`
	Response string   `json:"response,omitempty"`
	Refusal  *refusal `json:"refusal,omitempty"`
}

var answers = []answer{}

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

// A query that ends a period does so in a branch that is thrown away.
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

// At the height after the last block, so that what was delegated in it has begun to count.
func questions(c *chain) {
	c.ctx = c.ctx.WithBlockHeight(blockCount + 1)
	validatorQuestions(c)
	delegatorQuestions(c)
	distribution := distributionkeeper.NewQuerier(c.distribution)
	params := func(ctx sdk.Context, q *distributiontypes.QueryParamsRequest) (*distributiontypes.QueryParamsResponse, error) {
		return distribution.Params(ctx, q)
	}
	pool := func(ctx sdk.Context, q *distributiontypes.QueryCommunityPoolRequest) (*distributiontypes.QueryCommunityPoolResponse, error) {
		return distribution.CommunityPool(ctx, q)
	}
	ask(c, "/cosmos.distribution.v1beta1.Query/Params", params, &distributiontypes.QueryParamsRequest{})
	ask(c, "/cosmos.distribution.v1beta1.Query/CommunityPool", pool, &distributiontypes.QueryCommunityPoolRequest{})
	mint := mintkeeper.NewQueryServerImpl(c.mint)
	inflation := func(ctx sdk.Context, q *minttypes.QueryInflationRequest) (*minttypes.QueryInflationResponse, error) {
		return mint.Inflation(ctx, q)
	}
	provisions := func(ctx sdk.Context, q *minttypes.QueryAnnualProvisionsRequest) (*minttypes.QueryAnnualProvisionsResponse, error) {
		return mint.AnnualProvisions(ctx, q)
	}
	mintParams := func(ctx sdk.Context, q *minttypes.QueryParamsRequest) (*minttypes.QueryParamsResponse, error) {
		return mint.Params(ctx, q)
	}
	ask(c, "/cosmos.mint.v1beta1.Query/Inflation", inflation, &minttypes.QueryInflationRequest{})
	ask(c, "/cosmos.mint.v1beta1.Query/AnnualProvisions", provisions, &minttypes.QueryAnnualProvisionsRequest{})
	ask(c, "/cosmos.mint.v1beta1.Query/Params", mintParams, &minttypes.QueryParamsRequest{})
}

func validatorQuestions(c *chain) {
	querier := distributionkeeper.NewQuerier(c.distribution)
	const path = "/cosmos.distribution.v1beta1.Query/"
	info := func(ctx sdk.Context, q *distributiontypes.QueryValidatorDistributionInfoRequest) (*distributiontypes.QueryValidatorDistributionInfoResponse, error) {
		return querier.ValidatorDistributionInfo(ctx, q)
	}
	outstanding := func(ctx sdk.Context, q *distributiontypes.QueryValidatorOutstandingRewardsRequest) (*distributiontypes.QueryValidatorOutstandingRewardsResponse, error) {
		return querier.ValidatorOutstandingRewards(ctx, q)
	}
	commission := func(ctx sdk.Context, q *distributiontypes.QueryValidatorCommissionRequest) (*distributiontypes.QueryValidatorCommissionResponse, error) {
		return querier.ValidatorCommission(ctx, q)
	}
	slashes := func(ctx sdk.Context, q *distributiontypes.QueryValidatorSlashesRequest) (*distributiontypes.QueryValidatorSlashesResponse, error) {
		return querier.ValidatorSlashes(ctx, q)
	}
	validators := []string{"", operator(200)}
	for i := range operators {
		validators = append(validators, operator(i))
	}
	for _, v := range validators {
		ask(c, path+"ValidatorDistributionInfo", info, &distributiontypes.QueryValidatorDistributionInfoRequest{ValidatorAddress: v})
		ask(c, path+"ValidatorOutstandingRewards", outstanding, &distributiontypes.QueryValidatorOutstandingRewardsRequest{ValidatorAddress: v})
		ask(c, path+"ValidatorCommission", commission, &distributiontypes.QueryValidatorCommissionRequest{ValidatorAddress: v})
		ask(c, path+"ValidatorSlashes", slashes, &distributiontypes.QueryValidatorSlashesRequest{ValidatorAddress: v, EndingHeight: 1_000_000})
	}
	ask(c, path+"ValidatorSlashes", slashes, &distributiontypes.QueryValidatorSlashesRequest{ValidatorAddress: operator(0), StartingHeight: 5, EndingHeight: 4})
}

func delegatorQuestions(c *chain) {
	querier := distributionkeeper.NewQuerier(c.distribution)
	const path = "/cosmos.distribution.v1beta1.Query/"
	rewards := func(ctx sdk.Context, q *distributiontypes.QueryDelegationRewardsRequest) (*distributiontypes.QueryDelegationRewardsResponse, error) {
		return querier.DelegationRewards(ctx, q)
	}
	total := func(ctx sdk.Context, q *distributiontypes.QueryDelegationTotalRewardsRequest) (*distributiontypes.QueryDelegationTotalRewardsResponse, error) {
		return querier.DelegationTotalRewards(ctx, q)
	}
	validators := func(ctx sdk.Context, q *distributiontypes.QueryDelegatorValidatorsRequest) (*distributiontypes.QueryDelegatorValidatorsResponse, error) {
		return querier.DelegatorValidators(ctx, q)
	}
	address := func(ctx sdk.Context, q *distributiontypes.QueryDelegatorWithdrawAddressRequest) (*distributiontypes.QueryDelegatorWithdrawAddressResponse, error) {
		return querier.DelegatorWithdrawAddress(ctx, q)
	}
	delegators := []string{"", player(200).String()}
	for i := range players {
		delegators = append(delegators, player(i).String())
	}
	for _, d := range delegators {
		ask(c, path+"DelegationTotalRewards", total, &distributiontypes.QueryDelegationTotalRewardsRequest{DelegatorAddress: d})
		ask(c, path+"DelegatorValidators", validators, &distributiontypes.QueryDelegatorValidatorsRequest{DelegatorAddress: d})
		ask(c, path+"DelegatorWithdrawAddress", address, &distributiontypes.QueryDelegatorWithdrawAddressRequest{DelegatorAddress: d})
		ask(c, path+"DelegationRewards", rewards, &distributiontypes.QueryDelegationRewardsRequest{DelegatorAddress: d, ValidatorAddress: operator(4)})
	}
	ask(c, path+"DelegationRewards", rewards, &distributiontypes.QueryDelegationRewardsRequest{DelegatorAddress: player(0).String()})
	ask(c, path+"DelegationRewards", rewards, &distributiontypes.QueryDelegationRewardsRequest{DelegatorAddress: player(0).String(), ValidatorAddress: operator(200)})
}
