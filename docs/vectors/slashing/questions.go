package main

import (
	"encoding/hex"
	"strings"

	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	errorsmod "cosmossdk.io/errors"
	evidencekeeper "cosmossdk.io/x/evidence/keeper"
	evidencetypes "cosmossdk.io/x/evidence/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/query"
	slashingkeeper "github.com/cosmos/cosmos-sdk/x/slashing/keeper"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"

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

var pages = []*query.PageRequest{nil, {Limit: 2}, {Limit: 2, CountTotal: true}, {Offset: 1, Limit: 1}, {Reverse: true, Limit: 3}, {Key: []byte{1}, Offset: 1}}

func questions(c *chain) {
	slashing := slashingkeeper.NewQuerier(c.slashing)
	params := func(ctx sdk.Context, q *slashingtypes.QueryParamsRequest) (*slashingtypes.QueryParamsResponse, error) {
		return slashing.Params(ctx, q)
	}
	one := func(ctx sdk.Context, q *slashingtypes.QuerySigningInfoRequest) (*slashingtypes.QuerySigningInfoResponse, error) {
		return slashing.SigningInfo(ctx, q)
	}
	all := func(ctx sdk.Context, q *slashingtypes.QuerySigningInfosRequest) (*slashingtypes.QuerySigningInfosResponse, error) {
		return slashing.SigningInfos(ctx, q)
	}
	ask(c, "/cosmos.slashing.v1beta1.Query/Params", params, &slashingtypes.QueryParamsRequest{})
	known := sdk.ConsAddress(consensusKey(0).Address()).String()
	for _, address := range []string{known, sdk.ConsAddress(consensusKey(200).Address()).String(), "", "x", player(0).String()} {
		ask(c, "/cosmos.slashing.v1beta1.Query/SigningInfo", one, &slashingtypes.QuerySigningInfoRequest{ConsAddress: address})
	}
	for _, page := range pages {
		ask(c, "/cosmos.slashing.v1beta1.Query/SigningInfos", all, &slashingtypes.QuerySigningInfosRequest{Pagination: page})
	}
	evidenceQuestions(c)
}

func evidenceQuestions(c *chain) {
	evidence := evidencekeeper.NewQuerier(&c.evidence)
	one := func(ctx sdk.Context, q *evidencetypes.QueryEvidenceRequest) (*evidencetypes.QueryEvidenceResponse, error) {
		return evidence.Evidence(ctx, q)
	}
	all := func(ctx sdk.Context, q *evidencetypes.QueryAllEvidenceRequest) (*evidencetypes.QueryAllEvidenceResponse, error) {
		return evidence.AllEvidence(ctx, q)
	}
	stored := c.dump("evidence")[0][0][2:]
	for _, hash := range []string{stored, strings.ToUpper(stored), strings.Repeat("ab", 32), "", "abc", "xy", "0x12", "é"} {
		ask(c, "/cosmos.evidence.v1beta1.Query/Evidence", one, &evidencetypes.QueryEvidenceRequest{Hash: hash})
	}
	for _, page := range pages {
		ask(c, "/cosmos.evidence.v1beta1.Query/AllEvidence", all, &evidencetypes.QueryAllEvidenceRequest{Pagination: page})
	}
}
