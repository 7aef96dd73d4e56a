// Writes test/vectors/txdecode.json: which encodings of transactions cosmos-sdk's decoder takes. Ours may take fewer, never others.
package main

import (
	"encoding/hex"
	"strings"
	"time"

	sdkmath "cosmossdk.io/math"
	"cosmossdk.io/x/tx/signing"
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	"github.com/cosmos/cosmos-sdk/crypto/keys/multisig"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	"github.com/cosmos/cosmos-sdk/std"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx"
	signingtypes "github.com/cosmos/cosmos-sdk/types/tx/signing"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"
	auth "github.com/cosmos/cosmos-sdk/x/auth/types"
	bank "github.com/cosmos/cosmos-sdk/x/bank/types"
	consensus "github.com/cosmos/cosmos-sdk/x/consensus/types"
	"github.com/cosmos/gogoproto/proto"
	"google.golang.org/protobuf/encoding/protowire"

	"weir/vectors/output"
)

const (
	alice = "weir1qypqxpq9qcrsszg2pvxq6rs0zqg3yyc5lzv7xu"
	bob   = "weir1zg69v7ys40x77y352eufp27daufrg4nckx5hjn"
)

type entry struct {
	Name  string `json:"name"`
	Tx    string `json:"tx"`
	Error string `json:"error,omitempty"`
}

// A change of a base transaction at a byte.
type change struct {
	kind  string
	at    int
	value byte
}

// The changes are those of changes() in their order, which the test makes too; "1" where Go takes the result.
type campaign struct {
	Tx       string `json:"tx"`
	Accepted string `json:"accepted"`
}

func marshal(m proto.Message) []byte {
	bytes, err := proto.Marshal(m)
	output.Check(err)
	return bytes
}

func pack(m proto.Message) *codectypes.Any {
	any, err := codectypes.NewAnyWithValue(m)
	output.Check(err)
	return any
}

func key(fill byte) *secp256k1.PubKey {
	bytes := make([]byte, 33)
	for i := range bytes {
		bytes[i] = fill
	}
	return &secp256k1.PubKey{Key: bytes}
}

func send(coins ...sdk.Coin) *bank.MsgSend {
	return &bank.MsgSend{FromAddress: alice, ToAddress: bob, Amount: coins}
}

func coin(amount int64) sdk.Coin { return sdk.Coin{Denom: "uweir", Amount: sdkmath.NewInt(amount)} }

func single(mode signingtypes.SignMode) *tx.ModeInfo {
	return &tx.ModeInfo{Sum: &tx.ModeInfo_Single_{Single: &tx.ModeInfo_Single{Mode: mode}}}
}

func body(messages ...proto.Message) *tx.TxBody {
	b := &tx.TxBody{}
	for _, m := range messages {
		b.Messages = append(b.Messages, pack(m))
	}
	return b
}

func authInfo() *tx.AuthInfo {
	return &tx.AuthInfo{
		SignerInfos: []*tx.SignerInfo{{PublicKey: pack(key(2)), ModeInfo: single(signingtypes.SignMode_SIGN_MODE_DIRECT), Sequence: 5}},
		Fee:         &tx.Fee{Amount: sdk.Coins{coin(500)}, GasLimit: 200000},
	}
}

func raw(bodyBytes, authInfoBytes []byte, signatures ...[]byte) []byte {
	return marshal(&tx.TxRaw{BodyBytes: bodyBytes, AuthInfoBytes: authInfoBytes, Signatures: signatures})
}

var signature = []byte(strings.Repeat("s", 64))

func whole(b *tx.TxBody, a *tx.AuthInfo) []byte { return raw(marshal(b), marshal(a), signature) }

func field(number protowire.Number, bytes []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), bytes)
}

func varint(number protowire.Number, value uint64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(nil, number, protowire.VarintType), value)
}

