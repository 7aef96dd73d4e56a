package main

import (
	"fmt"

	"github.com/cometbft/cometbft/types"
)

// Validators go by the number of their key in validatorKeys.
type validator struct {
	Key      int    `json:"key"`
	Power    string `json:"power"`
	Priority string `json:"priority,omitempty"`
}

type setStep struct {
	// Changes made before the step; power 0 removes.
	Changes []validator `json:"changes"`
	// How often the rotation turns in this step.
	Turns      int         `json:"turns"`
	Validators []validator `json:"validators"`
	Proposer   int         `json:"proposer"`
	Hash       string      `json:"hash"`
	Refused    bool        `json:"refused,omitempty"`
}

// Rotations of sets that grow, shrink and change their powers.
func validatorSets() (all [][]setStep) {
	for history := range 6 {
		powers := map[int]int64{}
		count := 1 + history*3
		for i := range count {
			powers[i] = 1 + source.Int63n(1000)
			if history == 4 {
				powers[i] = 7
			}
			if history == 5 {
				powers[i] = types.MaxTotalVotingPower / int64(count+12)
			}
		}
		changes := changesOf(powers)
		set := types.NewValidatorSet(toTypes(changes))
		steps := []setStep{state(set, changes, 1)}
		for range 20 {
			changes, powers = randomChanges(powers, history)
			err := set.UpdateWithChangeSet(toTypes(changes))
			turns := 1 + source.Intn(3)
			set.IncrementProposerPriority(int32(turns))
			step := state(set, changes, turns)
			step.Refused = err != nil
			steps = append(steps, step)
		}
		all = append(all, steps)
	}
	return all
}

const validatorKeys = 20

func keys() (list []string) {
	for i := range validatorKeys {
		list = append(list, text(key(i).PubKey().Bytes()))
	}
	return list
}

func number(item *types.Validator) int {
	for i := range validatorKeys {
		if key(i).PubKey().Equals(item.PubKey) {
			return i
		}
	}
	panic("a validator with an unknown key")
}

type change struct {
	number int
	power  int64
}

func changesOf(powers map[int]int64) (list []change) {
	for i := range validatorKeys {
		if power, ok := powers[i]; ok {
			list = append(list, change{i, power})
		}
	}
	return list
}

func randomChanges(powers map[int]int64, history int) ([]change, map[int]int64) {
	next := map[int]int64{}
	for number, power := range powers {
		next[number] = power
	}
	var list []change
	for range source.Intn(3) {
		number := source.Intn(validatorKeys)
		if containsNumber(list, number) {
			continue
		}
		_, isIn := next[number]
		if isIn && len(next) > 1 && source.Intn(3) == 0 {
			list = append(list, change{number, 0})
			delete(next, number)
			continue
		}
		power := 1 + source.Int63n(1000)
		if history == 5 {
			power = types.MaxTotalVotingPower / 32
		}
		list = append(list, change{number, power})
		next[number] = power
	}
	return list, next
}

func containsNumber(list []change, number int) bool {
	for _, item := range list {
		if item.number == number {
			return true
		}
	}
	return false
}

func toTypes(changes []change) (list []*types.Validator) {
	for _, item := range changes {
		list = append(list, types.NewValidator(key(item.number).PubKey(), item.power))
	}
	return list
}

func state(set *types.ValidatorSet, changes []change, turns int) setStep {
	step := setStep{Changes: []validator{}, Turns: turns, Hash: text(set.Hash()), Proposer: number(set.Proposer)}
	for _, item := range changes {
		step.Changes = append(step.Changes, validator{Key: item.number, Power: fmt.Sprint(item.power)})
	}
	for _, item := range set.Validators {
		step.Validators = append(step.Validators, validator{
			Key: number(item), Power: fmt.Sprint(item.VotingPower), Priority: fmt.Sprint(item.ProposerPriority),
		})
	}
	return step
}
