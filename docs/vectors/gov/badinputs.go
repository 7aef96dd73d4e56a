package main

import (
	"fmt"
	"strings"

	"cosmossdk.io/math"

	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	v1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	"github.com/cosmos/cosmos-sdk/x/gov/types/v1beta1"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"weir/vectors/output"
)

func (c *chain) submission(change func(m *v1.MsgSubmitProposal), messages ...sdk.Msg) *v1.MsgSubmitProposal {
	m, err := v1.NewMsgSubmitProposal(messages, params().MinDeposit, player(1).String(), "", "Title", "Summary", false)
	output.Check(err)
	if len(messages) == 0 {
		m.Metadata = "m"
	}
	change(m)
	return m
}

// Each message's bad inputs, named.
func (c *chain) badInputs(b *block) {
	same := func(*v1.MsgSubmitProposal) {}
	own := &authtypes.MsgUpdateParams{Authority: c.authority, Params: authtypes.DefaultParams()}
	submissions := []struct {
		name string
		m    *v1.MsgSubmitProposal
	}{
		{"a proposal without a title", c.submission(func(m *v1.MsgSubmitProposal) { m.Title = "" })},
		{"a proposal without a summary", c.submission(func(m *v1.MsgSubmitProposal) { m.Summary = "" })},
		{"a proposal by nobody", c.submission(func(m *v1.MsgSubmitProposal) { m.Proposer = "" })},
		{"a proposal of nothing", c.submission(func(m *v1.MsgSubmitProposal) { m.Metadata = "" })},
		{"metadata of another title", c.submission(func(m *v1.MsgSubmitProposal) { m.Metadata = `{"title":"Other","summary":"Summary"}` })},
		{"metadata of another summary", c.submission(func(m *v1.MsgSubmitProposal) { m.Metadata = `{"Title":"Title","summary":"Other"}` })},
		{"metadata that is null", c.submission(func(m *v1.MsgSubmitProposal) { m.Metadata = "null" })},
		{"metadata of the same texts", c.submission(func(m *v1.MsgSubmitProposal) { m.Metadata = `{"TITLE":"Title","summary":"Summary","authors":["a"]}` })},
		{"metadata of another shape", c.submission(func(m *v1.MsgSubmitProposal) { m.Metadata = `{"title":5}` })},
		{"metadata that is a list", c.submission(func(m *v1.MsgSubmitProposal) { m.Metadata = `["title"]` })},
		{"metadata with strange authors", c.submission(func(m *v1.MsgSubmitProposal) { m.Metadata = `{"title":"Other","authors":"me"}` })},
		{"metadata that is a script", c.submission(func(m *v1.MsgSubmitProposal) { m.Metadata = "<script>alert(1)</script>" })},
		{"too long metadata", c.submission(func(m *v1.MsgSubmitProposal) { m.Metadata = strings.Repeat("m", 256) })},
		{"metadata of as many bytes as may be", c.submission(func(m *v1.MsgSubmitProposal) { m.Metadata = strings.Repeat("ü", 127) + "m" })},
		{"too long a title", c.submission(func(m *v1.MsgSubmitProposal) { m.Title = strings.Repeat("ü", 128) })},
		{"too long a summary", c.submission(func(m *v1.MsgSubmitProposal) { m.Summary = strings.Repeat("s", 10_201) })},
		{"a deposit that is not sorted", c.submission(func(m *v1.MsgSubmitProposal) { m.InitialDeposit = sdk.Coins{coin(5), sdk.NewInt64Coin("uusdc", 5)} })},
		{"a negative deposit", c.submission(func(m *v1.MsgSubmitProposal) { m.InitialDeposit = sdk.Coins{{Denom: denom, Amount: math.NewInt(-5)}} })},
		{"a deposit of nothing", c.submission(func(m *v1.MsgSubmitProposal) { m.InitialDeposit = nil })},
		{"too small an initial deposit", c.submission(func(m *v1.MsgSubmitProposal) {
			m.InitialDeposit = sdk.NewCoins(coin(999_999), sdk.NewInt64Coin("uusdc", 100))
		})},
		{"an initial deposit of another coin too", c.submission(func(m *v1.MsgSubmitProposal) {
			m.InitialDeposit = sdk.NewCoins(params().MinDeposit...).Add(sdk.NewInt64Coin("uother", 5))
		})},
		{"a deposit of more than there is", c.submission(func(m *v1.MsgSubmitProposal) {
			m.InitialDeposit = sdk.NewCoins(coin(100_000_000_000), sdk.NewInt64Coin("uusdc", 100))
		})},
		{"a message that somebody else signs", c.submission(same, &authtypes.MsgUpdateParams{Authority: player(2).String(), Params: authtypes.DefaultParams()})},
		{"a message of a user", c.submission(same, stakingtypes.NewMsgDelegate(player(3).String(), operatorText(1), coin(5)))},
		{"the second of two messages by somebody else", c.submission(same, own, stakingtypes.NewMsgDelegate(player(3).String(), operatorText(1), coin(5)))},
	}
	for _, s := range submissions {
		c.send(b, s.name, s.m)
	}
	for _, text := range []struct{ name, title, description string }{
		{"a text without a title", "  ", "d"},
		{"a text with too long a title", strings.Repeat("t", 141), "d"},
		{"a text without a description", "t", ""},
		{"a text with too long a description", "t", strings.Repeat("d", 10_001)},
	} {
		m, err := v1beta1.NewMsgSubmitProposal(v1beta1.NewTextProposal(text.title, text.description), params().MinDeposit, player(1))
		output.Check(err)
		c.send(b, text.name, m)
	}
	c.badVotes(b)
}

