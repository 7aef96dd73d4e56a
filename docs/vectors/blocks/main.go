// Writes test/vectors/blocks.json: CometBFT's own headers, commits, votes, validator sets, part sets and hashes, the JSON of its RPC for
// them, the files of a validator's key, and what its query parser says.
package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/crypto/ed25519"
	"github.com/cometbft/cometbft/crypto/tmhash"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmtversion "github.com/cometbft/cometbft/proto/tendermint/version"
	"github.com/cometbft/cometbft/types"
	cmttime "github.com/cometbft/cometbft/types/time"
	"github.com/cosmos/gogoproto/proto"

	"weir/vectors/output"
)

const chainID = "weir-vectors-1"

var (
	source = rand.New(rand.NewSource(38))
	start  = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
)

func randomBytes(length int) []byte {
	bytes := make([]byte, length)
	source.Read(bytes)
	return bytes
}

func text(data []byte) string { return hex.EncodeToString(data) }

func encoded(message proto.Message) string {
	data, err := proto.Marshal(message)
	output.Check(err)
	return text(data)
}

func key(number int) ed25519.PrivKey {
	return ed25519.GenPrivKeyFromSecret(fmt.Appendf(nil, "validator %d", number))
}

func blockID() types.BlockID {
	return types.BlockID{
		Hash:          randomBytes(32),
		PartSetHeader: types.PartSetHeader{Total: uint32(1 + source.Intn(300)), Hash: randomBytes(32)},
	}
}

type hashed struct {
	Proto string `json:"proto"`
	Hash  string `json:"hash"`
}

func headers() (list []hashed) {
	for i := range 24 {
		header := types.Header{
			Version:            cmtversion.Consensus{Block: 11, App: uint64(i % 3)},
			ChainID:            chainID,
			Height:             int64(1) << (2 * i),
			Time:               start.Add(time.Duration(source.Int63n(1e18))),
			LastBlockID:        blockID(),
			LastCommitHash:     randomBytes(32),
			DataHash:           randomBytes(32),
			ValidatorsHash:     randomBytes(32),
			NextValidatorsHash: randomBytes(32),
			ConsensusHash:      randomBytes(32),
			AppHash:            randomBytes(i),
			LastResultsHash:    randomBytes(32),
			EvidenceHash:       randomBytes(32),
			ProposerAddress:    randomBytes(20),
		}
		if i == 0 {
			header.LastBlockID = types.BlockID{}
		}
		list = append(list, hashed{encoded(header.ToProto()), text(header.Hash())})
	}
	return list
}

type commitVector struct {
	hashed
	SignBytes []string `json:"signBytes"`
}

func commit(height int64, size int) *types.Commit {
	id := blockID()
	signatures := make([]types.CommitSig, size)
	for i := range signatures {
		signature := types.CommitSig{
			BlockIDFlag:      types.BlockIDFlagCommit,
			ValidatorAddress: key(i).PubKey().Address(),
			Timestamp:        start.Add(time.Duration(source.Int63n(1e15))),
			Signature:        randomBytes(64),
		}
		switch i % 5 {
		case 3:
			signature = types.NewCommitSigAbsent()
		case 4:
			signature.BlockIDFlag = types.BlockIDFlagNil
		}
		signatures[i] = signature
	}
	return &types.Commit{Height: height, Round: int32(size % 4), BlockID: id, Signatures: signatures}
}

func commits() (list []commitVector) {
	for size := range 13 {
		made := commit(int64(1000+size), size)
		vector := commitVector{hashed: hashed{encoded(made.ToProto()), text(made.Hash())}, SignBytes: []string{}}
		for i := range made.Signatures {
			vector.SignBytes = append(vector.SignBytes, text(made.VoteSignBytes(chainID, int32(i))))
		}
		list = append(list, vector)
	}
	return list
}

type proposal struct {
	Proto     string `json:"proto"`
	SignBytes string `json:"signBytes"`
}

func proposals() (list []proposal) {
	for i := range 4 {
		made := types.NewProposal(int64(7+i), int32(i), int32(i-1), blockID())
		made.Timestamp = start.Add(time.Duration(i) * time.Nanosecond)
		list = append(list, proposal{encoded(made.ToProto()), text(types.ProposalSignBytes(chainID, made.ToProto()))})
	}
	return list
}

// A part is long: only the hash of its encoding is kept.
type part struct {
	Index uint32 `json:"index"`
	Proto string `json:"proto"`
}

// The transactions are left out of the encoding: each has Sizes[i] bytes, in turn byte(Sizes[i]) and byte(i).
type block struct {
	Sizes    []int  `json:"sizes"`
	Proto    string `json:"proto"`
	Hash     string `json:"hash"`
	DataHash string `json:"dataHash"`
	Total    uint32 `json:"total"`
	PartHash string `json:"partHash"`
	Parts    []part `json:"parts"`
}

func blocks() (list []block) {
	for _, sizes := range [][]int{{}, {1}, {200, 0, 3}, {65_000, 700}, {65_536, 65_536, 5}} {
		txs := make([]types.Tx, len(sizes))
		for i, size := range sizes {
			txs[i] = bytes.Repeat([]byte{byte(size), byte(i)}, size/2+size%2)[:size]
		}
		made := types.MakeBlock(int64(2+len(sizes)), txs, commit(int64(1+len(sizes)), 4), nil)
		made.Populate(cmtversion.Consensus{Block: 11, App: 1}, chainID, start, blockID(), randomBytes(32), randomBytes(32),
			randomBytes(32), randomBytes(32), randomBytes(32), randomBytes(20))
		hash := made.Hash()
		parts, err := made.MakePartSet(types.BlockPartSizeBytes)
		output.Check(err)
		inner, err := made.ToProto()
		output.Check(err)
		inner.Data.Txs = nil
		vector := block{sizes, encoded(inner), text(hash), text(made.DataHash), parts.Header().Total, text(parts.Header().Hash), nil}
		for i := range int(parts.Total()) {
			protoPart, err := parts.GetPart(i).ToProto()
			output.Check(err)
			data, err := proto.Marshal(protoPart)
			output.Check(err)
			vector.Parts = append(vector.Parts, part{uint32(i), text(tmhash.Sum(data))})
		}
		list = append(list, vector)
	}
	return list
}

