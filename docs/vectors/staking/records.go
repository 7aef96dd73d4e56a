package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"

	"cosmossdk.io/math"
	storetypes "cosmossdk.io/store/types"

	sdk "github.com/cosmos/cosmos-sdk/types"
	stakingtypes "github.com/cosmos/cosmos-sdk/x/staking/types"

	"weir/vectors/output"
)

type vote struct {
	Address string `json:"address"`
	Power   int64  `json:"power,string"`
}

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
	Events   any      `json:"events"`
}

type update struct {
	Key   string `json:"key"`
	Power int64  `json:"power,string"`
}

type block struct {
	Height   int64             `json:"height,string"`
	Seconds  int64             `json:"seconds,string"`
	Nanos    int64             `json:"nanos"`
	Proposer string            `json:"proposer"`
	Votes    []vote            `json:"votes"`
	Begin    any               `json:"begin"`
	Steps    []step            `json:"steps"`
	End      []event           `json:"end"`
	Updates  []update          `json:"updates"`
	State    map[string]string `json:"state"`
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

// The first blocks show their events, the others the hash of all their texts: to see a difference, make them show theirs too.
func (b *block) shown(events []event) any {
	if b.Height <= badInputs {
		return events
	}
	d := &digest{}
	for _, e := range events {
		d.add([]byte(e.Type))
		for _, attribute := range e.Attributes {
			d.add([]byte(attribute[0]))
			d.add([]byte(attribute[1]))
		}
	}
	return d.text()
}

// A hash of entries, each part with its length in four bytes before it.
type digest struct{ parts []byte }

func (d *digest) add(part []byte) {
	d.parts = append(binary.BigEndian.AppendUint32(d.parts, uint32(len(part))), part...)
}

func (d *digest) text() string {
	hash := sha256.Sum256(d.parts)
	return hex.EncodeToString(hash[:])
}

func (c *chain) each(store string, prefix []byte, visit func(key, value []byte)) {
	iterator := storetypes.KVStorePrefixIterator(c.ctx.KVStore(c.keys[store]), prefix)
	for ; iterator.Valid(); iterator.Next() {
		visit(iterator.Key(), iterator.Value())
	}
	output.Check(iterator.Close())
}

func (c *chain) digest(store string, prefix ...byte) string {
	d := &digest{}
	c.each(store, prefix, func(key, value []byte) { d.add(key); d.add(value) })
	return d.text()
}

// Of indexes: their values are empty in the SDK, and in no store of ours.
func (c *chain) keysDigest(store string, prefix ...byte) string {
	d := &digest{}
	c.each(store, prefix, func(key, _ []byte) { d.add(key) })
	return d.text()
}

// The SDK keeps the numbers of a validator's unbondings for ever; ours end with it.
func withoutNumbers(v stakingtypes.Validator) stakingtypes.Validator {
	v.UnbondingIds = nil
	return v
}

func (c *chain) validatorsDigest() string {
	d := &digest{}
	c.each("staking", stakingtypes.ValidatorsKey, func(key, value []byte) {
		v := withoutNumbers(stakingtypes.MustUnmarshalValidator(c.cdc, value))
		d.add(key)
		d.add(stakingtypes.MustMarshalValidator(c.cdc, &v))
	})
	return d.text()
}

func (c *chain) historyDigest() string {
	d := &digest{}
	c.each("staking", stakingtypes.HistoricalInfoKey, func(key, value []byte) {
		info := stakingtypes.MustUnmarshalHistoricalInfo(c.cdc, value)
		for i, v := range info.Valset {
			info.Valset[i] = withoutNumbers(v)
		}
		// Ours keeps none of a block that nobody validated.
		if len(info.Valset) > 0 {
			d.add(key)
			d.add(c.cdc.MustMarshal(&info))
		}
	})
	return d.text()
}

// What everybody's delegations earned and did not withdraw yet, and every validator's commission, in words.
func (c *chain) rewardsDigest() string {
	d := &digest{}
	all, err := c.staking.GetAllDelegations(c.ctx)
	output.Check(err)
	for _, delegation := range all {
		branch, _ := c.ctx.CacheContext()
		operator, err := sdk.ValAddressFromBech32(delegation.ValidatorAddress)
		output.Check(err)
		v, err := c.staking.GetValidator(branch, operator)
		output.Check(err)
		period, err := c.distribution.IncrementValidatorPeriod(branch, v)
		output.Check(err)
		rewards, err := c.distribution.CalculateDelegationRewards(branch, v, delegation, period)
		output.Check(err)
		d.add([]byte(delegation.DelegatorAddress + " " + delegation.ValidatorAddress + " " + rewards.String()))
	}
	vals, err := c.staking.GetAllValidators(c.ctx)
	output.Check(err)
	for _, v := range vals {
		operator, err := sdk.ValAddressFromBech32(v.OperatorAddress)
		output.Check(err)
		commission, err := c.distribution.GetValidatorAccumulatedCommission(c.ctx, operator)
		output.Check(err)
		outstanding, err := c.distribution.GetValidatorOutstandingRewardsCoins(c.ctx, operator)
		output.Check(err)
		d.add([]byte(v.OperatorAddress + " " + commission.Commission.String() + " " + outstanding.String()))
	}
	return d.text()
}

func (c *chain) state() map[string]string {
	supply := c.bank.GetSupply(c.ctx, denom).Amount
	bonded, err := c.staking.TotalBondedTokens(c.ctx)
	output.Check(err)
	ratio, err := c.staking.BondedRatio(c.ctx)
	output.Check(err)
	rewards := ""
	if c.ctx.BlockHeight()%10 == 0 {
		rewards = c.rewardsDigest()
	}
	return map[string]string{
		"lastPowers":                 c.digest("staking", 0x11),
		"lastTotalPower":             c.digest("staking", 0x12),
		"validators":                 c.validatorsDigest(),
		"validatorsByKey":            c.digest("staking", 0x22),
		"validatorsByPower":          c.digest("staking", 0x23),
		"delegations":                c.digest("staking", 0x31),
		"unbondings":                 c.digest("staking", 0x32),
		"unbondingsByValidator":      c.keysDigest("staking", 0x33),
		"redelegations":              c.digest("staking", 0x34),
		"redelegationsBySource":      c.keysDigest("staking", 0x35),
		"redelegationsByDestination": c.keysDigest("staking", 0x36),
		"unbondingId":                c.digest("staking", 0x37),
		"validatorQueue":             c.digest("staking", 0x43),
		"history":                    c.historyDigest(),
		"params":                     c.digest("staking", 0x51),
		"delegationsByValidator":     c.keysDigest("staking", 0x71),
		"balances":                   c.digest("bank", 2),
		"supply":                     supply.String(),
		"bonded":                     bonded.String(),
		"bondedRatio":                ratio.String(),
		"notBonded":                  c.notBonded().String(),
		"rewards":                    rewards,
	}
}

func (c *chain) notBonded() math.Int {
	return c.bank.GetBalance(c.ctx, c.staking.GetNotBondedPool(c.ctx).GetAddress(), denom).Amount
}
