// Writes test/vectors/storeupgrades.json: app hashes of rootmulti over heights at which stores are added, renamed and deleted.
package main

import (
	"encoding/hex"
	"fmt"

	"cosmossdk.io/log"
	"cosmossdk.io/store/metrics"
	"cosmossdk.io/store/rootmulti"
	storetypes "cosmossdk.io/store/types"
	dbm "github.com/cosmos/cosmos-db"

	"weir/vectors/output"
)

type rename struct {
	From string `json:"from"`
	To   string `json:"to"`
}

type upgrade struct {
	Added   []string `json:"added"`
	Renamed []rename `json:"renamed"`
	Deleted []string `json:"deleted"`
}

type write struct {
	Store string `json:"store"`
	Key   string `json:"key"`
	// Empty: deleted.
	Value string `json:"value"`
}

type block struct {
	Height  int64    `json:"height"`
	Upgrade *upgrade `json:"upgrade,omitempty"`
	Stores  []string `json:"stores"`
	Writes  []write  `json:"writes"`
	AppHash string   `json:"appHash"`
}

type vector struct {
	Stores []string `json:"stores"`
	Blocks []block  `json:"blocks"`
}

var upgrades = map[int64]upgrade{
	4: {Added: []string{"zeta"}, Renamed: []rename{}, Deleted: []string{}},
	6: {Added: []string{}, Renamed: []rename{{From: "bank", To: "coins"}}, Deleted: []string{}},
	8: {Added: []string{"beta", "empty"}, Renamed: []rename{{From: "zeta", To: "alpha"}}, Deleted: []string{"params"}},
	9: {Added: []string{"gamma"}, Renamed: []rename{}, Deleted: []string{"empty"}},
}

func after(names []string, u upgrade) []string {
	gone := map[string]bool{}
	for _, name := range u.Deleted {
		gone[name] = true
	}
	for _, r := range u.Renamed {
		gone[r.From] = true
	}
	result := []string{}
	for _, name := range names {
		if !gone[name] {
			result = append(result, name)
		}
	}
	result = append(result, u.Added...)
	for _, r := range u.Renamed {
		result = append(result, r.To)
	}
	return result
}

func open(db dbm.DB, names []string, u *upgrade) (*rootmulti.Store, map[string]storetypes.StoreKey) {
	store := rootmulti.NewStore(db, log.NewNopLogger(), metrics.NewNoOpMetrics())
	keys := map[string]storetypes.StoreKey{}
	for _, name := range names {
		keys[name] = storetypes.NewKVStoreKey(name)
		store.MountStoreWithDB(keys[name], storetypes.StoreTypeIAVL, nil)
	}
	if u == nil {
		output.Check(store.LoadLatestVersion())
		return store, keys
	}
	asked := storetypes.StoreUpgrades{Added: u.Added, Deleted: u.Deleted}
	for _, r := range u.Renamed {
		asked.Renamed = append(asked.Renamed, storetypes.StoreRename{OldKey: r.From, NewKey: r.To})
	}
	output.Check(store.LoadLatestVersionAndUpgrade(&asked))
	return store, keys
}

func writesOf(height int64, names []string) []write {
	writes := []write{}
	state := uint32(height) * 2654435761
	next := func() uint32 {
		state = state*1664525 + 1013904223
		return state >> 8
	}
	for _, name := range names {
		if name == "empty" || (height > 1 && next()%4 == 0) {
			continue
		}
		for i := 0; i < 12; i++ {
			key := fmt.Sprintf("%04x", next()%40)
			value := fmt.Sprintf("%08x", next())
			if height > 1 && next()%4 == 0 {
				value = ""
			}
			writes = append(writes, write{Store: name, Key: key, Value: value})
		}
	}
	return writes
}

func main() {
	db := dbm.NewMemDB()
	names := []string{"acc", "bank", "params"}
	result := vector{Stores: names}
	store, keys := open(db, names, nil)
	for height := int64(1); height <= 12; height++ {
		b := block{Height: height}
		if u, ok := upgrades[height]; ok {
			names = after(names, u)
			store, keys = open(db, names, &u)
			b.Upgrade = &u
		}
		b.Stores = names
		b.Writes = writesOf(height, names)
		cached := store.CacheMultiStore()
		for _, w := range b.Writes {
			key, err := hex.DecodeString(w.Key)
			output.Check(err)
			value, err := hex.DecodeString(w.Value)
			output.Check(err)
			if len(value) == 0 {
				cached.GetKVStore(keys[w.Store]).Delete(key)
			} else {
				cached.GetKVStore(keys[w.Store]).Set(key, value)
			}
		}
		cached.Write()
		b.AppHash = hex.EncodeToString(store.Commit().Hash)
		result.Blocks = append(result.Blocks, b)
	}
	output.Write("storeupgrades", result)
}