func join(parts ...[]byte) []byte {
	var all []byte
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

// A transaction whose only message has these bytes.
func withMessage(typeURL string, value []byte) []byte {
	any := field(1, []byte(typeURL))
	if len(value) > 0 {
		any = join(any, field(2, value))
	}
	return raw(field(1, any), marshal(authInfo()), signature)
}

const msgSend = "/cosmos.bank.v1beta1.MsgSend"

func accepted() map[string][]byte {
	full := body(send(coin(1)), &bank.MsgMultiSend{Inputs: []bank.Input{{Address: alice}}, Outputs: []bank.Output{{}}})
	full.Memo = "m\u00e9mo \u2028"
	full.TimeoutHeight = 18446744073709551615
	at := time.Unix(1763721600, 5).UTC()
	full.TimeoutTimestamp = &at
	paying := authInfo()
	paying.Fee.Payer, paying.Fee.Granter = bob, alice
	multi := authInfo()
	members := multisig.NewLegacyAminoPubKey(1, []cryptotypes.PubKey{key(2), key(3)})
	amino := single(signingtypes.SignMode_SIGN_MODE_LEGACY_AMINO_JSON)
	multi.SignerInfos[0].PublicKey = pack(members)
	multi.SignerInfos[0].ModeInfo = &tx.ModeInfo{Sum: &tx.ModeInfo_Multi_{Multi: &tx.ModeInfo_Multi{
		Bitarray:  &cryptotypes.CompactBitArray{ExtraBitsStored: 2, Elems: []byte{0x40}},
		ModeInfos: []*tx.ModeInfo{amino},
	}}}
	bare := authInfo()
	bare.SignerInfos[0].PublicKey = nil
	bare.SignerInfos[0].Sequence = 0
	bare.Fee.Amount = nil
	unspecified := authInfo()
	unspecified.SignerInfos[0].ModeInfo = single(0)
	return map[string][]byte{
		"a send":                        whole(body(send(coin(12345))), authInfo()),
		"everything":                    whole(full, paying),
		"a multisig":                    whole(body(send(coin(7))), multi),
		"an empty message":              whole(body(&bank.MsgSend{}), authInfo()),
		"non-nullable empty parameters": whole(body(&bank.MsgUpdateParams{Authority: alice}), authInfo()),
		"a coin of nothing":             whole(body(send(sdk.Coin{})), authInfo()),
		"consensus parameters":          whole(body(&consensus.MsgUpdateParams{Authority: alice}), authInfo()),
		"no key, no sequence, no coins": whole(body(send(coin(1))), bare),
		"mode unspecified":              whole(body(send(coin(1))), unspecified),
		"auth parameters":               whole(body(&auth.MsgUpdateParams{Authority: alice, Params: auth.DefaultParams()}), authInfo()),
	}
}

func special() map[string][]byte {
	value := marshal(send(coin(1)))
	bodyBytes := marshal(body(send(coin(1))))
	authBytes := marshal(authInfo())
	nested := func(depth int) []byte {
		mode := join(field(1, nil))
		for range depth {
			mode = field(2, field(2, mode))
		}
		signer := join(field(2, mode))
		return raw(bodyBytes, join(field(1, signer), field(2, varint(2, 1))), signature)
	}
	fee := func(parts ...[]byte) []byte {
		return raw(bodyBytes, join(marshal(&tx.AuthInfo{SignerInfos: authInfo().SignerInfos}), field(2, join(parts...))), signature)
	}
	amount := func(text string) []byte {
		return fee(field(1, join(field(1, []byte("uweir")), field(2, []byte(text)))), varint(2, 1))
	}
	return map[string][]byte{
		"nothing":                                   {},
		"unknown field in TxRaw":                    join(raw(bodyBytes, authBytes, signature), field(4, nil)),
		"unknown non-critical field in TxRaw":       join(raw(bodyBytes, authBytes, signature), field(1024, nil)),
		"fields of TxRaw descending":                join(field(2, authBytes), field(1, bodyBytes), field(3, signature)),
		"body twice":                                join(field(1, bodyBytes), field(1, bodyBytes), field(2, authBytes), field(3, signature)),
		"long length in TxRaw":                      join([]byte{0x0a, byte(len(bodyBytes)) | 0x80, 0x80, 0x00}, bodyBytes, field(2, authBytes)),
		"long tag in TxRaw":                         join([]byte{0x8a, 0x00}, []byte{byte(len(bodyBytes))}, bodyBytes, field(2, authBytes)),
		"group in TxRaw":                            join([]byte{0x0b, 0x0c}, field(2, authBytes)),
		"field number 0":                            join([]byte{0x02, 0x00}, raw(bodyBytes, authBytes)),
		"unknown critical field in body":            raw(join(bodyBytes, varint(9, 1)), authBytes, signature),
		"unknown non-critical field in body":        raw(join(bodyBytes, varint(1025, 1)), authBytes, signature),
		"unknown non-critical field in auth info":   raw(bodyBytes, join(authBytes, varint(1025, 1)), signature),
		"unknown non-critical field in a message":   withMessage(msgSend, join(value, varint(1025, 1))),
		"unknown critical field in a message":       withMessage(msgSend, join(value, varint(9, 1))),
		"unknown type":                              withMessage("/weir.none.v1.None", nil),
		"type without a slash":                      withMessage("cosmos.bank.v1beta1.MsgSend", value),
		"type with a host":                          withMessage("type.googleapis.com/cosmos.bank.v1beta1.MsgSend", value),
		"a type that is no message of a chain":      withMessage("/cosmos.base.v1beta1.Coin", nil),
		"a key as a message":                        withMessage("/cosmos.crypto.secp256k1.PubKey", marshal(key(2))),
		"a response as a message":                   withMessage("/cosmos.bank.v1beta1.MsgSendResponse", nil),
		"a message as a key":                        raw(bodyBytes, field(1, field(1, join(field(1, []byte(msgSend)), field(2, value)))), signature),
		"an empty Any as a message":                 raw(field(1, nil), authBytes, signature),
		"empty memo written":                        raw(join(bodyBytes, field(2, nil)), authBytes, signature),
		"timeout height 0 written":                  raw(join(bodyBytes, varint(3, 0)), authBytes, signature),
		"timeout height long":                       raw(join(bodyBytes, []byte{0x18, 0x85, 0x00}), authBytes, signature),
		"timeout height of eleven bytes":            raw(join(bodyBytes, []byte{0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}), authBytes, signature),
		"timeout height beyond 64 bits":             raw(join(bodyBytes, []byte{0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02}), authBytes, signature),
		"unordered 2":                               raw(join(bodyBytes, varint(4, 2)), authBytes, signature),
		"unordered":                                 raw(join(bodyBytes, varint(4, 1)), authBytes, signature),
		"memo after timeout height":                 raw(join(bodyBytes, varint(3, 1), field(2, []byte("m"))), authBytes, signature),
		"memo twice":                                raw(join(bodyBytes, field(2, []byte("a")), field(2, []byte("b"))), authBytes, signature),
		"memo with overlong UTF-8":                  raw(join(bodyBytes, field(2, []byte{0xc0, 0x80})), authBytes, signature),
		"memo with a surrogate":                     raw(join(bodyBytes, field(2, []byte{0xed, 0xa0, 0x80})), authBytes, signature),
		"memo with a byte order mark":               raw(join(bodyBytes, field(2, []byte{0xef, 0xbb, 0xbf})), authBytes, signature),
		"memo as a number":                          raw(join(bodyBytes, varint(2, 1)), authBytes, signature),
		"timeout timestamp of year 10000":           raw(join(bodyBytes, field(5, varint(1, 253402300800))), authBytes, signature),
		"timeout timestamp with negative nanos":     raw(join(bodyBytes, field(5, varint(2, 18446744073709551615))), authBytes, signature),
		"timeout timestamp, empty":                  raw(join(bodyBytes, field(5, nil)), authBytes, signature),
		"extension option of a known type":          raw(join(bodyBytes, field(1023, join(field(1, []byte(msgSend)), field(2, value)))), authBytes, signature),
		"non-critical extension of a known type":    raw(join(bodyBytes, field(2047, join(field(1, []byte(msgSend)), field(2, value)))), authBytes, signature),
		"non-critical extension of an unknown type": raw(join(bodyBytes, field(2047, field(1, []byte("/weir.none.v1.None")))), authBytes, signature),
		"a tip":                      raw(bodyBytes, join(authBytes, field(3, field(2, []byte(alice)))), signature),
		"fee 0x10":                   amount("0x10"),
		"fee 007":                    amount("007"),
		"fee +5":                     amount("+5"),
		"fee -5":                     amount("-5"),
		"fee 1_0":                    amount("1_0"),
		"fee -0":                     amount("-0"),
		"fee 1.5":                    amount("1.5"),
		"fee written empty":          amount(""),
		"fee of 2^256":               amount("115792089237316195423570985008687907853269984665640564039457584007913129639936"),
		"fee of 2^256-1":             amount("115792089237316195423570985008687907853269984665640564039457584007913129639935"),
		"gas limit 0 written":        fee(varint(2, 0)),
		"mode beyond 32 bits":        raw(bodyBytes, field(1, field(2, field(1, varint(1, 1<<32)))), signature),
		"negative mode":              raw(bodyBytes, field(1, field(2, field(1, varint(1, 18446744073709551615)))), signature),
		"two members of a oneof":     raw(bodyBytes, field(1, field(2, join(field(1, nil), field(2, nil)))), signature),
		"mode info without a member": raw(bodyBytes, field(1, field(2, nil)), signature),
		"modes nested three deep":    nested(3),
		"modes nested seven deep":    nested(7),
		"modes nested 200 deep":      nested(200),
		"no body":                    join(field(2, authBytes), field(3, signature)),
		"no auth info":               join(field(1, bodyBytes), field(3, signature)),
		"empty body written":         join(field(1, nil), field(2, authBytes), field(3, signature)),
		"an empty signature":         raw(bodyBytes, authBytes, []byte{}),
		"no signature":               raw(bodyBytes, authBytes),
	}
}

func decoder() sdk.TxDecoder {
	registry, err := codectypes.NewInterfaceRegistryWithOptions(codectypes.InterfaceRegistryOptions{
		ProtoFiles: proto.HybridResolver,
		SigningOptions: signing.Options{
			AddressCodec:          address.NewBech32Codec("weir"),
			ValidatorAddressCodec: address.NewBech32Codec("weirvaloper"),
		},
	})
	output.Check(err)
	std.RegisterInterfaces(registry)
	auth.RegisterInterfaces(registry)
	bank.RegisterInterfaces(registry)
	consensus.RegisterInterfaces(registry)
	return authtx.DefaultTxDecoder(codec.NewProtoCodec(registry))
}

func changed(base []byte, c change) []byte {
	switch c.kind {
	case "set":
		other := append([]byte{}, base...)
		other[c.at] = c.value
		return other
	case "insert":
		return join(base[:c.at], []byte{c.value}, base[c.at:])
	case "delete":
		return join(base[:c.at], base[c.at+1:])
	default:
		return base[:c.at]
	}
}

func changes(base []byte) []change {
	var list []change
	for at, old := range base {
		for _, value := range []byte{old ^ 1, old ^ 2, old ^ 8, old ^ 0x80, 0, 0xff} {
			if value != old {
				list = append(list, change{"set", at, value})
			}
		}
		for _, value := range []byte{0, 0x0a, 0x80} {
			list = append(list, change{"insert", at, value})
		}
		list = append(list, change{"delete", at, 0}, change{"cut", at, 0})
	}
	return list
}

func main() {
	decode := decoder()
	verdict := func(bytes []byte) (text string) {
		defer func() {
			if r := recover(); r != nil {
				text = "panic"
			}
		}()
		if _, err := decode(bytes); err != nil {
			return err.Error()
		}
		return ""
	}
	var entries []entry
	var campaigns []campaign
	add := func(cases map[string][]byte) {
		for _, name := range sorted(cases) {
			entries = append(entries, entry{Name: name, Tx: hex.EncodeToString(cases[name]), Error: verdict(cases[name])})
		}
	}
	add(accepted())
	add(special())
	for _, name := range []string{"everything", "a multisig"} {
		base := accepted()[name]
		var marks strings.Builder
		for _, c := range changes(base) {
			mark := "0"
			if verdict(changed(base, c)) == "" {
				mark = "1"
			}
			marks.WriteString(mark)
		}
		campaigns = append(campaigns, campaign{Tx: hex.EncodeToString(base), Accepted: marks.String()})
	}
	output.Write("txdecode", map[string]any{"entries": entries, "campaigns": campaigns})
}
