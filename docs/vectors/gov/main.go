// Writes test/vectors/gov.json: 240 blocks of the SDK's governance over its staking: proposals that pass, fail, are expedited, withdrawn and
// dropped, votes of validators and delegators while stakes move and are slashed, every message with good and bad inputs; what each was
// refused with, emitted and answered, how every open vote stood, and what the stores held after each block. In the middle, the answers to
// every query; at the end the exported genesis.
//
// To extend it: `history.go` holds what may happen in a block (`step`), `badinputs.go` each message's bad inputs, `records.go` what is
// compared (`state`), `questions.go` the queries.
package main

import (
	"math/rand"
	"time"

	"github.com/cosmos/cosmos-sdk/x/gov"

	"weir/vectors/output"
)

const (
	blockCount  = 240
	badInputs   = 60
	questionsAt = 150
)

func main() {
	c := newChain()
	genesis := c.begin()
	random := rand.New(rand.NewSource(11))
	at := start
	blocks := []block{}
	for height := int64(1); height <= blockCount; height++ {
		pause := 2 * time.Second
		if random.Intn(15) == 0 {
			pause = time.Duration(5+random.Intn(40)) * time.Second
		}
		at = at.Add(pause + time.Duration(random.Intn(1_000_000_000)))
		b := block{Height: height, Seconds: at.Unix(), Nanos: int64(at.Nanosecond()), Steps: []step{}}
		c.beginBlock(height, at)
		switch {
		case height == 1:
			c.founding(&b)
		case height == badInputs:
			c.badInputs(&b)
		default:
			for range 2 + random.Intn(9) {
				c.step(random, &b)
			}
			if height%40 == 0 {
				c.change(&b)
			}
		}
		c.endBlock(&b)
		b.State = c.state()
		b.Tallies = c.tallies()
		if height == questionsAt {
			questions(c)
		}
		blocks = append(blocks, b)
	}
	exported, err := gov.ExportGenesis(c.ctx, c.gov)
	output.Check(err)
	output.Write("gov", map[string]any{
		"genesis":     genesis,
		"blocks":      blocks,
		"questionsAt": questionsAt,
		"answers":     answers,
		"exported":    c.json(exported),
	})
}
