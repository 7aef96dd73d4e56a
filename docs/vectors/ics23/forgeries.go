package main

import (
	"crypto/sha256"
	"encoding/binary"

	"cosmossdk.io/store/types"
	"github.com/cosmos/iavl"
	ics23 "github.com/cosmos/ics23/go"

	"weir/vectors/histories"
	"weir/vectors/output"
)

// What a light client is asked to believe of a root: that key has value, or with no value that it is absent.
type forgery struct {
	What    string  `json:"what"`
	Spec    string  `json:"spec"`
	Root    string  `json:"root"`
	Key     string  `json:"key"`
	Value   *string `json:"value"`
	Proof   string  `json:"proof"`
	Refused bool    `json:"refused"`
}

type forger struct {
	tree *iavl.MutableTree
	made []forgery
}

func specOf(name string) *ics23.ProofSpec {
	if name == "tendermint" {
		return ics23.TendermintSpec
	}
	return ics23.IavlSpec
}

// Go's verdict. A panic refuses too.
func refused(spec string, root, encoded, key, value []byte) (verdict bool) {
	defer func() {
		if recover() != nil {
			verdict = true
		}
	}()
	proof := &ics23.CommitmentProof{}
	if proof.Unmarshal(encoded) != nil {
		return true
	}
	if value == nil {
		return !ics23.VerifyNonMembership(specOf(spec), root, proof, key)
	}
	return !ics23.VerifyMembership(specOf(spec), root, proof, key, value)
}

func (f *forger) addEncoded(what, spec string, root, encoded, key, value []byte) {
	made := forgery{What: what, Spec: spec, Root: text(root), Key: text(key), Proof: text(encoded)}
	if value != nil {
		claimed := text(value)
		made.Value = &claimed
	}
	made.Refused = refused(spec, root, encoded, key, value)
	f.made = append(f.made, made)
}

func (f *forger) exist(what string, proof *ics23.ExistenceProof, key, value []byte) {
	f.addEncoded(what, "iavl", f.tree.Hash(), encode(existence(proof)), key, value)
}

func (f *forger) absent(what string, proof *ics23.NonExistenceProof, key []byte) {
	encoded := encode(&ics23.CommitmentProof{Proof: &ics23.CommitmentProof_Nonexist{Nonexist: proof}})
	f.addEncoded(what, "iavl", f.tree.Hash(), encoded, key, nil)
}

func existence(proof *ics23.ExistenceProof) *ics23.CommitmentProof {
	return &ics23.CommitmentProof{Proof: &ics23.CommitmentProof_Exist{Exist: proof}}
}

// A fresh true proof, free to be spoilt.
func (f *forger) truth(key string) *ics23.ExistenceProof {
	return prove(f.tree, []byte(key)).GetExist()
}

func (f *forger) value(key string) []byte {
	value, err := f.tree.Get([]byte(key))
	output.Check(err)
	return value
}

func varint(values ...int64) []byte {
	bytes := []byte{}
	for _, value := range values {
		bytes = binary.AppendVarint(bytes, value)
	}
	return bytes
}

func sum(bytes []byte) []byte {
	hash := sha256.Sum256(bytes)
	return hash[:]
}

func lengthFirst(bytes []byte) []byte {
	return append(binary.AppendUvarint(nil, uint64(len(bytes))), bytes...)
}

func leafMessage(version int64, key, value []byte) []byte {
	message := append(varint(0, 1, version), lengthFirst(key)...)
	return append(message, lengthFirst(sum(value))...)
}

// The byte before the tail is the tail's length: so the key holds a second, shorter key behind a longer prefix.
const tailKey = "n04\x04key1"

var forgedLeaf = leafMessage(1, []byte("forged"), []byte("gold"))

// A key that holds the hash of a leaf that was never stored, and a value that holds that leaf itself.
var hashKey = "n05" + string(sum(forgedLeaf))

const valueKey = "n06"

func newForger() *forger {
	blocks := []histories.Block{
		{"n00": []byte("zero"), "n01": []byte("one"), "n02": []byte("two"), "n03": []byte("three"), tailKey: []byte("four"), hashKey: []byte("five"), valueKey: forgedLeaf},
		{"n07": []byte("seven"), "n08": []byte("eight"), "n09": []byte("nine"), "n10": []byte("ten"), "n11": []byte("eleven"), "n12": []byte("twelve")},
		{"n02": []byte("deux"), "n13": []byte("thirteen"), "n14": []byte("fourteen"), "n15": []byte("fifteen"), "n16": []byte("sixteen"), "n17": []byte("seventeen")},
		{"n07": nil},
	}
	_, tree := histories.Record("forged", 0, blocks)
	return &forger{tree: tree}
}

