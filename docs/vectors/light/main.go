// Writes test/vectors/light.json: pairs of signed headers with their validators, as the RPC shows them, and what CometBFT's light client
// says of going from the first to the second. Deterministic.
package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/light"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmtversion "github.com/cometbft/cometbft/proto/tendermint/version"
	"github.com/cometbft/cometbft/types"

	"weir/vectors/output"
)

const chain = "weir-light-1"

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func key(number int) ed25519.PrivKey {
	seed := sha256.Sum256([]byte(fmt.Sprintf("light validator %d", number)))
	return ed25519.GenPrivKeyFromSecret(seed[:])
}

// A block of which everything can be said.
type wish struct {
	chain      string
	height     int64
	time       time.Time
	validators []int
	next       []int
	power      int64
	// Who signs the block, who votes for nothing; the others are absent.
	signs, nothing []int
	// Changes what is signed after it was signed.
	spoil func(*types.SignedHeader)
}

func set(numbers []int, power int64) *types.ValidatorSet {
	var list []*types.Validator
	for _, number := range numbers {
		list = append(list, types.NewValidator(key(number).PubKey(), power))
	}
	return types.NewValidatorSet(list)
}

func hashOf(text string) []byte {
	sum := sha256.Sum256([]byte(text))
	return sum[:]
}

func contains(list []int, number int) bool {
	for _, each := range list {
		if each == number {
			return true
		}
	}
	return false
}

func made(w wish) (*types.SignedHeader, *types.ValidatorSet) {
	if w.power == 0 {
		w.power = 10
	}
	validators := set(w.validators, w.power)
	header := &types.Header{
		Version: cmtversion.Consensus{Block: 11}, ChainID: w.chain, Height: w.height, Time: w.time,
		LastBlockID:    types.BlockID{Hash: hashOf("last"), PartSetHeader: types.PartSetHeader{Total: 1, Hash: hashOf("parts")}},
		LastCommitHash: hashOf("commit"), DataHash: hashOf("data"), ValidatorsHash: validators.Hash(),
		NextValidatorsHash: set(w.next, w.power).Hash(), ConsensusHash: hashOf("params"), AppHash: hashOf(fmt.Sprint("app", w.height)),
		LastResultsHash: hashOf("results"), EvidenceHash: hashOf(""), ProposerAddress: validators.Validators[0].Address,
	}
	id := types.BlockID{Hash: header.Hash(), PartSetHeader: types.PartSetHeader{Total: 1, Hash: hashOf("own parts")}}
	commit := &types.Commit{Height: w.height, Round: 1, BlockID: id}
	for _, validator := range validators.Validators {
		number := 0
		for !key(number).PubKey().Equals(validator.PubKey) {
			number++
		}
		commit.Signatures = append(commit.Signatures, signature(w, id, number))
	}
	signed := &types.SignedHeader{Header: header, Commit: commit}
	if w.spoil != nil {
		w.spoil(signed)
	}
	return signed, validators
}

func signature(w wish, id types.BlockID, number int) types.CommitSig {
	flag := types.BlockIDFlagCommit
	if contains(w.nothing, number) {
		flag, id = types.BlockIDFlagNil, types.BlockID{}
	} else if !contains(w.signs, number) {
		return types.NewCommitSigAbsent()
	}
	at := w.time.Add(time.Duration(number+1) * time.Second)
	vote := cmtproto.Vote{Type: cmtproto.PrecommitType, Height: w.height, Round: 1, BlockID: id.ToProto(), Timestamp: at}
	bytes, err := key(number).Sign(types.VoteSignBytes(w.chain, &vote))
	if err != nil {
		panic(err)
	}
	return types.CommitSig{BlockIDFlag: flag, ValidatorAddress: key(number).PubKey().Address(), Timestamp: at, Signature: bytes}
}

type vector struct {
	Name              string          `json:"name"`
	Trusted           json.RawMessage `json:"trusted"`
	TrustedValidators json.RawMessage `json:"trustedValidators"`
	New               json.RawMessage `json:"new"`
	NewValidators     json.RawMessage `json:"newValidators"`
	Now               string          `json:"now"`
	Refusal           string          `json:"refusal"`
}

func raw(value any) json.RawMessage {
	data, err := cmtjson.Marshal(value)
	if err != nil {
		panic(err)
	}
	return data
}

func judged(name string, old, later wish, now time.Time) vector {
	trusted, trustedValidators := made(old)
	untrusted, untrustedValidators := made(later)
	err := light.Verify(trusted, trustedValidators, untrusted, untrustedValidators, 168*time.Hour, now, 10*time.Second, light.DefaultTrustLevel)
	refusal := ""
	if err != nil {
		refusal = err.Error()
	}
	return vector{
		name, raw(trusted), raw(trustedValidators.Validators), raw(untrusted), raw(untrustedValidators.Validators),
		now.Format(time.RFC3339), refusal,
	}
}

