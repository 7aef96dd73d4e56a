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

	"cosmossdk.io/core/comet"
	"cosmossdk.io/core/header"

	"github.com/cosmos/cosmos-sdk/baseapp"
	sdk "github.com/cosmos/cosmos-sdk/types"

	"weir/vectors/output"
)

// Validators by the height at which they validate, and what they fail to do.
type engine struct {
	random *rand.Rand
	sets   map[int64]map[string]int64
	times  map[int64]time.Time
	// Until when a validator, by its address, is down.
	down map[string]int64
}

func newEngine(random *rand.Rand) *engine {
	return &engine{random, map[int64]map[string]int64{}, map[int64]time.Time{0: start}, map[string]int64{}}
}

func addressOf(key string) []byte { return ed25519.PubKey(key).Address() }

// As CometBFT orders them: by power, then by address.
func sorted(set map[string]int64) []abci.Validator {
	list := []abci.Validator{}
	for key, power := range set {
		list = append(list, abci.Validator{Address: addressOf(key), Power: power})
	}
	sort.Slice(list, func(i, j int) bool {
		if list[i].Power != list[j].Power {
			return list[i].Power > list[j].Power
		}
		return bytes.Compare(list[i].Address, list[j].Address) < 0
	})
	return list
}

// What an end of a block asks for is so from the next block but one on.
func (e *engine) update(height int64, updates []abci.ValidatorUpdate) {
	next := map[string]int64{}
	for key, power := range e.sets[height+1] {
		next[key] = power
	}
	for _, u := range updates {
		key := string(u.PubKey.GetEd25519())
		next[key] = u.Power
		if u.Power == 0 {
			delete(next, key)
		}
	}
	e.sets[height+2] = next
}

func (e *engine) next(c *chain, height int64) block {
	pause := int64(5)
	if e.random.Intn(15) == 0 {
		pause = 5 + e.random.Int63n(35)
	}
	e.times[height] = e.times[height-1].Add(time.Duration(pause)*time.Second + time.Duration(e.random.Intn(1_000_000_000)))
	b := block{Height: height, Seconds: e.times[height].Unix(), Nanos: int64(e.times[height].Nanosecond()), Votes: []vote{}, Misbehavior: []misbehavior{}}
	if height > 1 {
		e.vote(height, &b)
	}
	e.catch(c, height, &b)
	return b
}

func (e *engine) vote(height int64, b *block) {
	for _, v := range sorted(e.sets[height-1]) {
		name := string(v.Address)
		if e.down[name] < height && e.random.Intn(40) == 0 {
			e.down[name] = height + 4 + e.random.Int63n(30)
		}
		flag := cmtproto.BlockIDFlagCommit
		if e.down[name] >= height || e.random.Intn(25) == 0 {
			flag = cmtproto.BlockIDFlagAbsent
		} else if e.random.Intn(20) == 0 {
			flag = cmtproto.BlockIDFlagNil
		}
		b.commit = append(b.commit, abci.VoteInfo{Validator: v, BlockIdFlag: flag})
		b.Votes = append(b.Votes, vote{hex.EncodeToString(v.Address), v.Power, int32(flag)})
	}
}

// Sometimes a validator of the last heights signed twice. The SDK halts on evidence against a validator that is gone, so there is none.
func (e *engine) catch(c *chain, height int64, b *block) {
	if height < 20 || e.random.Intn(9) != 0 {
		return
	}
	then := height - 1 - e.random.Int63n(6+12*int64(e.random.Intn(2)))
	set := sorted(e.sets[then])
	if len(set) == 0 {
		return
	}
	v := c.mostLeft(set, e.random)
	if found, err := c.staking.GetValidatorByConsAddr(c.ctx, sdk.ConsAddress(v.Address)); err != nil || found.OperatorAddress == "" {
		return
	}
	kind := abci.MisbehaviorType(1 + e.random.Intn(2))
	total := int64(0)
	for _, each := range set {
		total += each.Power
	}
	caught := abci.Misbehavior{Type: kind, Validator: v, Height: then, Time: e.times[then], TotalVotingPower: total}
	b.caught = append(b.caught, caught)
	b.Misbehavior = append(b.Misbehavior, misbehavior{
		int32(kind), hex.EncodeToString(v.Address), v.Power, then, caught.Time.Unix(), int64(caught.Time.Nanosecond()), total,
	})
}

func infoOf(caught []abci.Misbehavior, commit abci.CommitInfo) comet.BlockInfo {
	return baseapp.NewBlockInfo(caught, nil, nil, commit)
}

func headerInfo(height int64, at time.Time) header.Info {
	return header.Info{Height: height, Time: at, ChainID: "weir-vectors"}
}

// Mostly the one whom the most have left lately: what was done before they did, they pay for too.
func (c *chain) mostLeft(set []abci.Validator, random *rand.Rand) abci.Validator {
	best, count := set[random.Intn(len(set))], 0
	if random.Intn(4) == 0 {
		return best
	}
	for _, v := range set {
		operator, err := c.staking.GetValidatorByConsAddr(c.ctx, sdk.ConsAddress(v.Address))
		if err != nil || c.slashing.IsTombstoned(c.ctx, sdk.ConsAddress(v.Address)) {
			continue
		}
		address, err := sdk.ValAddressFromBech32(operator.OperatorAddress)
		output.Check(err)
		unbondings, err := c.staking.GetUnbondingDelegationsFromValidator(c.ctx, address)
		output.Check(err)
		redelegations, err := c.staking.GetRedelegationsFromSrcValidator(c.ctx, address)
		output.Check(err)
		if n := len(unbondings) + 2*len(redelegations); n > count {
			best, count = v, n
		}
	}
	return best
}
