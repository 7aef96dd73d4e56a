package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	storetypes "cosmossdk.io/store/types"

	sdk "github.com/cosmos/cosmos-sdk/types"

	"weir/vectors/output"
)

type refusal struct {
	Codespace string `json:"codespace"`
	Code      uint32 `json:"code"`
	Log       string `json:"log"`
}

type event struct {
	Type       string      `json:"type"`
	Attributes [][2]string `json:"attributes"`
}

// A message, by its type URL and bytes, or else a call of a keeper.
type step struct {
	Name     string   `json:"name,omitempty"`
	TypeURL  string   `json:"typeUrl,omitempty"`
	Bytes    string   `json:"bytes,omitempty"`
	Call     []string `json:"call,omitempty"`
	Refusal  *refusal `json:"refusal,omitempty"`
	Response string   `json:"response,omitempty"`
	Events   []event  `json:"events"`
}

type block struct {
	Height  int64             `json:"height,string"`
	Seconds int64             `json:"seconds,string"`
	Nanos   int64             `json:"nanos"`
	Steps   []step            `json:"steps"`
	End     []event           `json:"end"`
	State   map[string]string `json:"state"`
	// Of every open vote, as it would end now: the text of each option, by the proposal's number.
	Tallies map[string][4]string `json:"tallies"`
	later   []later
}

func eventsOf(manager sdk.EventManagerI) []event {
	events := []event{}
	for _, e := range manager.Events() {
		shown := event{Type: e.Type, Attributes: [][2]string{}}
		for _, a := range e.Attributes {
			shown.Attributes = append(shown.Attributes, [2]string{a.Key, a.Value})
		}
		events = append(events, shown)
	}
	return events
}

// A hash of entries, each part with its length in four bytes before it.
type digest struct{ parts []byte }

func (d *digest) add(part []byte) {
	d.parts = append(binary.BigEndian.AppendUint32(d.parts, uint32(len(part))), part...)
}

func (c *chain) digest(store string, prefix ...byte) string {
	d := &digest{}
	iterator := storetypes.KVStorePrefixIterator(c.ctx.KVStore(c.keys[store]), prefix)
	for ; iterator.Valid(); iterator.Next() {
		d.add(iterator.Key())
		d.add(iterator.Value())
	}
	output.Check(iterator.Close())
	hash := sha256.Sum256(d.parts)
	return hex.EncodeToString(hash[:])
}

func (c *chain) state() map[string]string {
	return map[string]string{
		"proposals":     c.digest("gov", 0),
		"activeQueue":   c.digest("gov", 1),
		"inactiveQueue": c.digest("gov", 2),
		"proposalId":    c.digest("gov", 3),
		"votingPeriod":  c.digest("gov", 4),
		"deposits":      c.digest("gov", 16),
		"votes":         c.digest("gov", 32),
		"params":        c.digest("gov", 48),
		"constitution":  c.digest("gov", 49),
		"balances":      c.digest("bank", 2),
		"supply":        c.bank.GetSupply(c.ctx, denom).String(),
		"delegations":   c.digest("staking", 0x31),
		"authParams":    c.digest("acc", 0),
	}
}
