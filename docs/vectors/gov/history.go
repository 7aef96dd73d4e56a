package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand"
	"time"

	cmted25519 "github.com/cometbft/cometbft/crypto/ed25519"

	errorsmod "cosmossdk.io/errors"
	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/crypto/keys/ed25519"
	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	distributiontypes "github.com/cosmos/cosmos-sdk/x/distribution/types"
	v1 "github.com/cosmos/cosmos-sdk/x/gov/types/v1"
	"github.com/cosmos/cosmos-sdk/x/gov/types/v1beta1"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"weir/vectors/output"
)

// Runs in a branch of the state that is kept only without an error, as a message of a transaction.
func (c *chain) run(b *block, s step, body func(ctx sdk.Context) error) {
	branch, write := c.ctx.WithEventManager(sdk.NewEventManager()).CacheContext()
	if err := body(branch); err != nil {
		space, code, text := errorsmod.ABCIInfo(err, false)
		s.Refusal = &refusal{space, code, text}
		s.Events = []event{}
		s.Response = ""
	} else {
		write()
		s.Events = append(eventsOf(branch.EventManager()), []event{}...)
	}
	b.Steps = append(b.Steps, s)
}

type message interface {
	sdk.Msg
	Marshal() ([]byte, error)
}

func (c *chain) send(b *block, name string, m message) {
	bytes, err := m.Marshal()
	output.Check(err)
	s := step{Name: name, TypeURL: sdk.MsgTypeURL(m), Bytes: hex.EncodeToString(bytes)}
	response := ""
	emitted := []event{}
	c.run(b, s, func(ctx sdk.Context) error {
		result, err := c.router.Handler(m)(ctx, m)
		if err != nil {
			return err
		}
		response = hex.EncodeToString(result.MsgResponses[0].Value)
		for _, e := range result.GetEvents() {
			shown := event{Type: e.Type, Attributes: [][2]string{}}
			for _, a := range e.Attributes {
				shown.Attributes = append(shown.Attributes, [2]string{a.Key, a.Value})
			}
			emitted = append(emitted, shown)
		}
		return nil
	})
	last := &b.Steps[len(b.Steps)-1]
	if last.Refusal == nil {
		last.Response = response
		last.Events = emitted
	}
}

func (c *chain) call(b *block, body func(ctx sdk.Context) error, words ...string) {
	c.run(b, step{Call: words}, body)
}

// --------------------------------------------------------------------------------------------------------------------- making

func consensusKey(number int) *ed25519.PubKey {
	seed := sha256.Sum256([]byte{'k', byte(number)})
	return &ed25519.PubKey{Key: cmted25519.GenPrivKeyFromSecret(seed[:]).PubKey().Bytes()}
}

func coin(amount int64) sdk.Coin { return sdk.NewInt64Coin(denom, amount) }

func hundredths(n int64) math.LegacyDec { return math.LegacyNewDecWithPrec(n, 2) }

func (c *chain) creation(operator int, amount int64) *stakingtypes.MsgCreateValidator {
	m, err := stakingtypes.NewMsgCreateValidator(operatorText(operator), consensusKey(c.made), coin(amount),
		stakingtypes.NewDescription(fmt.Sprint("validator ", operator), "", "", "", ""),
		stakingtypes.NewCommissionRates(hundredths(5), hundredths(90), hundredths(3)), math.NewInt(1))
	output.Check(err)
	c.made++
	return m
}

func (c *chain) founding(b *block) {
	for i := range operators {
		c.send(b, "", c.creation(i, 800_000_000+int64(i)*77_777_777))
	}
	for i := operators; i < players; i++ {
		for range 2 + i%3 {
			c.send(b, "", stakingtypes.NewMsgDelegate(player(i).String(), operatorText((i*5+len(b.Steps))%operators), coin(30_000_000+int64(len(b.Steps))*7_654_321)))
		}
	}
	tip := coin(5_000_000)
	c.call(b, func(ctx sdk.Context) error {
		return c.distribution.FundCommunityPool(ctx, sdk.NewCoins(tip), player(1))
	}, "fund", player(1).String(), tip.String())
}

// ----------------------------------------------------------------------------------------------------------------- proposals

