package main

import (
	"context"
	"encoding/hex"
	"fmt"

	gogoproto "github.com/cosmos/gogoproto/proto"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	errorsmod "cosmossdk.io/errors"

	sdkerrors "github.com/cosmos/cosmos-sdk/types/errors"
	"github.com/cosmos/cosmos-sdk/types/query"
	govkeeper "github.com/cosmos/cosmos-sdk/x/gov/keeper"
	v1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	"github.com/cosmos/cosmos-sdk/x/gov/types/v1beta1"

	"weir/vectors/output"
)

type answer struct {
	Path     string   `json:"path"`
	Request  string   `json:"request"`
	Response string   `json:"response,omitempty"`
	Refusal  *refusal `json:"refusal,omitempty"`
}

var answers []answer

type protoMessage interface {
	gogoproto.Message
	Marshal() ([]byte, error)
}

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

func ask[Q, R protoMessage](c *chain, service, method string, handle func(ctx context.Context, q Q) (R, error), q Q) {
	request, err := q.Marshal()
	output.Check(err)
	a := answer{Path: "/cosmos.gov." + service + ".Query/" + method, Request: hex.EncodeToString(request)}
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

// In the middle of the history, where votes and deposits are open.
func questions(c *chain) {
	s := govkeeper.NewQueryServer(c.gov)
	l := govkeeper.NewLegacyQueryServer(c.gov)
	open := []uint64{}
	output.Check(c.gov.Proposals.Walk(c.ctx, nil, func(id uint64, p v1.Proposal) (bool, error) {
		if p.Status == v1.StatusVotingPeriod || p.Status == v1.StatusDepositPeriod || id < 12 {
			open = append(open, id)
		}
		return false, nil
	}))
	ask(c, "v1", "Constitution", s.Constitution, &v1.QueryConstitutionRequest{})
	pages := []*query.PageRequest{nil, {Limit: 3}, {Limit: 2, Offset: 2, CountTotal: true}, {Limit: 3, Reverse: true}}
	for _, id := range append(open, 0, 9_999) {
		ask(c, "v1", "Proposal", s.Proposal, &v1.QueryProposalRequest{ProposalId: id})
		ask(c, "v1", "TallyResult", s.TallyResult, &v1.QueryTallyResultRequest{ProposalId: id})
		ask(c, "v1beta1", "Proposal", l.Proposal, &v1beta1.QueryProposalRequest{ProposalId: id})
		ask(c, "v1beta1", "TallyResult", l.TallyResult, &v1beta1.QueryTallyResultRequest{ProposalId: id})
		for _, page := range pages[:2] {
			ask(c, "v1", "Votes", s.Votes, &v1.QueryVotesRequest{ProposalId: id, Pagination: page})
			ask(c, "v1", "Deposits", s.Deposits, &v1.QueryDepositsRequest{ProposalId: id, Pagination: page})
			ask(c, "v1beta1", "Votes", l.Votes, &v1beta1.QueryVotesRequest{ProposalId: id, Pagination: page})
			ask(c, "v1beta1", "Deposits", l.Deposits, &v1beta1.QueryDepositsRequest{ProposalId: id, Pagination: page})
		}
		for _, who := range []string{player(1).String(), player(12).String(), "", "x"} {
			ask(c, "v1", "Vote", s.Vote, &v1.QueryVoteRequest{ProposalId: id, Voter: who})
			ask(c, "v1", "Deposit", s.Deposit, &v1.QueryDepositRequest{ProposalId: id, Depositor: who})
			ask(c, "v1beta1", "Vote", l.Vote, &v1beta1.QueryVoteRequest{ProposalId: id, Voter: who})
			ask(c, "v1beta1", "Deposit", l.Deposit, &v1beta1.QueryDepositRequest{ProposalId: id, Depositor: who})
		}
	}
	for _, page := range pages {
		ask(c, "v1", "Proposals", s.Proposals, &v1.QueryProposalsRequest{Pagination: page})
	}
	for status := range 7 {
		ask(c, "v1", "Proposals", s.Proposals, &v1.QueryProposalsRequest{ProposalStatus: v1.ProposalStatus(status), Pagination: &query.PageRequest{Limit: 2}})
	}
	for _, who := range []string{player(1).String(), player(5).String(), "x"} {
		ask(c, "v1", "Proposals", s.Proposals, &v1.QueryProposalsRequest{Voter: who})
		ask(c, "v1", "Proposals", s.Proposals, &v1.QueryProposalsRequest{Depositor: who})
	}
	ask(c, "v1beta1", "Proposals", l.Proposals, &v1beta1.QueryProposalsRequest{})
	ask(c, "v1beta1", "Proposals", l.Proposals, &v1beta1.QueryProposalsRequest{Depositor: player(5).String()})
	for _, kind := range []string{"", "deposit", "voting", "tallying", "other"} {
		ask(c, "v1", "Params", s.Params, &v1.QueryParamsRequest{ParamsType: kind})
		ask(c, "v1beta1", "Params", l.Params, &v1beta1.QueryParamsRequest{ParamsType: kind})
	}
}

func (c *chain) tallies() map[string][4]string {
	result := map[string][4]string{}
	output.Check(c.gov.Proposals.Walk(c.ctx, nil, func(id uint64, p v1.Proposal) (bool, error) {
		if p.Status == v1.StatusVotingPeriod {
			branch, _ := c.ctx.CacheContext()
			_, _, t, err := c.gov.Tally(branch, p)
			output.Check(err)
			result[fmt.Sprint(id)] = [4]string{t.YesCount, t.AbstainCount, t.NoCount, t.NoWithVetoCount}
		}
		return false, nil
	}))
	return result
}