func forgeries() []forgery {
	f := newForger()
	f.simple()
	f.truncated()
	f.swapped()
	f.otherOps()
	f.falseAbsence()
	f.confusedNodes()
	f.shiftedPrefix()
	f.otherStore()
	return f.made
}

func (f *forger) simple() {
	key := []byte("n02")
	proof := f.truth("n02")
	f.exist("a true proof with another value claimed", proof, key, []byte("trois"))
	f.exist("a true proof with another key claimed", proof, []byte("n03"), f.value("n02"))
	proof = f.truth("n02")
	proof.Value = []byte("trois")
	f.exist("the value changed in the proof", proof, key, proof.Value)
	proof = f.truth("n02")
	proof.Value = []byte("two")
	f.exist("the value of an earlier version", proof, key, proof.Value)
	proof = f.truth("n02")
	proof.Key = []byte("n03")
	f.exist("the key changed in the proof", proof, proof.Key, proof.Value)
	proof = f.truth("n02")
	proof.Leaf.Prefix = varint(0, 1, 1)
	f.exist("the leaf's version changed", proof, key, proof.Value)
	proof = f.truth("n02")
	proof.Path[1].Prefix[0] += 2
	f.exist("an inner node's height changed", proof, key, proof.Value)
	proof = f.truth("n02")
	proof.Path[0].Prefix[1] += 2
	f.exist("an inner node's size changed", proof, key, proof.Value)
}

func (f *forger) truncated() {
	key := []byte("n09")
	value := f.value("n09")
	proof := f.truth("n09")
	proof.Path = proof.Path[:len(proof.Path)-1]
	f.exist("the path without its top", proof, key, value)
	proof = f.truth("n09")
	proof.Path = proof.Path[1:]
	f.exist("the path without its bottom", proof, key, value)
	proof = f.truth("n09")
	proof.Path = nil
	f.exist("no path", proof, key, value)
	proof = f.truth("n09")
	proof.Leaf = nil
	f.exist("no leaf operation", proof, key, value)
	encoded := encode(existence(f.truth("n09")))
	for _, cut := range []int{0, 1, 10, len(encoded) / 2, len(encoded) - 1} {
		f.addEncoded("the encoding cut short", "iavl", f.tree.Hash(), encoded[:cut], key, value)
	}
	encoded = encode(prove(f.tree, []byte("n09a")))
	for _, cut := range []int{0, 1, len(encoded) / 2, len(encoded) - 1} {
		f.addEncoded("the encoding of an absence cut short", "iavl", f.tree.Hash(), encoded[:cut], []byte("n09a"), nil)
	}
}

func (f *forger) swapped() {
	proof := f.truth("n10")
	for at := range proof.Path {
		proof := f.truth("n10")
		op := proof.Path[at]
		if len(op.Suffix) > 0 {
			head := op.Prefix[:len(op.Prefix)-1]
			op.Prefix, op.Suffix = append(append(append([]byte{}, head...), op.Suffix...), 0x20), nil
		} else {
			hash := op.Prefix[len(op.Prefix)-33 : len(op.Prefix)-1]
			op.Suffix = lengthFirst(hash)
			op.Prefix = op.Prefix[:len(op.Prefix)-33]
		}
		f.exist("left and right swapped in one inner operation", proof, []byte("n10"), f.value("n10"))
	}
	proof = f.truth("n10")
	proof.Path[0], proof.Path[1] = proof.Path[1], proof.Path[0]
	f.exist("two inner operations swapped", proof, []byte("n10"), f.value("n10"))
	absence := prove(f.tree, []byte("n10a")).GetNonexist()
	absence.Left, absence.Right = absence.Right, absence.Left
	f.absent("left and right neighbour swapped", absence, []byte("n10a"))
}