func (c *chain) badVotes(b *block) {
	c.send(b, "a proposal to vote on", c.submission(func(*v1.MsgSubmitProposal) {}))
	id, err := c.gov.ProposalID.Peek(c.ctx)
	output.Check(err)
	id--
	c.send(b, "a vote on nothing", v1.NewMsgVote(player(1), 9_999, v1.OptionYes, ""))
	c.send(b, "a vote for nothing", v1.NewMsgVote(player(1), id, v1.OptionEmpty, ""))
	c.send(b, "a vote for something else", v1.NewMsgVote(player(1), id, 17, ""))
	c.send(b, "a vote by nobody", &v1.MsgVote{ProposalId: id, Voter: "weir1x", Option: v1.OptionYes})
	c.send(b, "a vote with too long metadata", v1.NewMsgVote(player(1), id, v1.OptionYes, strings.Repeat("m", 256)))
	weights := func(parts ...string) v1.WeightedVoteOptions {
		options := v1.WeightedVoteOptions{}
		for i, part := range parts {
			options = append(options, &v1.WeightedVoteOption{Option: v1.VoteOption(i%4 + 1), Weight: part})
		}
		return options
	}
	for name, options := range map[int]v1.WeightedVoteOptions{
		0: {}, 1: weights("0.5"), 2: weights("0.5", "0.6"), 3: weights("1.5"), 4: weights("-0.5", "1"), 5: weights("0", "1"),
		6: weights("0.2", "0.2", "0.2", "0.2", "0.2"), 7: {{Option: 9, Weight: "1"}}, 8: weights("0.25", "0.25", "0.25", "0.25"),
	} {
		b.later = append(b.later, later{fmt.Sprint("weights ", name), v1.NewMsgVoteWeighted(player(1), id, options, "")})
	}
	b.sendLater(c)
	c.send(b, "a deposit on nothing", v1.NewMsgDeposit(player(1), 9_999, sdk.NewCoins(coin(5_000_000))))
	c.send(b, "a deposit of no coins", v1.NewMsgDeposit(player(1), id, nil))
	c.send(b, "a deposit of zero", &v1.MsgDeposit{ProposalId: id, Depositor: player(1).String(), Amount: sdk.Coins{coin(0)}})
	c.send(b, "a deposit of another coin", v1.NewMsgDeposit(player(1), id, sdk.NewCoins(sdk.NewInt64Coin("uother", 5))))
	c.send(b, "a deposit that is too small", v1.NewMsgDeposit(player(1), id, sdk.NewCoins(coin(99_999))))
	c.send(b, "a deposit by nobody", &v1.MsgDeposit{ProposalId: id, Depositor: "x", Amount: sdk.NewCoins(coin(5_000_000))})
	c.send(b, "withdrawing what another proposed", v1.NewMsgCancelProposal(id, player(2).String()))
	c.send(b, "withdrawing nothing", v1.NewMsgCancelProposal(9_999, player(2).String()))
	c.send(b, "withdrawing as nobody", v1.NewMsgCancelProposal(id, "x"))
	c.badParams(b)
}

