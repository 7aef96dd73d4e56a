package main

import (
	"maps"
	"slices"
)

func sorted(cases map[string][]byte) []string { return slices.Sorted(maps.Keys(cases)) }
