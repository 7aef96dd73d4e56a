// Writes test/vectors/distribution.json: 220 blocks of the SDK's staking, distribution and mint keepers. What each block was given (votes,
// slashes, messages, fees), what its messages answered or were refused with, and digests of what was owed and owned afterwards; then the
// answers to every query, refusals of bad messages, and the exported genesis. `go run ./distribution HEIGHT` prints the state of a block.
package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"strconv"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"

	"cosmossdk.io/math"

	sdk "github.com/cosmos/cosmos-sdk/types"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	mintmodule "github.com/cosmos/cosmos-sdk/x/mint"
	minttypes "github.com/cosmos/cosmos-sdk/x/mint/types"

	"weir/vectors/output"
)

const blockCount = 220

type vote struct {
	Address string `json:"address"`
	Power   int64  `json:"power,string"`
}

type slash struct {
	Address  string `json:"address"`
	Height   int64  `json:"height,string"`
	Power    int64  `json:"power,string"`
	Fraction string `json:"fraction"`
	Jail     bool   `json:"jail"`
}

type refusal struct {
	Codespace string `json:"codespace"`
	Code      uint32 `json:"code"`
	Log       string `json:"log"`
}

type message struct {
	TypeURL  string   `json:"typeUrl"`
	Bytes    string   `json:"bytes"`
	Response string   `json:"response,omitempty"`
	Refusal  *refusal `json:"refusal,omitempty"`
}

type block struct {
	Height       int64     `json:"height,string"`
	Seconds      int64     `json:"seconds,string"`
	Votes        []vote    `json:"votes"`
	Slashes      []slash   `json:"slashes"`
	Unjailed     []string  `json:"unjailed"`
	Messages     []message `json:"messages"`
	Fees         string    `json:"fees"`
	Inflation    string    `json:"inflation"`
	Provisions   string    `json:"provisions"`
	Supply       string    `json:"supply"`
	Distribution string    `json:"distribution"`
	Balances     string    `json:"balances"`
	Validators   string    `json:"validators"`
}

func main() {
	wanted := int64(-1)
	if len(os.Args) > 1 {
		number, err := strconv.ParseInt(os.Args[1], 10, 64)
		output.Check(err)
		wanted = number
	}
	c := newChain()
	genesis := c.begin()
	random := rand.New(rand.NewSource(29))
	blocks := []block{}
	at := start
	for height := int64(1); height <= blockCount; height++ {
		at = at.Add(time.Duration(3+random.Intn(5)) * time.Second)
		blocks = append(blocks, c.block(random, height, at))
		if height == wanted {
			fmt.Printf("%s\n%s\n%s\n", c.exported(), c.balances(), c.validators())
		}
	}
	if wanted >= 0 {
		return
	}
	exported := map[string]json.RawMessage{"distribution": c.exported(), "mint": c.json(c.mint.ExportGenesis(c.ctx))}
	questions(c)
	output.Write("distribution", map[string]any{
		"genesis":  genesis,
		"blocks":   blocks,
		"answers":  answers,
		"refusals": c.refusals(),
		"exported": exported,
	})
}

func (c *chain) block(random *rand.Rand, height int64, at time.Time) block {
	b := block{Height: height, Seconds: at.Unix(), Votes: c.votes(), Slashes: []slash{}, Unjailed: []string{}, Messages: []message{}}
	c.open(height, at)
	infos := []abci.VoteInfo{}
	for _, v := range b.Votes {
		address, err := hex.DecodeString(v.Address)
		output.Check(err)
		infos = append(infos, abci.VoteInfo{Validator: abci.Validator{Address: address, Power: v.Power}})
	}
	c.ctx = c.ctx.WithVoteInfos(infos)
	output.Check(mintmodule.BeginBlocker(c.ctx, c.mint))
	output.Check(c.distribution.BeginBlocker(c.ctx))
	c.slashes(random, &b)
	c.unjail(random, &b)
	output.Check(c.staking.BeginBlocker(c.ctx))
	c.messages(random, &b)
	c.fees(random, &b)
	_, err := c.staking.EndBlocker(c.ctx)
	output.Check(err)
	minter, err := c.mint.Minter.Get(c.ctx)
	output.Check(err)
	b.Inflation, b.Provisions = minter.Inflation.String(), minter.AnnualProvisions.String()
	b.Supply = c.bank.GetSupply(c.ctx, denom).Amount.String()
	b.Distribution, b.Balances, b.Validators = digest(string(c.exported())), digest(c.balances()), digest(c.validators())
	return b
}

