// Writes test/vectors/slashing.json: 240 blocks of the SDK's staking, slashing and evidence keepers under an engine that misses votes,
// reports double signs and jumps in time: what each block was given, what its beginning emitted, what its messages were refused with, and
// what the stores hold afterwards. And the bytes of bitmaps of missed blocks, genesis, queries.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand"

	storetypes "cosmossdk.io/store/types"
	evidencemodule "cosmossdk.io/x/evidence"

	sdk "github.com/cosmos/cosmos-sdk/types"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"weir/vectors/output"
)

const blockCount = 240

func main() {
	c := newChain()
	genesis := c.begin()
	random := rand.New(rand.NewSource(11))
	e := newEngine(random)
	list := []block{}
	for height := int64(1); height <= blockCount; height++ {
		b := e.next(c, height)
		c.beginBlock(&b, e)
		c.messages(random, &b)
		c.endBlock(&b, e)
		b.State = c.state()
		list = append(list, b)
	}
	questions(c)
	output.Write("slashing", map[string]any{
		"genesis":   genesis,
		"blocks":    list,
		"afterward": map[string]any{"slashing": c.dump("slashing"), "evidence": c.dump("evidence")},
		"answers":   answers,
		"exported":  c.exported(),
		"bitmap":    bitmap(),
	})
}

func (c *chain) exported() map[string]json.RawMessage {
	return map[string]json.RawMessage{
		"slashing": c.json(c.slashing.ExportGenesis(c.ctx)),
		"evidence": c.json(evidencemodule.ExportGenesis(c.ctx, c.evidence)),
	}
}

type flip struct {
	Index  int64 `json:"index,string"`
	Missed bool  `json:"missed"`
}

// Bits at the borders of bytes, words and chunks, and chunks whose number needs two bytes; the stores' entries after all of them.
func bitmap() map[string]any {
	c := newChain()
	c.begin()
	address := sdk.ConsAddress("a validator's key___")
	flips := []flip{}
	for _, index := range []int64{0, 1, 7, 8, 63, 64, 65, 1000, 1023, 1024, 2047, 3000, 262_143, 262_144, 1_000_000} {
		flips = append(flips, flip{index, true})
	}
	flips = append(flips, flip{7, false}, flip{2047, false}, flip{3000, false}, flip{5000, false})
	for _, f := range flips {
		output.Check(c.slashing.SetMissedBlockBitmapValue(c.ctx, address, f.Index, f.Missed))
	}
	entries := [][2]string{}
	iterator := storetypes.KVStorePrefixIterator(c.ctx.KVStore(c.key("slashing")), slashingtypes.ValidatorMissedBlockBitmapKeyPrefix)
	for ; iterator.Valid(); iterator.Next() {
		entries = append(entries, [2]string{hex.EncodeToString(iterator.Key()), hex.EncodeToString(iterator.Value())})
	}
	return map[string]any{"address": hex.EncodeToString(address), "flips": flips, "entries": entries}
}

// What must be equal of staking and bank. Their bytes are compared elsewhere.
func (c *chain) state() state {
	s := state{Slashing: c.digest("slashing", nil), Evidence: c.digest("evidence", nil)}
	all, err := c.staking.GetAllValidators(c.ctx)
	output.Check(err)
	for _, v := range all {
		s.Validators += fmt.Sprintln(v.OperatorAddress, v.Tokens, v.DelegatorShares, int32(v.Status), v.Jailed, v.UnbondingHeight)
	}
	// The text of every tenth block shows where a difference is; of the others its hash tells that there is one.
	if c.ctx.BlockHeight()%10 != 0 {
		s.Validators = fmt.Sprintf("%x", sha256.Sum256([]byte(s.Validators)))
	}
	s.Delegations = c.digest("staking", stakingtypes.DelegationKey)
	s.Unbondings = c.digest("staking", stakingtypes.UnbondingDelegationKey)
	s.Redelegations = c.digest("staking", stakingtypes.RedelegationKey)
	s.Balances = c.digest("bank", []byte{2})
	s.Supply = c.bank.GetSupply(c.ctx, denom).Amount.String()
	return s
}