func (f *forger) otherOps() {
	change := func(what string, spoil func(*ics23.ExistenceProof)) {
		proof := f.truth("n11")
		spoil(proof)
		f.exist(what, proof, []byte("n11"), f.value("n11"))
	}
	change("the leaf hashed by SHA-512", func(p *ics23.ExistenceProof) { p.Leaf.Hash = ics23.HashOp_SHA512 })
	change("the leaf's key hashed first", func(p *ics23.ExistenceProof) { p.Leaf.PrehashKey = ics23.HashOp_SHA256 })
	change("the leaf's value not hashed first", func(p *ics23.ExistenceProof) { p.Leaf.PrehashValue = ics23.HashOp_NO_HASH })
	change("the leaf without lengths", func(p *ics23.ExistenceProof) { p.Leaf.Length = ics23.LengthOp_NO_PREFIX })
	change("an inner node hashed by SHA-512/256", func(p *ics23.ExistenceProof) { p.Path[0].Hash = ics23.HashOp_SHA512_256 })
	change("an inner node not hashed", func(p *ics23.ExistenceProof) { p.Path[0].Hash = ics23.HashOp_NO_HASH })
	change("a suffix of another length", func(p *ics23.ExistenceProof) { p.Path[0].Suffix = append(p.Path[0].Suffix, 0) })
	change("a prefix beyond the longest", func(p *ics23.ExistenceProof) { p.Path[0].Prefix = append(p.Path[0].Prefix, make([]byte, 40)...) })
	value := f.value("n11")
	hashed := f.truth("n11")
	hashed.Leaf.PrehashValue = ics23.HashOp_NO_HASH
	hashed.Value = sum(value)
	f.exist("the hash of the value given as the value, not hashed first", hashed, []byte("n11"), sum(value))
}

func (f *forger) falseAbsence() {
	key := []byte("n12")
	claim := func(what, left, right string) {
		absence := &ics23.NonExistenceProof{Key: key}
		if left != "" {
			absence.Left = f.truth(left)
		}
		if right != "" {
			absence.Right = f.truth(right)
		}
		f.absent(what, absence, key)
	}
	claim("absence of a key that exists, by its true neighbours, which are not adjacent", "n11", "n13")
	claim("absence by the key itself and its right neighbour", "n12", "n13")
	claim("absence by its left neighbour and the key itself", "n11", "n12")
	claim("absence by neighbours further off", "n09", "n14")
	claim("absence by the first and the last key", "n00", "n17")
	claim("absence by a left neighbour alone that is not the last key", "n11", "")
	claim("absence by a right neighbour alone that is not the first key", "", "n13")
	claim("absence by the last key alone, which is after it", "n17", "")
	claim("absence by the first key alone, which is before it", "", "n00")
	claim("absence by no neighbour", "", "")
	claim("absence by twice the same neighbour", "n11", "n11")
	f.absent("a true absence of another key", prove(f.tree, []byte("n12a")).GetNonexist(), key)
	f.addEncoded("a proof of existence given for absence", "iavl", f.tree.Hash(), encode(existence(f.truth("n12"))), key, nil)
	f.addEncoded("a proof of absence given for existence", "iavl", f.tree.Hash(), encode(prove(f.tree, []byte("n12a"))), []byte("n12a"), []byte("twelve"))
}

// A leaf passed off as an inner node and the reverse: the messages that are hashed can be told apart by their first byte only.
func (f *forger) confusedNodes() {
	forged := func(under string, prefix, suffix []byte) *ics23.ExistenceProof {
		host := f.truth(under)
		leaf := &ics23.LeafOp{Hash: ics23.HashOp_SHA256, PrehashValue: ics23.HashOp_SHA256, Length: ics23.LengthOp_VAR_PROTO, Prefix: varint(0, 1, 1)}
		step := &ics23.InnerOp{Hash: ics23.HashOp_SHA256, Prefix: prefix, Suffix: suffix}
		path := append([]*ics23.InnerOp{step}, host.Path...)
		return &ics23.ExistenceProof{Key: []byte("forged"), Value: []byte("gold"), Leaf: leaf, Path: path}
	}
	host := f.truth(valueKey)
	prefix := append(append(append([]byte{}, host.Leaf.Prefix...), lengthFirst([]byte(valueKey))...), 0x20)
	proof := forged(valueKey, prefix, nil)
	f.exist("a leaf as an inner node: a stored value that is another leaf's message", proof, proof.Key, proof.Value)
	host = f.truth(hashKey)
	prefix = append(append([]byte{}, host.Leaf.Prefix...), byte(len(hashKey)))
	prefix = append(prefix, hashKey[:3]...)
	proof = forged(hashKey, prefix, lengthFirst(sum(host.Value)))
	f.exist("a leaf as an inner node: a stored key that holds another leaf's hash", proof, proof.Key, proof.Value)
	f.innerAsLeaf()
}

