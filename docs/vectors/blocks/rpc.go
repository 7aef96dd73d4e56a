package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"

	abci "github.com/cometbft/cometbft/abci/types"
	"github.com/cometbft/cometbft/crypto/ed25519"
	cmtjson "github.com/cometbft/cometbft/libs/json"
	"github.com/cometbft/cometbft/libs/pubsub/query"
	"github.com/cometbft/cometbft/p2p"
	"github.com/cometbft/cometbft/privval"
	"github.com/cometbft/cometbft/proto/tendermint/crypto"
	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	cmtversion "github.com/cometbft/cometbft/proto/tendermint/version"
	coretypes "github.com/cometbft/cometbft/rpc/core/types"
	"github.com/cometbft/cometbft/types"
	"github.com/cosmos/gogoproto/proto"

	"weir/vectors/output"
)

type answer struct {
	Name  string          `json:"name"`
	Proto string          `json:"proto"`
	JSON  json.RawMessage `json:"json"`
}

// A value through the wire, as a node reads it from its store, and then as JSON.
func rpcAnswers() (list []answer) {
	add := func(name string, message proto.Message, value any) {
		list = append(list, answer{name, encoded(message), raw(cmtjson.Marshal(value))})
	}
	for _, size := range []int{0, 5} {
		made := types.MakeBlock(int64(2+size), types.Txs{randomBytes(3), randomBytes(0)}[:size/3*2/2], commit(int64(1+size), size), nil)
		made.Populate(cmtversion.Consensus{Block: 11, App: uint64(size)}, chainID, start.Add(time.Duration(size)*time.Microsecond), blockID(),
			randomBytes(32), randomBytes(32), randomBytes(32), randomBytes(size*6), randomBytes(32), randomBytes(20))
		made.Hash()
		inner, err := made.ToProto()
		output.Check(err)
		data, err := proto.Marshal(inner)
		output.Check(err)
		stored := new(cmtproto.Block)
		output.Check(proto.Unmarshal(data, stored))
		read := types.Block{Header: made.Header}
		read.Data, err = types.DataFromProto(&stored.Data)
		output.Check(err)
		read.LastCommit, _ = types.CommitFromProto(stored.LastCommit)
		if read.LastCommit == nil {
			read.LastCommit = made.LastCommit
		}
		output.Check(read.Evidence.FromProto(&stored.Evidence))
		add("block", inner, &read)
	}
	for i := range 3 {
		made := result(i)
		add("execResult", made, made)
	}
	finalized := &abci.ResponseFinalizeBlock{
		Events:                result(1).Events,
		ValidatorUpdates:      []abci.ValidatorUpdate{abci.Ed25519ValidatorUpdate(key(0).PubKey().Bytes(), 7), abci.Ed25519ValidatorUpdate(key(1).PubKey().Bytes(), 0)},
		ConsensusParamUpdates: &cmtproto.ConsensusParams{Block: &cmtproto.BlockParams{MaxBytes: 5, MaxGas: 0}, Version: &cmtproto.VersionParams{}},
		AppHash:               randomBytes(32),
	}
	full := types.DefaultConsensusParams().ToProto()
	for _, made := range []*abci.ResponseFinalizeBlock{finalized, {}, {ConsensusParamUpdates: &full, TxResults: []*abci.ExecTxResult{result(4)}}} {
		add("blockResults", made, &coretypes.ResultBlockResults{
			Height: 5, TxsResults: made.TxResults, FinalizeBlockEvents: made.Events, ValidatorUpdates: made.ValidatorUpdates,
			ConsensusParamUpdates: made.ConsensusParamUpdates, AppHash: made.AppHash,
		})
	}
	proofOps := &crypto.ProofOps{Ops: []crypto.ProofOp{{Type: "ics23:iavl", Key: []byte("k"), Data: []byte("d")}, {}}}
	for _, made := range []*abci.ResponseQuery{{}, {Code: 3, Log: "l", Info: "i", Index: 4, Key: []byte("k"), Value: []byte("v"), ProofOps: proofOps, Height: 9, Codespace: "c"}} {
		add("query", made, &coretypes.ResultABCIQuery{Response: *made})
	}
	for _, made := range []*abci.ResponseInfo{{}, {Data: "d", Version: "v", AppVersion: 3, LastBlockHeight: 9, LastBlockAppHash: []byte("hash")}} {
		add("info", made, &coretypes.ResultABCIInfo{Response: *made})
	}
	for _, made := range []*abci.TxResult{{}, {Height: 7, Index: 2, Tx: []byte("tx"), Result: *result(2)}} {
		add("txEvent", made, types.TMEventData(types.EventDataTx{TxResult: *made}))
	}
	for _, made := range []*abci.ResponseFinalizeBlock{finalized, {}, {TxResults: []*abci.ExecTxResult{result(4)}}} {
		add("finalized", made, made)
	}
	txs := types.Txs{randomBytes(5), randomBytes(6), randomBytes(7)}
	proof := txs.Proof(2)
	inner := proof.ToProto()
	add("txProof", &inner, proof)
	set := types.NewValidatorSet([]*types.Validator{types.NewValidator(key(0).PubKey(), 10), types.NewValidator(key(1).PubKey(), 5)})
	protoSet, err := set.ToProto()
	output.Check(err)
	add("validators", protoSet, set.Validators)
	params := types.DefaultConsensusParams()
	add("params", &full, params)
	return list
}