// What may be in a proposal of both chains alike: nothing that ours counts as economic.
func (c *chain) messages(random *rand.Rand) []sdk.Msg {
	authParams := authtypes.DefaultParams()
	authParams.MaxMemoCharacters = uint64(200 + random.Intn(100))
	amount := sdk.NewCoins(coin(1 + random.Int63n(3_000_000)))
	all := []sdk.Msg{
		&authtypes.MsgUpdateParams{Authority: c.authority, Params: authParams},
		&distributiontypes.MsgCommunityPoolSpend{Authority: c.authority, Recipient: player(random.Intn(players)).String(), Amount: amount},
		&banktypes.MsgSetSendEnabled{Authority: c.authority, SendEnabled: []*banktypes.SendEnabled{{Denom: "uother", Enabled: random.Intn(2) == 0}}},
		&distributiontypes.MsgCommunityPoolSpend{Authority: c.authority, Recipient: c.authority, Amount: amount},
	}
	chosen := []sdk.Msg{}
	for _, m := range all[:3+random.Intn(4)/3] {
		if random.Intn(2) == 0 {
			chosen = append(chosen, m)
		}
	}
	return chosen
}

func deposit(random *rand.Rand, most int64) sdk.Coins {
	switch random.Intn(12) {
	case 0:
		return sdk.NewCoins(coin(1 + random.Int63n(most)))
	case 1:
		return sdk.NewCoins(sdk.NewInt64Coin("uusdc", 1+random.Int63n(2_000)))
	default:
		return sdk.NewCoins(sdk.NewInt64Coin("uusdc", 100+random.Int63n(2_000)), coin(most/10+random.Int63n(most)))
	}
}

func (c *chain) propose(random *rand.Rand, b *block) {
	from := player(random.Intn(players)).String()
	if random.Intn(5) == 0 {
		content := v1beta1.NewTextProposal("A text", fmt.Sprint("of block ", b.Height))
		m, err := v1beta1.NewMsgSubmitProposal(content, deposit(random, 15_000_000), player(random.Intn(players)))
		output.Check(err)
		c.send(b, "", m)
		return
	}
	expedited := random.Intn(3) == 0
	most := int64(15_000_000)
	if expedited {
		most = 40_000_000
	}
	m, err := v1.NewMsgSubmitProposal(c.messages(random), deposit(random, most), from, fmt.Sprint("ipfs://", b.Height), fmt.Sprint("Title ", b.Height), "A summary", expedited)
	output.Check(err)
	c.send(b, "", m)
}

// Mostly of a proposal that there is.
func (c *chain) anyProposal(random *rand.Rand) uint64 {
	next, err := c.gov.ProposalID.Peek(c.ctx)
	output.Check(err)
	if random.Intn(12) == 0 {
		return uint64(random.Intn(int(next) + 1))
	}
	open := []uint64{}
	output.Check(c.gov.Proposals.Walk(c.ctx, nil, func(id uint64, p v1.Proposal) (bool, error) {
		if p.Status == v1.StatusVotingPeriod || p.Status == v1.StatusDepositPeriod {
			open = append(open, id)
		}
		return false, nil
	}))
	if len(open) == 0 {
		return next
	}
	return open[random.Intn(len(open))]
}

func option(random *rand.Rand) v1.VoteOption {
	if random.Intn(3) == 0 {
		return v1.OptionYes
	}
	return []v1.VoteOption{v1.OptionYes, v1.OptionYes, v1.OptionYes, v1.OptionYes, v1.OptionNo, v1.OptionNoWithVeto, v1.OptionAbstain}[random.Intn(7)]
}

// Some at once, so that most votes reach the quorum.
func (c *chain) votes(random *rand.Rand, b *block) {
	id := c.anyProposal(random)
	for range 1 + random.Intn(4) {
		c.vote(random, b, id)
	}
}

func (c *chain) vote(random *rand.Rand, b *block, id uint64) {
	voter := player(random.Intn(players))
	if random.Intn(2) == 0 {
		voter = player(random.Intn(operators))
	}
	switch random.Intn(6) {
	case 0:
		first := hundredths(1 + random.Int63n(98))
		options := v1.WeightedVoteOptions{
			v1.NewWeightedVoteOption(v1.OptionYes, first),
			v1.NewWeightedVoteOption(v1.OptionNo, math.LegacyOneDec().Sub(first)),
		}
		c.send(b, "", v1.NewMsgVoteWeighted(voter, id, options, "why"))
	case 1:
		c.send(b, "", v1beta1.NewMsgVote(voter, id, v1beta1.VoteOption(option(random))))
	case 2:
		third := math.LegacyMustNewDecFromStr("0.333333333333333333")
		options := v1beta1.WeightedVoteOptions{
			{Option: v1beta1.OptionYes, Weight: third}, {Option: v1beta1.OptionAbstain, Weight: third},
			{Option: v1beta1.OptionNoWithVeto, Weight: math.LegacyOneDec().Sub(third).Sub(third)},
		}
		c.send(b, "", v1beta1.NewMsgVoteWeighted(voter, id, options))
	default:
		c.send(b, "", v1.NewMsgVote(voter, id, option(random), ""))
	}
}