// The root's message read as a leaf's: the left hash is the key, and the right child's message the value whose hash is the right hash.
func (f *forger) innerAsLeaf() {
	left := f.truth("n00")
	right := f.truth("n17")
	top := left.Path[len(left.Path)-1]
	version := top.Prefix[:len(top.Prefix)-1]
	below := right.Path[len(right.Path)-2]
	child := sumPath(right, len(right.Path)-2)
	message := append(append(append([]byte{}, below.Prefix...), child...), below.Suffix...)
	leftHash := sumPath(left, len(left.Path)-1)
	leaf := &ics23.LeafOp{Hash: ics23.HashOp_SHA256, PrehashValue: ics23.HashOp_SHA256, Length: ics23.LengthOp_VAR_PROTO, Prefix: version}
	proof := &ics23.ExistenceProof{Key: leftHash, Value: message, Leaf: leaf}
	root, err := proof.Calculate()
	output.Check(err)
	if string(root) != string(f.tree.Hash()) {
		panic("the forged leaf should hash to the root")
	}
	f.exist("the root as a leaf", proof, proof.Key, proof.Value)
}

// The hash after so many steps of the path.
func sumPath(proof *ics23.ExistenceProof, steps int) []byte {
	part := *proof
	part.Path = part.Path[:steps]
	hash, err := part.Calculate()
	output.Check(err)
	return hash
}

// The leaf's prefix takes in the beginning of the key (the class of forgery called Dragonberry): the rest passes for a key.
func (f *forger) shiftedPrefix() {
	shifted := func() *ics23.ExistenceProof {
		proof := f.truth(tailKey)
		proof.Leaf.Prefix = append(append(proof.Leaf.Prefix, byte(len(tailKey))), tailKey[:3]...)
		proof.Key = []byte(tailKey[4:])
		root, err := proof.Calculate()
		output.Check(err)
		if string(root) != string(f.tree.Hash()) {
			panic("the shifted proof should lead to the root")
		}
		return proof
	}
	proof := shifted()
	f.exist("existence of a key's tail, by a leaf prefix that takes in its head", proof, proof.Key, proof.Value)
	left := shifted()
	f.absent("absence of a key that exists, its own tail passed off as the left neighbour", &ics23.NonExistenceProof{Key: []byte(tailKey), Left: left, Right: f.truth(hashKey)}, []byte(tailKey))
	f.absent("absence of a key that never was, a tail passed off as the left neighbour", &ics23.NonExistenceProof{Key: []byte("key2"), Left: shifted(), Right: f.truth(hashKey)}, []byte("key2"))
}

func (f *forger) otherStore() {
	_, other := histories.Record("other", 0, []histories.Block{{"n02": []byte("more"), "n03": []byte("most")}})
	proof := prove(other, []byte("n02")).GetExist()
	f.exist("a proof of another store", proof, proof.Key, proof.Value)
	absence := prove(other, []byte("n12")).GetNonexist()
	f.absent("absence in another store", absence, absence.Key)

	info := types.CommitInfo{Version: 1, StoreInfos: []types.StoreInfo{
		{Name: "acc", CommitId: types.CommitID{Version: 1, Hash: f.tree.Hash()}},
		{Name: "bank", CommitId: types.CommitID{Version: 1, Hash: other.Hash()}},
		{Name: "gov", CommitId: types.CommitID{Version: 1, Hash: sum([]byte("gov"))}},
	}}
	bank := info.ProofOp("bank").Data
	f.addEncoded("a store's root given for another store", "tendermint", info.Hash(), bank, []byte("acc"), other.Hash())
	f.addEncoded("another store's root given for a store", "tendermint", info.Hash(), bank, []byte("bank"), f.tree.Hash())
	f.addEncoded("a store's proof cut short", "tendermint", info.Hash(), bank[:len(bank)-1], []byte("bank"), other.Hash())
	f.addEncoded("a store's proof under another app hash", "tendermint", sum([]byte("app hash")), bank, []byte("bank"), other.Hash())
	spoilt := &ics23.CommitmentProof{}
	output.Check(spoilt.Unmarshal(bank))
	spoilt.GetExist().Path = spoilt.GetExist().Path[1:]
	f.addEncoded("a store's proof without its bottom", "tendermint", info.Hash(), encode(spoilt), []byte("bank"), other.Hash())
	f.addEncoded("a key's proof given for a store", "tendermint", f.tree.Hash(), encode(prove(f.tree, []byte("n02"))), []byte("n02"), f.value("n02"))
	f.addEncoded("a store's proof given for a key", "iavl", info.Hash(), bank, []byte("bank"), other.Hash())
}
