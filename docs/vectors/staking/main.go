// Writes test/vectors/staking.json: 220 blocks of the SDK's staking with all that follows it (distribution, slashing): every message of
// staking with good and bad inputs, withdrawals, faults; what each was refused with, emitted and answered, what the engine was told, and
// what the stores hold after each block. At the end the answers to every query, and the exported genesis.
//
// To extend it: `history.go` holds what may happen in a block (`step`), `badinputs.go` each message's bad inputs, `records.go` what is
// compared (`state`), `questions.go` the queries.
package main

import (
	"bytes"
	"encoding/hex"
	"math/rand"
	"sort"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"

	"weir/vectors/output"
)

const (
	blockCount = 220
	badInputs  = 60
)

// As CometBFT orders them: by power, then by address.
func votesOf(set map[string]int64) []abci.VoteInfo {
	votes := []abci.VoteInfo{}
	for key, power := range set {
		v := abci.Validator{Address: ed25519.PubKey(key).Address(), Power: power}
		votes = append(votes, abci.VoteInfo{Validator: v, BlockIdFlag: cmtproto.BlockIDFlagCommit})
	}
	sort.Slice(votes, func(i, j int) bool {
		a, b := votes[i].Validator, votes[j].Validator
		if a.Power != b.Power {
			return a.Power > b.Power
		}
		return bytes.Compare(a.Address, b.Address) < 0
	})
	return votes
}

func main() {
	c := newChain()
	genesis := c.begin()
	random := rand.New(rand.NewSource(6))
	e := &engine{map[int64]map[string]int64{}}
	at := start
	blocks := []block{}
	for height := int64(1); height <= blockCount; height++ {
		pause := 5 * time.Second
		if random.Intn(20) == 0 {
			pause = time.Duration(5+random.Intn(120)) * time.Second
		}
		// Commission changes once a day.
		if height%50 == 0 {
			pause = 24*time.Hour - time.Duration(random.Intn(300))*time.Second
		}
		at = at.Add(pause + time.Duration(random.Intn(1_000_000_000)))
		b := block{Height: height, Seconds: at.Unix(), Nanos: int64(at.Nanosecond()), Votes: []vote{}, Steps: []step{}}
		votes := votesOf(e.sets[height-1])
		for _, v := range votes {
			b.Votes = append(b.Votes, vote{hex.EncodeToString(v.Validator.Address), v.Validator.Power})
		}
		c.beginBlock(&b, at, votes)
		switch height {
		case 1:
			c.founding(&b)
		case badInputs:
			c.badInputs(&b)
		default:
			c.steps(random, &b)
		}
		e.update(height, c.endBlock(&b))
		b.State = c.state()
		blocks = append(blocks, b)
	}
	questions(c)
	output.Write("staking", map[string]any{
		"genesis":  genesis,
		"blocks":   blocks,
		"answers":  answers,
		"exported": c.json(c.staking.ExportGenesis(c.ctx)),
	})
}