func (c *chain) step(random *rand.Rand, b *block) {
	delegator := player(random.Intn(players)).String()
	switch random.Intn(20) {
	case 0:
		c.propose(random, b)
	case 1, 2, 3:
		c.send(b, "", v1.NewMsgDeposit(player(random.Intn(players)), c.anyProposal(random), deposit(random, 12_000_000)))
	case 4:
		c.send(b, "", v1beta1.NewMsgDeposit(player(random.Intn(players)), c.anyProposal(random), deposit(random, 12_000_000)))
	case 5:
		if random.Intn(3) == 0 {
			c.withdraw(random, b)
		}
	case 6:
		c.send(b, "", stakingtypes.NewMsgDelegate(delegator, operatorText(random.Intn(operators)), coin(1+random.Int63n(400_000_000))))
	case 7:
		c.send(b, "", stakingtypes.NewMsgUndelegate(delegator, operatorText(random.Intn(operators)), coin(1+random.Int63n(40_000_000))))
	case 8:
		c.send(b, "", stakingtypes.NewMsgBeginRedelegate(delegator, operatorText(random.Intn(operators)), operatorText(random.Intn(operators)), coin(1+random.Int63n(40_000_000))))
	case 9:
		c.slash(random, b)
	default:
		c.votes(random, b)
	}
}

// Mostly by whoever proposed it.
func (c *chain) withdraw(random *rand.Rand, b *block) {
	id := c.anyProposal(random)
	from := player(random.Intn(players)).String()
	if p, err := c.gov.Proposals.Get(c.ctx, id); err == nil && random.Intn(4) > 0 {
		from = p.Proposer
	}
	c.send(b, "", v1.NewMsgCancelProposal(id, from))
}

// So that shares are not tokens any more.
func (c *chain) slash(random *rand.Rand, b *block) {
	operator, err := sdk.ValAddressFromBech32(operatorText(random.Intn(operators)))
	output.Check(err)
	v, err := c.staking.GetValidator(c.ctx, operator)
	if err != nil || v.IsUnbonded() || v.Tokens.LT(math.NewInt(300_000_000)) {
		return
	}
	address, err := v.GetConsAddr()
	output.Check(err)
	height := max(1, b.Height-int64(random.Intn(8)))
	power := v.PotentialConsensusPower(sdk.DefaultPowerReduction)
	fraction := math.LegacyNewDecWithPrec(1+random.Int63n(60), 3)
	c.call(b, func(ctx sdk.Context) error {
		_, err := c.staking.Slash(ctx, address, height, power, fraction)
		return err
	}, "slash", hex.EncodeToString(address), fmt.Sprint(height), fmt.Sprint(power), fraction.String())
}

// Parameters as another vote might have left them.
func (c *chain) change(b *block) {
	p := params()
	switch b.Height / 40 {
	case 1:
		p.BurnVoteQuorum, p.BurnVoteVeto, p.Quorum = true, false, "0.6"
	case 2:
		p.ProposalCancelDest, p.ProposalCancelRatio = authtypes.NewModuleAddress("distribution").String(), "0.333"
		p.MinDepositRatio = "0"
	case 3:
		p.ProposalCancelDest, p.BurnProposalDepositPrevote = player(3).String(), true
		p.Threshold, p.ExpeditedThreshold, p.VetoThreshold = "0.6", "0.75", "0.2"
	case 4:
		p.ProposalCancelRatio, p.MinInitialDepositRatio = "1", "0"
	default:
		p.VotingPeriod = pointer(30 * time.Second)
	}
	c.call(b, func(ctx sdk.Context) error { return c.gov.Params.Set(ctx, p) }, "params", string(c.json(&p)))
}
