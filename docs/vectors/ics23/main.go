// Writes test/vectors/ics23.json: proofs of existence and absence as Go's iavl v1 makes them, and forgeries, each made against a real root, with
// what Go's ics23 says of them.
package main

import (
	"encoding/hex"
	"fmt"
	"math/rand"

	"github.com/cosmos/iavl"
	ics23 "github.com/cosmos/ics23/go"

	"weir/vectors/histories"
	"weir/vectors/output"
)

type query struct {
	Key    string `json:"key"`
	Exists bool   `json:"exists"`
	Proof  string `json:"proof"`
}

type proven struct {
	History histories.History `json:"history"`
	Queries []query           `json:"queries"`
}

func text(bytes []byte) string { return hex.EncodeToString(bytes) }

func encode(proof *ics23.CommitmentProof) []byte {
	bytes, err := proof.Marshal()
	output.Check(err)
	return bytes
}

func prove(tree *iavl.MutableTree, key []byte) *ics23.CommitmentProof {
	saved, err := tree.GetImmutable(tree.Version())
	output.Check(err)
	proof, err := saved.GetProof(key)
	output.Check(err)
	return proof
}

// Every key, and for each the absent ones just before and just after it, thinned out by step.
func proveAll(name string, initialVersion uint64, blocks []histories.Block, step int) proven {
	history, tree := histories.Record(name, initialVersion, blocks)
	result := proven{History: history}
	asked := map[string]bool{}
	ask := func(key []byte) {
		if len(key) == 0 || asked[string(key)] {
			return
		}
		asked[string(key)] = true
		exists, err := tree.Has(key)
		output.Check(err)
		if exists {
			value, err := tree.Get(key)
			output.Check(err)
			if len(value) == 0 {
				return
			}
		}
		result.Queries = append(result.Queries, query{text(key), exists, text(encode(prove(tree, key)))})
	}
	ask([]byte{0})
	ask([]byte{0xff, 0xff, 0xff, 0xff})
	at := 0
	_, err := tree.Iterate(func(key, _ []byte) bool {
		at++
		if at%step == 0 {
			ask(key)
			ask(append(append([]byte{}, key...), 0))
			ask(append(append([]byte{}, key[:len(key)-1]...), key[len(key)-1]-1, 0xff))
		}
		return false
	})
	output.Check(err)
	return result
}

func randomBlocks(source *rand.Rand, keys, versions, changes int, removals float64) []histories.Block {
	blocks := []histories.Block{}
	for v := 0; v < versions; v++ {
		block := histories.Block{}
		for i := 0; i < changes; i++ {
			key := fmt.Sprintf("account%03d", source.Intn(keys))
			if v > 0 && source.Float64() < removals {
				block[key] = nil
			} else {
				block[key] = []byte(fmt.Sprintf("balance %d", source.Intn(1000)))
			}
		}
		blocks = append(blocks, block)
	}
	return blocks
}

func main() {
	source := rand.New(rand.NewSource(3))
	output.Write("ics23", map[string]any{
		"proofs": []proven{
			proveAll("one key", 0, []histories.Block{{"k": []byte("v")}}, 1),
			proveAll("two keys", 0, []histories.Block{{"k": []byte("v"), "l": []byte("w")}}, 1),
			proveAll("three keys in three versions", 0, []histories.Block{{"b": []byte("1")}, {"a": []byte("2")}, {"c": []byte("3")}}, 1),
			proveAll("many keys, versions and removals", 0, randomBlocks(source, 300, 40, 30, 0.35), 5),
			proveAll("an initial version of 20,000,000", 20000000, randomBlocks(source, 200, 4, 120, 0.2), 12),
		},
		"forgeries": forgeries(),
	})
}