func (c *chain) badParams(b *block) {
	change := func(name string, body func(p *v1.Params)) {
		p := params()
		body(&p)
		c.send(b, "params: "+name, &v1.MsgUpdateParams{Authority: c.authority, Params: p})
	}
	change("no deposit", func(p *v1.Params) { p.MinDeposit = nil })
	change("no expedited deposit", func(p *v1.Params) { p.ExpeditedMinDeposit = nil })
	change("a small expedited deposit", func(p *v1.Params) { p.ExpeditedMinDeposit = p.MinDeposit })
	change("a quorum of words", func(p *v1.Params) { p.Quorum = "abc" })
	change("a negative quorum", func(p *v1.Params) { p.Quorum = "-0.1" })
	change("a quorum of more than all", func(p *v1.Params) { p.Quorum = "1.1" })
	change("no threshold", func(p *v1.Params) { p.Threshold = "" })
	change("a threshold of zero", func(p *v1.Params) { p.Threshold = "0" })
	change("a threshold of more than all", func(p *v1.Params) { p.Threshold = "2" })
	change("an expedited threshold of zero", func(p *v1.Params) { p.ExpeditedThreshold = "0" })
	change("an expedited threshold that is too low", func(p *v1.Params) { p.ExpeditedThreshold = "0.5" })
	change("a veto threshold of zero", func(p *v1.Params) { p.VetoThreshold = "0" })
	change("a long expedited vote", func(p *v1.Params) { p.ExpeditedVotingPeriod = p.VotingPeriod })
	change("a negative initial ratio", func(p *v1.Params) { p.MinInitialDepositRatio = "-1" })
	change("an initial ratio of more than all", func(p *v1.Params) { p.MinInitialDepositRatio = "2" })
	change("a negative price of withdrawing", func(p *v1.Params) { p.ProposalCancelRatio = "-1" })
	change("a price of withdrawing of more than all", func(p *v1.Params) { p.ProposalCancelRatio = "2" })
	change("a destination that is none", func(p *v1.Params) { p.ProposalCancelDest = "x" })
	c.send(b, "params by somebody else", &v1.MsgUpdateParams{Authority: player(1).String(), Params: params()})
	content, err := codectypes.NewAnyWithValue(v1beta1.NewTextProposal("t", "d").(*v1beta1.TextProposal))
	output.Check(err)
	c.send(b, "a text accepted by somebody else", v1.NewMsgExecLegacyContent(content, player(1).String()))
	c.send(b, "a text accepted", v1.NewMsgExecLegacyContent(content, c.authority))
}

type later struct {
	name string
	m    message
}

// In order of name: a map has none.
func (b *block) sendLater(c *chain) {
	for i := range len(b.later) {
		for _, l := range b.later {
			if l.name == fmt.Sprint("weights ", i) {
				c.send(b, l.name, l.m)
			}
		}
	}
	b.later = nil
}
