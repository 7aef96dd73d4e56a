// Writes test/vectors/iavl.json: the root of Go's iavl v1 at every version of several histories.
package main

import (
	"fmt"
	"math/rand"
	"strings"

	"weir/vectors/histories"
	"weir/vectors/output"
)

type block = histories.Block

func record(name string, initialVersion uint64, blocks []block) histories.History {
	history, _ := histories.Record(name, initialVersion, blocks)
	return history
}

func number(i int) string { return fmt.Sprintf("key%04d", i) }

func counted(from, to, step int) []block {
	blocks := []block{}
	for i := from; i != to; i += step {
		blocks = append(blocks, block{number(i): []byte{byte(i)}})
	}
	return blocks
}

func randomBytes(source *rand.Rand, most int) []byte {
	bytes := make([]byte, source.Intn(most+1))
	source.Read(bytes)
	return bytes
}

// Random writes and removals over a pool of keys, so that keys return after they were removed.
func random(source *rand.Rand, pool []string, versions, changesMost int, removals float64) []block {
	blocks := []block{}
	for v := 0; v < versions; v++ {
		changes := block{}
		for i := source.Intn(changesMost + 1); i > 0; i-- {
			key := pool[source.Intn(len(pool))]
			if source.Float64() < removals {
				changes[key] = nil
			} else {
				changes[key] = randomBytes(source, 6)
			}
		}
		blocks = append(blocks, changes)
	}
	return blocks
}

func randomPool(source *rand.Rand, count, lengthMost int) []string {
	pool := []string{}
	for i := 0; i < count; i++ {
		pool = append(pool, string(append([]byte{byte(source.Intn(256))}, randomBytes(source, lengthMost-1)...)))
	}
	return pool
}

func numbers(count int) []string {
	pool := []string{}
	for i := 0; i < count; i++ {
		pool = append(pool, number(i))
	}
	return pool
}

func all(keys []string, value []byte) block {
	changes := block{}
	for _, key := range keys {
		changes[key] = value
	}
	return changes
}

func main() {
	source := rand.New(rand.NewSource(1))
	hundred := numbers(100)
	lengths := block{}
	for _, length := range []int{1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 127, 128, 129, 1023, 1024} {
		lengths[strings.Repeat("k", length)] = []byte(strings.Repeat("v", length))
		lengths[strings.Repeat("\x00", length)] = []byte{}
	}
	output.Write("iavl", []histories.History{
		record("one key a version, ascending", 0, counted(0, 64, 1)),
		record("one key a version, descending", 0, counted(64, 0, -1)),
		record("a hundred keys in one version, then the same values again, then all removed, then all back", 0,
			[]block{all(hundred, []byte("one")), all(hundred, []byte("one")), all(hundred[:50], []byte("one")), all(hundred, nil), all(hundred, []byte("two"))}),
		record("removals from the left", 0, append([]block{all(hundred, []byte("x"))}, removing(hundred, 1)...)),
		record("removals from the right", 0, append([]block{all(hundred, []byte("x"))}, removing(hundred, -1)...)),
		record("versions without changes, and an empty tree", 0, []block{{}, {}, {"a": []byte("1")}, {}, {"a": nil}, {}, {"a": []byte("1")}, {}}),
		record("removals of keys that are not there", 0, []block{{"x": nil}, all(hundred[:10], []byte("1")), {"nokey": nil, "key0004": nil, "zzz": nil}, {"key0004": nil}}),
		record("an initial version of 1,000,000", 1000000, []block{all(hundred[:20], []byte("1")), {"key0003": []byte("2")}, {"key0007": nil}}),
		record("keys of 1 to 1024 bytes, values of none and more", 0, []block{lengths, {strings.Repeat("k", 8): nil, strings.Repeat("\x00", 9): nil}}),
		record("values of 1 KiB and 64 KiB", 0, []block{{"a": make([]byte, 1<<10), "b": make([]byte, 1<<16)}, {"a": nil}}),
		record("random keys, many removals", 0, random(source, randomPool(source, 200, 12), 300, 12, 0.45)),
		record("random keys, large versions", 0, random(source, randomPool(source, 1500, 8), 12, 900, 0.3)),
		record("1,000 versions", 0, random(source, randomPool(source, 400, 6), 1000, 8, 0.25)),
	})
}

// One removal a version, alternating with nothing else, from the given end.
func removing(keys []string, direction int) []block {
	blocks := []block{}
	for i := range keys {
		at := i
		if direction < 0 {
			at = len(keys) - 1 - i
		}
		blocks = append(blocks, block{keys[at]: nil})
	}
	return blocks
}