func main() {
	four, others := []int{0, 1, 2, 3}, []int{4, 5, 6, 7}
	old := wish{chain: chain, height: 5, time: start, validators: four, next: four, signs: four}
	next := func(change func(*wish)) wish {
		w := wish{chain: chain, height: 6, time: start.Add(time.Minute), validators: four, next: four, signs: four}
		change(&w)
		return w
	}
	far := func(change func(*wish)) wish {
		return next(func(w *wish) { w.height = 60; change(w) })
	}
	three := wish{chain: chain, height: 5, time: start, validators: []int{0, 1, 2}, next: []int{0, 1, 2}, signs: four}
	now := start.Add(time.Hour)
	spoiled := func(spoil func(*types.SignedHeader)) func(*wish) { return func(w *wish) { w.spoil = spoil } }
	output.Write("light", []vector{
		judged("the next block", old, next(func(*wish) {}), now),
		judged("the next block, signed by three of four", old, next(func(w *wish) { w.signs = []int{0, 1, 2} }), now),
		judged("the next block, signed by two of four", old, next(func(w *wish) { w.signs = []int{0, 1} }), now),
		judged("exactly two thirds", three, next(func(w *wish) { w.validators, w.next, w.signs = []int{0, 1, 2}, []int{0, 1, 2}, []int{0, 1} }), now),
		judged("votes for nothing do not count", old, next(func(w *wish) { w.signs, w.nothing = []int{0, 1}, []int{2, 3} }), now),
		judged("votes for nothing do no harm", old, next(func(w *wish) { w.signs, w.nothing = []int{0, 1, 2}, []int{3} }), now),
		judged("other validators than were promised", old, next(func(w *wish) { w.validators, w.signs = others, others }), now),
		judged("validators that were promised", wish{chain: chain, height: 5, time: start, validators: four, next: others, signs: four},
			next(func(w *wish) { w.validators, w.signs = others, others }), now),
		judged("far ahead", old, far(func(*wish) {}), now),
		judged("far ahead, half of them new", old, far(func(w *wish) { w.validators, w.signs = []int{2, 3, 4, 5}, []int{2, 3, 4, 5} }), now),
		judged("far ahead, one of four still there", old, far(func(w *wish) { w.validators, w.signs = []int{3, 4, 5, 6}, []int{3, 4, 5, 6} }), now),
		judged("far ahead, exactly a third still there", three, far(func(w *wish) { w.validators, w.signs = []int{2, 4, 5, 6}, []int{2, 4, 5, 6} }), now),
		judged("far ahead, all of them new", old, far(func(w *wish) { w.validators, w.signs = others, others }), now),
		judged("far ahead, enough of the old and too few of the new", old,
			far(func(w *wish) { w.validators, w.signs = []int{2, 3, 4, 5, 6, 7}, []int{2, 3} }), now),
		judged("another chain", old, next(func(w *wish) { w.chain = "other" }), now),
		judged("a block below", old, next(func(w *wish) { w.height = 4 }), now),
		judged("no later time", old, next(func(w *wish) { w.time = start }), now),
		judged("a time to come", old, next(func(*wish) {}), start.Add(30*time.Second)),
		judged("a clock that is a little behind", old, next(func(*wish) {}), start.Add(51*time.Second)),
		judged("trusted too long ago", old, next(func(*wish) {}), start.Add(168*time.Hour)),
		judged("trusted just short of too long ago", old, next(func(*wish) {}), start.Add(168*time.Hour-time.Second)),
		judged("a header changed after it was signed", old, next(spoiled(func(s *types.SignedHeader) { s.AppHash = hashOf("forged") })), now),
		judged("a commit of another height", old, next(spoiled(func(s *types.SignedHeader) { s.Commit.Height = 7 })), now),
		judged("a commit of another round", old, next(spoiled(func(s *types.SignedHeader) { s.Commit.Round = 2 })), now),
		judged("a forged signature", old, next(spoiled(func(s *types.SignedHeader) { s.Commit.Signatures[0].Signature[7] ^= 1 })), now),
		judged("a signature by another", old, next(spoiled(func(s *types.SignedHeader) {
			s.Commit.Signatures[0].Signature = s.Commit.Signatures[1].Signature
		})), now),
		judged("a vote at another time", old, next(spoiled(func(s *types.SignedHeader) {
			s.Commit.Signatures[0].Timestamp = s.Commit.Signatures[0].Timestamp.Add(time.Second)
		})), now),
		judged("a signature too few", old, next(spoiled(func(s *types.SignedHeader) { s.Commit.Signatures = s.Commit.Signatures[1:] })), now),
		judged("one vote counted for two", old, far(spoiled(func(s *types.SignedHeader) {
			s.Commit.Signatures[1] = s.Commit.Signatures[0]
		})), now),
	})
}