// The files of one validator: its key, the state before and after a vote, the node's key and the id that it gives.
func keyFiles() any {
	folder, err := os.MkdirTemp("", "vectors")
	output.Check(err)
	defer os.RemoveAll(folder)
	path := func(name string) string { return filepath.Join(folder, name) }
	validator := privval.NewFilePV(key(3), path("key"), path("state"))
	validator.Save()
	before := raw(os.ReadFile(path("state")))
	vote := &cmtproto.Vote{Type: cmtproto.PrecommitType, Height: 12, Round: 1, Timestamp: start}
	id := blockID()
	vote.BlockID = id.ToProto()
	output.Check(validator.SignVote(chainID, vote))
	after := raw(os.ReadFile(path("state")))
	nodeKey := &p2p.NodeKey{PrivKey: ed25519.GenPrivKeyFromSecret([]byte("node"))}
	output.Check(nodeKey.SaveAs(path("node")))
	return map[string]any{
		"validatorKey": raw(os.ReadFile(path("key"))), "stateBefore": before, "stateAfter": after, "vote": encoded(vote),
		"nodeKey": raw(os.ReadFile(path("node"))), "nodeId": string(nodeKey.ID()),
	}
}

// What CometBFT's parser makes of a query: its conditions in its own writing, or why it refuses.
func queries() any {
	type parsed struct {
		Query string `json:"query"`
		Text  string `json:"text,omitempty"`
		Error string `json:"error,omitempty"`
	}
	var list []parsed
	for _, text := range []string{
		"tx.height=5", "tx.height = 5 AND tx.height<10", "message.action='/cosmos.bank.v1beta1.MsgSend'", "a.b EXISTS",
		"a.b CONTAINS 'x'", "tx.height>=1 AND transfer.amount > 3.5", "block.time >= TIME 2026-01-02T03:04:05Z",
		"block.day = DATE 2026-01-02", "tm.event='Tx'", "a_b-c/d.e = 'f g'", "a='' AND b=''", "  a = 1  ", "AND.x = 1",
		"", "tx.height", "tx.height=", "tx.height='5", "tx.height==5", "tx.height=5 AND", "tx.height=5 OR tx.height=6",
		"tx.height>'5'", "a CONTAINS 5", "5=5", "tx.height=5 tx.height=6", "a=\"b\"", "a!=1", "a = -1", "=5", "a EXISTS 5",
		"a > TIME yesterday", "(a=1)",
	} {
		made, err := query.New(text)
		item := parsed{Query: text}
		if err != nil {
			item.Error = err.Error()
		} else {
			item.Text = made.String()
		}
		list = append(list, item)
	}
	return list
}
