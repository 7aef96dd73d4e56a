// Writes test/vectors/merkle.json: roots and proofs of CometBFT's simple Merkle tree, and app hashes with their proofs as cosmos-sdk's
// multistore makes them.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand"

	"cosmossdk.io/store/types"
	"github.com/cometbft/cometbft/crypto/merkle"

	"weir/vectors/output"
)

type proof struct {
	Index    int64    `json:"index"`
	LeafHash string   `json:"leafHash"`
	Aunts    []string `json:"aunts"`
}

type list struct {
	Count  int     `json:"count"`
	Proofs []proof `json:"proofs"`
}

type storeProof struct {
	Store string `json:"store"`
	Type  string `json:"type"`
	Key   string `json:"key"`
	Data  string `json:"data"`
}

type multistore struct {
	Roots   map[string]string `json:"roots"`
	AppHash string            `json:"appHash"`
	Proofs  []storeProof      `json:"proofs"`
}

func proofs(items [][]byte) list {
	result := list{Count: len(items), Proofs: []proof{}}
	_, made := merkle.ProofsFromByteSlices(items)
	for _, p := range made {
		aunts := []string{}
		for _, aunt := range p.Aunts {
			aunts = append(aunts, hex.EncodeToString(aunt))
		}
		result.Proofs = append(result.Proofs, proof{p.Index, hex.EncodeToString(p.LeafHash), aunts})
	}
	return result
}

func commit(names []string) multistore {
	result := multistore{Roots: map[string]string{}, Proofs: []storeProof{}}
	info := types.CommitInfo{Version: 1}
	for _, name := range names {
		root := sha256.Sum256([]byte("root of " + name))
		result.Roots[name] = hex.EncodeToString(root[:])
		info.StoreInfos = append(info.StoreInfos, types.StoreInfo{Name: name, CommitId: types.CommitID{Version: 1, Hash: root[:]}})
	}
	result.AppHash = hex.EncodeToString(info.Hash())
	for _, name := range names {
		op := info.ProofOp(name)
		result.Proofs = append(result.Proofs, storeProof{name, op.Type, hex.EncodeToString(op.Key), hex.EncodeToString(op.Data)})
	}
	return result
}

func main() {
	source := rand.New(rand.NewSource(2))
	items := [][]byte{}
	texts := []string{}
	roots := []string{}
	for count := 0; count <= 100; count++ {
		roots = append(roots, hex.EncodeToString(merkle.HashFromByteSlices(items)))
		item := make([]byte, source.Intn(70))
		if count == 3 {
			item = []byte{}
		}
		if count == 5 {
			item = make([]byte, 3000)
		}
		source.Read(item)
		items = append(items, item)
		texts = append(texts, hex.EncodeToString(item))
	}
	lists := []list{}
	for _, count := range []int{1, 2, 3, 5, 6, 7, 8, 9, 31, 33, 100} {
		lists = append(lists, proofs(items[:count]))
	}
	many := []string{}
	for i := 0; i < 21; i++ {
		many = append(many, fmt.Sprintf("store%d", i))
	}
	output.Write("merkle", map[string]any{
		"items": texts[:100],
		"roots": roots,
		"lists": lists,
		"multistores": []multistore{
			commit([]string{}),
			commit([]string{"acc"}),
			commit([]string{"bank", "acc"}),
			commit([]string{"upgrade", "staking", "slashing", "mint", "gov", "feegrant", "evidence", "distribution", "consensus", "circuit", "bank", "authz", "acc"}),
			commit([]string{"Z", "a", "A", "é", "zz", "a-store-with-a-name-of-" + fmt.Sprintf("%0120d", 7)}),
			commit(many),
		},
	})
}