// Who was in the set at the end of the last block: the engine's lag of two blocks changes nothing here.
func (c *chain) votes() []vote {
	votes := []vote{}
	output.Check(c.staking.IterateLastValidatorPowers(c.ctx, func(operator sdk.ValAddress, power int64) bool {
		validator, err := c.staking.GetValidator(c.ctx, operator)
		if err != nil {
			return false
		}
		address, err := validator.GetConsAddr()
		output.Check(err)
		votes = append(votes, vote{hex.EncodeToString(address), power})
		return false
	}))
	return votes
}

var fractions = []string{"0.0001", "0.05", "0.333333333333333333", "0.01", "0.1", "0.500000000000000001", "1.0"}

// Of what a validator did up to ten blocks ago, when others may have left it since.
func (c *chain) slashes(random *rand.Rand, b *block) {
	if b.Height < 5 || random.Intn(2) != 0 || len(b.Votes) < 3 {
		return
	}
	for range 1 + random.Intn(2) {
		v := b.Votes[random.Intn(len(b.Votes))]
		address, err := hex.DecodeString(v.Address)
		output.Check(err)
		validator, err := c.staking.GetValidatorByConsAddr(c.ctx, address)
		if err != nil || validator.IsUnbonded() {
			continue
		}
		s := slash{Address: v.Address, Height: max(1, b.Height-random.Int63n(11)), Power: v.Power}
		s.Fraction = fractions[random.Intn(len(fractions)-1)]
		if random.Intn(12) == 0 {
			s.Fraction = fractions[len(fractions)-1]
		}
		s.Jail = !validator.Jailed && random.Intn(5) == 0
		_, err = c.staking.Slash(c.ctx, address, s.Height, s.Power, math.LegacyMustNewDecFromStr(s.Fraction))
		output.Check(err)
		if s.Jail {
			output.Check(c.staking.Jail(c.ctx, address))
		}
		b.Slashes = append(b.Slashes, s)
	}
}

func (c *chain) unjail(random *rand.Rand, b *block) {
	all, err := c.staking.GetAllValidators(c.ctx)
	output.Check(err)
	for _, v := range all {
		if !v.Jailed || random.Intn(6) != 0 {
			continue
		}
		address, err := v.GetConsAddr()
		output.Check(err)
		output.Check(c.staking.Unjail(c.ctx, address))
		b.Unjailed = append(b.Unjailed, hex.EncodeToString(address))
	}
}

// As if transactions had paid them.
func (c *chain) fees(random *rand.Rand, b *block) {
	coins := sdk.NewCoins()
	if random.Intn(3) > 0 {
		coins = coins.Add(sdk.NewInt64Coin(denom, 1+random.Int63n(1_000_000)))
	}
	if random.Intn(4) == 0 {
		coins = coins.Add(sdk.NewInt64Coin("uusdc", 1+random.Int63n(7)))
	}
	if random.Intn(9) == 0 {
		coins = coins.Add(sdk.NewInt64Coin("atto", 1_000_000_000_000_000_000))
	}
	b.Fees = coins.String()
	if coins.Empty() {
		return
	}
	output.Check(c.bank.MintCoins(c.ctx, minttypes.ModuleName, coins))
	output.Check(c.bank.SendCoinsFromModuleToModule(c.ctx, minttypes.ModuleName, authtypes.FeeCollectorName, coins))
}
