package main

import (
	"context"
	"encoding/hex"

	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	errorsmod "cosmossdk.io/errors"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/query"
	stakingkeeper "github.com/cosmos/cosmos-sdk/x/staking/keeper"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"weir/vectors/output"
)

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
	}
	space, code, text := errorsmod.ABCIInfo(errorsmod.Wrap(target, err.Error()), false)
	return &refusal{space, code, text}
}

func ask[Q, R protoMessage](c *chain, method string, handle func(ctx context.Context, q Q) (R, error), q Q) {
	request, err := q.Marshal()
	output.Check(err)
	a := answer{Path: "/cosmos.staking.v1beta1.Query/" + method, Request: hex.EncodeToString(request)}
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

func questions(c *chain) {
	// Numbers of unbondings that the SDK keeps with a validator for ever.
	all, err := c.staking.GetAllValidators(c.ctx)
	output.Check(err)
	for _, v := range all {
		output.Check(c.staking.SetValidator(c.ctx, withoutNumbers(v)))
	}
	q := stakingkeeper.NewQuerier(c.staking)
	none := player(99).String()
	// Words about an address of another kind are the SDK's in more than one way; ours has one.
	garbage := "weir1garbage"
	nowhere := operatorText(99)
	pages := []*query.PageRequest{nil, {Limit: 2}, {Limit: 2, Offset: 3, CountTotal: true}, {Limit: 3, Reverse: true}}

	for _, status := range []string{"", "BOND_STATUS_BONDED", "BOND_STATUS_UNBONDED", "BOND_STATUS_UNBONDING", "BOND_STATUS_UNSPECIFIED", "bonded"} {
		ask(c, "Validators", q.Validators, &stakingtypes.QueryValidatorsRequest{Status: status})
	}
	for _, page := range pages {
		ask(c, "Validators", q.Validators, &stakingtypes.QueryValidatorsRequest{Pagination: page})
		ask(c, "Validators", q.Validators, &stakingtypes.QueryValidatorsRequest{Status: "BOND_STATUS_BONDED", Pagination: page})
	}
	ask(c, "Validators", q.Validators, &stakingtypes.QueryValidatorsRequest{Pagination: &query.PageRequest{Offset: 1, Key: []byte{1}}})
	for _, operator := range []string{"", garbage, nowhere, all[0].OperatorAddress} {
		ask(c, "Validator", q.Validator, &stakingtypes.QueryValidatorRequest{ValidatorAddr: operator})
	}

	delegations, err := c.staking.GetAllDelegations(c.ctx)
	output.Check(err)
	for _, operator := range []string{"", garbage, nowhere, all[0].OperatorAddress, all[3].OperatorAddress} {
		ask(c, "ValidatorDelegations", q.ValidatorDelegations, &stakingtypes.QueryValidatorDelegationsRequest{ValidatorAddr: operator})
		ask(c, "ValidatorUnbondingDelegations", q.ValidatorUnbondingDelegations, &stakingtypes.QueryValidatorUnbondingDelegationsRequest{ValidatorAddr: operator})
	}
	for _, page := range pages[1:] {
		ask(c, "ValidatorDelegations", q.ValidatorDelegations, &stakingtypes.QueryValidatorDelegationsRequest{ValidatorAddr: all[0].OperatorAddress, Pagination: page})
	}
	first := delegations[0]
	pairs := [][2]string{
		{"", nowhere}, {none, ""}, {garbage, nowhere}, {none, garbage}, {none, nowhere}, {first.DelegatorAddress, nowhere},
		{first.DelegatorAddress, first.ValidatorAddress},
	}
	output.Check(c.staking.IterateUnbondingDelegations(c.ctx, func(index int64, ubd stakingtypes.UnbondingDelegation) bool {
		pairs = append(pairs, [2]string{ubd.DelegatorAddress, ubd.ValidatorAddress})
		return index == 2
	}))
	for _, pair := range pairs {
		ask(c, "Delegation", q.Delegation, &stakingtypes.QueryDelegationRequest{DelegatorAddr: pair[0], ValidatorAddr: pair[1]})
		ask(c, "UnbondingDelegation", q.UnbondingDelegation, &stakingtypes.QueryUnbondingDelegationRequest{DelegatorAddr: pair[0], ValidatorAddr: pair[1]})
		ask(c, "DelegatorValidator", q.DelegatorValidator, &stakingtypes.QueryDelegatorValidatorRequest{DelegatorAddr: pair[0], ValidatorAddr: pair[1]})
	}
	for _, delegator := range []string{"", garbage, none, first.DelegatorAddress, delegations[7].DelegatorAddress} {
		ask(c, "DelegatorDelegations", q.DelegatorDelegations, &stakingtypes.QueryDelegatorDelegationsRequest{DelegatorAddr: delegator})
		ask(c, "DelegatorUnbondingDelegations", q.DelegatorUnbondingDelegations, &stakingtypes.QueryDelegatorUnbondingDelegationsRequest{DelegatorAddr: delegator})
		ask(c, "DelegatorValidators", q.DelegatorValidators, &stakingtypes.QueryDelegatorValidatorsRequest{DelegatorAddr: delegator})
		ask(c, "Redelegations", q.Redelegations, &stakingtypes.QueryRedelegationsRequest{DelegatorAddr: delegator})
	}
	questionsOfRedelegations(c, q, none, nowhere, garbage)
	for _, height := range []int64{-1, 0, 1, c.ctx.BlockHeight()} {
		ask(c, "HistoricalInfo", withoutNumbersIn(q.HistoricalInfo), &stakingtypes.QueryHistoricalInfoRequest{Height: height})
	}
	ask(c, "Pool", q.Pool, &stakingtypes.QueryPoolRequest{})
	ask(c, "Params", q.Params, &stakingtypes.QueryParamsRequest{})
}

type historyQuery = func(ctx context.Context, q *stakingtypes.QueryHistoricalInfoRequest) (*stakingtypes.QueryHistoricalInfoResponse, error)

func withoutNumbersIn(handle historyQuery) historyQuery {
	return func(ctx context.Context, q *stakingtypes.QueryHistoricalInfoRequest) (*stakingtypes.QueryHistoricalInfoResponse, error) {
		response, err := handle(ctx, q)
		if err == nil {
			for i, v := range response.Hist.Valset {
				response.Hist.Valset[i] = withoutNumbers(v)
			}
		}
		return response, err
	}
}

func questionsOfRedelegations(c *chain, q stakingkeeper.Querier, none, nowhere, garbage string) {
	found := []stakingtypes.Redelegation{}
	output.Check(c.staking.IterateRedelegations(c.ctx, func(_ int64, red stakingtypes.Redelegation) bool {
		found = append(found, red)
		return false
	}))
	requests := []*stakingtypes.QueryRedelegationsRequest{
		{SrcValidatorAddr: nowhere}, {SrcValidatorAddr: garbage}, {DstValidatorAddr: nowhere},
		{DelegatorAddr: none, SrcValidatorAddr: nowhere, DstValidatorAddr: nowhere},
		{DelegatorAddr: none, SrcValidatorAddr: garbage, DstValidatorAddr: nowhere},
	}
	for _, red := range found[:min(3, len(found))] {
		requests = append(requests,
			&stakingtypes.QueryRedelegationsRequest{DelegatorAddr: red.DelegatorAddress},
			&stakingtypes.QueryRedelegationsRequest{SrcValidatorAddr: red.ValidatorSrcAddress, Pagination: &query.PageRequest{Limit: 1}},
			&stakingtypes.QueryRedelegationsRequest{
				DelegatorAddr: red.DelegatorAddress, SrcValidatorAddr: red.ValidatorSrcAddress, DstValidatorAddr: red.ValidatorDstAddress,
			})
	}
	for _, request := range requests {
		ask(c, "Redelegations", q.Redelegations, request)
	}
}
