// Package histories applies changes to a tree of Go's iavl v1, version by version, and records them for the tests: a list of keys and, by
// version, [key index, value in hex or null for a removal] in ascending order of keys.
package histories

import (
	"encoding/hex"
	"sort"

	corelog "cosmossdk.io/log"
	"github.com/cosmos/iavl"
	"github.com/cosmos/iavl/db"

	"weir/vectors/output"
)

// Version is one version's changes, and the root they lead to.
type Version struct {
	Changes [][2]any `json:"changes"`
	Root    string   `json:"root"`
}

// History is a tree's versions from the first on.
type History struct {
	Name           string    `json:"name"`
	InitialVersion uint64    `json:"initialVersion"`
	Keys           []string  `json:"keys"`
	Versions       []Version `json:"versions"`
}

// Block is one version's changes: a value, or nil for a removal, by key.
type Block map[string][]byte

// Record applies the blocks to a new tree.
func Record(name string, initialVersion uint64, blocks []Block) (History, *iavl.MutableTree) {
	tree := iavl.NewMutableTree(db.NewMemDB(), 0, true, corelog.NewNopLogger(), iavl.InitialVersionOption(initialVersion))
	result := History{Name: name, InitialVersion: initialVersion}
	index := map[string]int{}
	for _, changes := range blocks {
		keys := make([]string, 0, len(changes))
		for key := range changes {
			keys = append(keys, key)
		}
		sort.Strings(keys)
		recorded := Version{Changes: [][2]any{}}
		for _, key := range keys {
			if _, known := index[key]; !known {
				index[key] = len(result.Keys)
				result.Keys = append(result.Keys, hex.EncodeToString([]byte(key)))
			}
			var value any
			if changes[key] == nil {
				_, _, err := tree.Remove([]byte(key))
				output.Check(err)
			} else {
				value = hex.EncodeToString(changes[key])
				_, err := tree.Set([]byte(key), changes[key])
				output.Check(err)
			}
			recorded.Changes = append(recorded.Changes, [2]any{index[key], value})
		}
		root, _, err := tree.SaveVersion()
		output.Check(err)
		recorded.Root = hex.EncodeToString(root)
		result.Versions = append(result.Versions, recorded)
	}
	return result, tree
}