func txProofs() any {
	type proof struct {
		Index int    `json:"index"`
		Proto string `json:"proto"`
	}
	type list struct {
		Txs    []string `json:"txs"`
		Hash   string   `json:"hash"`
		Proofs []proof  `json:"proofs"`
	}
	var all []list
	for _, count := range []int{1, 2, 5, 9} {
		txs := make(types.Txs, count)
		vector := list{}
		for i := range txs {
			txs[i] = randomBytes(10 + i)
			vector.Txs = append(vector.Txs, text(txs[i]))
		}
		vector.Hash = text(txs.Hash())
		for i := range txs {
			made := txs.Proof(i).ToProto()
			vector.Proofs = append(vector.Proofs, proof{i, encoded(&made)})
		}
		all = append(all, vector)
	}
	return all
}

func params() (list []hashed) {
	for _, limits := range [][2]int64{{22020096, -1}, {1, 0}, {104857600, 9_000_000_000}, {-1, -1}, {4_194_304, 100_000_000}} {
		made := types.DefaultConsensusParams()
		made.Block.MaxBytes, made.Block.MaxGas = limits[0], limits[1]
		inner := made.ToProto()
		list = append(list, hashed{encoded(&inner), text(made.Hash())})
	}
	return list
}

func results() any {
	type list struct {
		Results []string `json:"results"`
		Hash    string   `json:"hash"`
	}
	var all []list
	for _, count := range []int{0, 1, 2, 7} {
		vector := list{Results: []string{}}
		made := make([]*abci.ExecTxResult, count)
		for i := range made {
			made[i] = result(i)
			vector.Results = append(vector.Results, encoded(made[i]))
		}
		vector.Hash = text(types.NewResults(made).Hash())
		all = append(all, vector)
	}
	return all
}

func result(i int) *abci.ExecTxResult {
	attributes := []abci.EventAttribute{{Key: "key", Value: fmt.Sprint("value <&> ", i), Index: true}, {Key: "plain", Value: ""}}
	if i%3 == 0 {
		return &abci.ExecTxResult{}
	}
	return &abci.ExecTxResult{
		Code: uint32(i % 2 * i), Data: randomBytes(i), Log: "log", Info: "info", GasWanted: int64(i) << 40, GasUsed: int64(i),
		Events: []abci.Event{{Type: "first", Attributes: attributes}, {Type: "empty"}}, Codespace: "sdk",
	}
}

func evidence() any {
	var list types.EvidenceList
	set := types.NewValidatorSet([]*types.Validator{types.NewValidator(key(0).PubKey(), 10), types.NewValidator(key(1).PubKey(), 5)})
	for i := range 2 {
		votes := [2]*types.Vote{}
		for j := range votes {
			votes[j] = &types.Vote{
				Type: cmtproto.PrecommitType, Height: 9, Round: int32(i), BlockID: blockID(), Timestamp: start,
				ValidatorAddress: key(i).PubKey().Address(), ValidatorIndex: int32(i), Signature: randomBytes(64),
			}
		}
		made, err := types.NewDuplicateVoteEvidence(votes[0], votes[1], start.Add(time.Second), set)
		output.Check(err)
		list = append(list, made)
	}
	var all []hashed
	for count := range len(list) + 1 {
		data := types.EvidenceData{Evidence: list[:count]}
		inner, err := data.ToProto()
		output.Check(err)
		all = append(all, hashed{encoded(inner), text(data.Hash())})
	}
	return all
}

func medians() any {
	type vote struct {
		Nanos  string `json:"nanos"`
		Weight string `json:"weight"`
	}
	type median struct {
		Votes  []vote `json:"votes"`
		Median string `json:"median"`
	}
	var all []median
	for count := 1; count <= 9; count++ {
		vector := median{}
		var weighted []*cmttime.WeightedTime
		total := int64(0)
		for range count {
			at, weight := start.Add(time.Duration(source.Int63n(1e12))), 1+source.Int63n(50)
			total += weight
			weighted = append(weighted, cmttime.NewWeightedTime(at, weight))
			vector.Votes = append(vector.Votes, vote{fmt.Sprint(at.UnixNano()), fmt.Sprint(weight)})
		}
		vector.Median = fmt.Sprint(cmttime.WeightedMedian(weighted, total).UnixNano())
		all = append(all, vector)
	}
	return all
}

func main() {
	output.Write("blocks", map[string]any{
		"chainId": chainID, "headers": headers(), "commits": commits(), "proposals": proposals(), "blocks": blocks(),
		"txProofs": txProofs(), "params": params(), "results": results(), "evidence": evidence(), "medians": medians(),
		"validatorKeys": keys(), "validatorSets": validatorSets(), "rpc": rpcAnswers(), "keyFiles": keyFiles(), "queries": queries(),
	})
}

func raw(data []byte, err error) json.RawMessage {
	output.Check(err)
	return data
}
