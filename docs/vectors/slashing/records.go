package main

import (
	abci "github.com/cometbft/cometbft/abci/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
)

type vote struct {
	Address string `json:"address"`
	Power   int64  `json:"power,string"`
	Flag    int32  `json:"flag"`
}

type misbehavior struct {
	Type       int32  `json:"type"`
	Address    string `json:"address"`
	Power      int64  `json:"power,string"`
	Height     int64  `json:"height,string"`
	Seconds    int64  `json:"seconds,string"`
	Nanos      int64  `json:"nanos"`
	TotalPower int64  `json:"totalPower,string"`
}

type refusal struct {
	Codespace string `json:"codespace"`
	Code      uint32 `json:"code"`
	Log       string `json:"log"`
}

type message struct {
	TypeURL string   `json:"typeUrl"`
	Bytes   string   `json:"bytes"`
	Refusal *refusal `json:"refusal,omitempty"`
}

type event struct {
	Type       string      `json:"type"`
	Attributes [][2]string `json:"attributes"`
}

type update struct {
	Key   string `json:"key"`
	Power int64  `json:"power,string"`
}

type state struct {
	Validators    string `json:"validators"`
	Slashing      string `json:"slashing"`
	Evidence      string `json:"evidence"`
	Delegations   string `json:"delegations"`
	Unbondings    string `json:"unbondings"`
	Redelegations string `json:"redelegations"`
	Balances      string `json:"balances"`
	Supply        string `json:"supply"`
}

type block struct {
	Height      int64         `json:"height,string"`
	Seconds     int64         `json:"seconds,string"`
	Nanos       int64         `json:"nanos"`
	Votes       []vote        `json:"votes"`
	Misbehavior []misbehavior `json:"misbehavior"`
	Begin       []event       `json:"begin"`
	Messages    []message     `json:"messages"`
	Updates     []update      `json:"updates"`
	State       state         `json:"state"`

	commit []abci.VoteInfo
	caught []abci.Misbehavior
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
