// Writes test/vectors/aminojson.json: the amino JSON that cosmossdk.io/x/tx writes for messages, and the sign bytes of whole transactions.
package main

import (
	"context"
	"encoding/hex"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	auth "cosmossdk.io/api/cosmos/auth/v1beta1"
	bank "cosmossdk.io/api/cosmos/bank/v1beta1"
	abci "cosmossdk.io/api/cosmos/base/abci/v1beta1"
	base "cosmossdk.io/api/cosmos/base/v1beta1"
	consensus "cosmossdk.io/api/cosmos/consensus/v1"
	"cosmossdk.io/api/cosmos/crypto/ed25519"
	"cosmossdk.io/api/cosmos/crypto/multisig"
	bits "cosmossdk.io/api/cosmos/crypto/multisig/v1beta1"
	"cosmossdk.io/api/cosmos/crypto/secp256k1"
	evidence "cosmossdk.io/api/cosmos/evidence/v1beta1"
	slashing "cosmossdk.io/api/cosmos/slashing/v1beta1"
	signingv1 "cosmossdk.io/api/cosmos/tx/signing/v1beta1"
	txv1 "cosmossdk.io/api/cosmos/tx/v1beta1"
	types "cosmossdk.io/api/tendermint/types"
	version "cosmossdk.io/api/tendermint/version"
	"cosmossdk.io/x/tx/signing"
	"cosmossdk.io/x/tx/signing/aminojson"
	"cosmossdk.io/x/tx/signing/direct"

	"weir/vectors/output"
)

type message struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Bytes string `json:"bytes"`
	JSON  string `json:"json"`
	Error string `json:"error,omitempty"`
}

type document struct {
	Name          string `json:"name"`
	Body          string `json:"body"`
	AuthInfo      string `json:"authInfo"`
	ChainID       string `json:"chainId"`
	AccountNumber uint64 `json:"accountNumber,string"`
	Sequence      uint64 `json:"sequence,string"`
	Direct        string `json:"direct"`
	Amino         string `json:"amino"`
	Error         string `json:"error,omitempty"`
}

const (
	alice = "weir1qypqxpq9qcrsszg2pvxq6rs0zqg3yyc5lzv7xu"
	bob   = "weir1zg69v7ys40x77y352eufp27daufrg4nckx5hjn"
)

func marshal(m proto.Message) []byte {
	bytes, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	output.Check(err)
	return bytes
}

func pack(m proto.Message) *anypb.Any {
	return &anypb.Any{TypeUrl: "/" + string(m.ProtoReflect().Descriptor().FullName()), Value: marshal(m)}
}

func coin(denom, amount string) *base.Coin { return &base.Coin{Denom: denom, Amount: amount} }

func secp(fill byte) *secp256k1.PubKey {
	key := make([]byte, 33)
	for i := range key {
		key[i] = fill + byte(i)
	}
	key[0] = 2
	return &secp256k1.PubKey{Key: key}
}

func threshold(k uint32, keys ...proto.Message) *multisig.LegacyAminoPubKey {
	key := &multisig.LegacyAminoPubKey{Threshold: k}
	for _, member := range keys {
		key.PublicKeys = append(key.PublicKeys, pack(member))
	}
	return key
}

func send(amount ...*base.Coin) *bank.MsgSend {
	return &bank.MsgSend{FromAddress: alice, ToAddress: bob, Amount: amount}
}

const strange = "<a href=\"x\">&amp;</a> \\ / \u2028\u2029 \u0000\u0001\b\f\n\r\t\u007f\u00e9\u4e16\U0001f30a\ufeff"

func messages() []message {
	var list []message
	encoder := aminojson.NewEncoder(aminojson.EncoderOptions{})
	add := func(name string, m proto.Message) {
		entry := message{Name: name, Type: string(m.ProtoReflect().Descriptor().FullName()), Bytes: hex.EncodeToString(marshal(m))}
		text, err := encoder.Marshal(m)
		if err != nil {
			entry.Error = err.Error()
		}
		entry.JSON = string(text)
		list = append(list, entry)
	}
	add("a send", send(coin("uweir", "12345")))
	add("a send of nothing", send())
	add("a send of several coins", send(coin("ibc/27394FB092D2ECCD56123C74F36E4C1F926001CEADA9CA97EA622B25F41E5EB2", "1"), coin("uweir", "115792089237316195423570985008687907853269984665640564039457584007913129639935")))
	add("an empty send", &bank.MsgSend{})
	add("a coin without an amount", coin("uweir", ""))
	add("an empty coin", &base.Coin{})
	add("a coin with a strange denomination", coin(strange, "0"))
	add("a multi-send", &bank.MsgMultiSend{
		Inputs:  []*bank.Input{{Address: alice, Coins: []*base.Coin{coin("uweir", "5")}}},
		Outputs: []*bank.Output{{Address: bob, Coins: []*base.Coin{coin("uweir", "3")}}, {Address: alice, Coins: nil}},
	})
	add("an empty multi-send", &bank.MsgMultiSend{})
	add("bank parameters", &bank.MsgUpdateParams{Authority: alice, Params: &bank.Params{DefaultSendEnabled: true, SendEnabled: []*bank.SendEnabled{{Denom: "uweir", Enabled: true}, {Denom: "uusdc"}, {}}}})
	add("bank parameters, empty", &bank.MsgUpdateParams{Authority: alice, Params: &bank.Params{}})
	add("bank parameters left out", &bank.MsgUpdateParams{Authority: alice})
	add("send enabled", &bank.MsgSetSendEnabled{Authority: alice, SendEnabled: []*bank.SendEnabled{{Denom: "uweir", Enabled: true}, {Denom: "uusdc"}}, UseDefaultFor: []string{"a", "", strange}})
	add("denomination metadata", &bank.Metadata{Description: strange, DenomUnits: []*bank.DenomUnit{{Denom: "uweir", Aliases: []string{"microweir", ""}}, {Denom: "weir", Exponent: 6}}, Base: "uweir", Display: "weir", Name: "Weir", Symbol: "WEIR", Uri: "https://example.org/?a=1&b=<2>", UriHash: "ff"})
	add("a balance without coins", &bank.Balance{Address: alice})
	add("auth parameters", &auth.MsgUpdateParams{Authority: alice, Params: &auth.Params{MaxMemoCharacters: 256, TxSigLimit: 7, TxSizeCostPerByte: 10, SigVerifyCostEd25519: 590, SigVerifyCostSecp256K1: 18446744073709551615}})
	add("auth parameters, empty", &auth.MsgUpdateParams{Params: &auth.Params{}})
	add("consensus parameters", &consensus.MsgUpdateParams{
		Authority: alice,
		Block:     &types.BlockParams{MaxBytes: 22020096, MaxGas: -1},
		Evidence:  &types.EvidenceParams{MaxAgeNumBlocks: 100000, MaxAgeDuration: durationpb.New(172800000000000), MaxBytes: 1048576},
		Validator: &types.ValidatorParams{PubKeyTypes: []string{"ed25519"}},
		Abci:      &types.ABCIParams{VoteExtensionsEnableHeight: 5},
	})
	add("consensus parameters with a duration of parts", &consensus.MsgUpdateParams{Evidence: &types.EvidenceParams{MaxAgeDuration: &durationpb.Duration{Seconds: -3, Nanos: -5}}})
	add("consensus parameters, empty", &consensus.MsgUpdateParams{Authority: alice, Block: &types.BlockParams{}, Evidence: &types.EvidenceParams{}, Validator: &types.ValidatorParams{}})
	add("slashing parameters, decimals as bytes", &slashing.MsgUpdateParams{Authority: alice, Params: &slashing.Params{
		SignedBlocksWindow:      100,
		MinSignedPerWindow:      []byte("500000000000000000"),
		DowntimeJailDuration:    durationpb.New(600_000_000_000),
		SlashFractionDoubleSign: []byte("50000000000000000"),
		SlashFractionDowntime:   []byte("0"),
	}})
	add("slashing parameters, empty", &slashing.MsgUpdateParams{Authority: alice, Params: &slashing.Params{DowntimeJailDuration: durationpb.New(0)}})
	add("slashing parameters, no number", &slashing.Params{DowntimeJailDuration: durationpb.New(0), MinSignedPerWindow: []byte("x\xff")})
	add("an unjailing", &slashing.MsgUnjail{ValidatorAddr: "weirvaloper1"})
	add("an empty unjailing", &slashing.MsgUnjail{})
	add("evidence", &evidence.MsgSubmitEvidence{Submitter: alice, Evidence: pack(&evidence.Equivocation{Height: 5, Time: &timestamppb.Timestamp{Seconds: 1700000000}, Power: 7, ConsensusAddress: "weirvalcons1"})})
	add("a secp256k1 key", secp(7))
	add("an empty secp256k1 key", &secp256k1.PubKey{})
	add("an ed25519 key", &ed25519.PubKey{Key: []byte(strings.Repeat("k", 32))})
	add("an ed25519 private key", &ed25519.PrivKey{Key: []byte(strings.Repeat("p", 64))})
	add("a multisig key", threshold(2, secp(1), &ed25519.PubKey{Key: []byte(strings.Repeat("k", 32))}, secp(3)))
	add("a multisig key of a multisig key", threshold(1, threshold(1, secp(1)), secp(2)))
	add("an empty multisig key", &multisig.LegacyAminoPubKey{})
	add("an account", &auth.BaseAccount{Address: alice, PubKey: pack(secp(1)), AccountNumber: 7, Sequence: 9})
	add("an account with a multisig key", &auth.BaseAccount{Address: alice, PubKey: pack(threshold(1, secp(1)))})
	add("an account without a key", &auth.BaseAccount{Address: alice})
	add("a module account", &auth.ModuleAccount{BaseAccount: &auth.BaseAccount{Address: alice, AccountNumber: 3, Sequence: 4}, Name: "<mint>", Permissions: []string{"minter", "burner"}})
	add("an empty module account", &auth.ModuleAccount{})
	add("a module credential", &auth.ModuleCredential{ModuleName: "group", DerivationKeys: [][]byte{{1, 2, 3}, {}, {255}}})
	add("an Any of a message without an amino name", pack(&types.BlockID{Hash: []byte{1}, PartSetHeader: &types.PartSetHeader{Total: 3}}))
	add("an Any in an Any", pack(pack(send())))
	add("an Any of an unknown type", &anypb.Any{TypeUrl: "/weir.none.v1.None"})
	add("a decimal coin", &base.DecCoin{Denom: "uweir", Amount: "25000000000000000"})
	add("a negative decimal coin", &base.DecCoin{Denom: "uweir", Amount: "-1500000000000000000"})
	add("an empty decimal coin", &base.DecCoin{})
	add("a decimal", &base.DecProto{Dec: "1"})
	add("an integer", &base.IntProto{Int: "-12"})
	add("a header with times and bytes", &types.Header{Version: &version.Consensus{Block: 11}, ChainId: "weir-1", Height: 5, Time: &timestamppb.Timestamp{Seconds: 1700000000, Nanos: 120000000}, LastBlockId: &types.BlockID{}, AppHash: []byte{0, 255}})
	add("the second before 1970", &types.Header{Time: &timestamppb.Timestamp{Seconds: -1}})
	add("the first second", &types.Header{Time: &timestamppb.Timestamp{Seconds: -62135596800}})
	add("the last nanosecond", &types.Header{Time: &timestamppb.Timestamp{Seconds: 253402300799, Nanos: 999999999}})
	add("an enumeration and signed numbers", &types.Vote{Type_: types.SignedMsgType_SIGNED_MSG_TYPE_PRECOMMIT, Height: -5, Round: -1, BlockId: &types.BlockID{}, ValidatorIndex: 2147483647, Signature: []byte("s")})
	add("a oneof without an amino name", &types.Evidence{Sum: &types.Evidence_LightClientAttackEvidence{LightClientAttackEvidence: &types.LightClientAttackEvidence{CommonHeight: 2}}})
	add("a oneof without a member", &types.Evidence{})
	add("a response", &abci.TxMsgData{MsgResponses: []*anypb.Any{pack(&bank.MsgSendResponse{})}})
	addGrants(add)
	return list
}

type part struct {
	name    string
	body    *txv1.TxBody
	fee     *txv1.Fee
	signers []*txv1.SignerInfo
}

func signer(key proto.Message, mode signingv1.SignMode, sequence uint64) *txv1.SignerInfo {
	return &txv1.SignerInfo{
		PublicKey: pack(key),
		ModeInfo:  &txv1.ModeInfo{Sum: &txv1.ModeInfo_Single_{Single: &txv1.ModeInfo_Single{Mode: mode}}},
		Sequence:  sequence,
	}
}

func parts() []part {
	fee := func(gas uint64, coins ...*base.Coin) *txv1.Fee { return &txv1.Fee{Amount: coins, GasLimit: gas} }
	amino := signer(secp(1), signingv1.SignMode_SIGN_MODE_LEGACY_AMINO_JSON, 5)
	one := []*txv1.SignerInfo{amino}
	body := func(memo string, list ...proto.Message) *txv1.TxBody {
		b := &txv1.TxBody{Memo: memo}
		for _, m := range list {
			b.Messages = append(b.Messages, pack(m))
		}
		return b
	}
	multi := &txv1.SignerInfo{
		PublicKey: pack(threshold(2, secp(1), secp(2), secp(3))),
		ModeInfo: &txv1.ModeInfo{Sum: &txv1.ModeInfo_Multi_{Multi: &txv1.ModeInfo_Multi{
			Bitarray:  &bits.CompactBitArray{ExtraBitsStored: 3, Elems: []byte{0xa0}},
			ModeInfos: []*txv1.ModeInfo{amino.ModeInfo, amino.ModeInfo},
		}}},
		Sequence: 1,
	}
	timed := body("", send(coin("uweir", "1")))
	timed.TimeoutHeight = 18446744073709551615
	timed.TimeoutTimestamp = &timestamppb.Timestamp{Seconds: 1763721600, Nanos: 1000}
	unordered := body("", send())
	unordered.Unordered = true
	extended := body("", send())
	extended.ExtensionOptions = []*anypb.Any{pack(send())}
	paid := fee(200000, coin("uusdc", "1"), coin("uweir", "500"))
	paid.Payer, paid.Granter = bob, alice
	return []part{
		{"a send", body("", send(coin("uweir", "12345"))), fee(200000, coin("uweir", "500")), one},
		{"two messages and a memo", body("hello", send(coin("uweir", "1")), &bank.MsgMultiSend{}), fee(1, coin("uweir", "5")), one},
		{"no fee coins", body("", send()), fee(0), one},
		{"a strange memo", body(strange, send()), fee(1), one},
		{"a long memo", body(strings.Repeat("0123456789<", 90), send()), fee(1), one},
		{"a payer and a granter", body("", send()), paid, []*txv1.SignerInfo{amino, signer(secp(2), signingv1.SignMode_SIGN_MODE_DIRECT, 0)}},
		{"timeouts", timed, fee(1), one},
		{"unordered", unordered, fee(1), one},
		{"extension options", extended, fee(1), one},
		{"no messages", body(""), fee(1), one},
		{"no fee", body("", send()), nil, one},
		{"a multisig signer", body("", send(coin("uweir", "9"))), fee(300000, coin("uweir", "900")), []*txv1.SignerInfo{multi}},
		{"consensus parameters", body("", &consensus.MsgUpdateParams{Authority: alice, Block: &types.BlockParams{MaxBytes: 1, MaxGas: 2}, Evidence: &types.EvidenceParams{MaxAgeDuration: durationpb.New(5)}, Validator: &types.ValidatorParams{PubKeyTypes: []string{"ed25519"}}}), fee(1), one},
	}
}

func documents() []document {
	var list []document
	for _, p := range parts() {
		for _, at := range []struct {
			chain            string
			account, counter uint64
		}{{"weir-devnet-1", 7, 5}, {"", 0, 0}, {"a<b>&c", 9007199254740991, 18446744073709551615}} {
			authInfo := &txv1.AuthInfo{SignerInfos: p.signers, Fee: p.fee}
			data := signing.TxData{Body: p.body, AuthInfo: authInfo, BodyBytes: marshal(p.body), AuthInfoBytes: marshal(authInfo)}
			who := signing.SignerData{Address: alice, ChainID: at.chain, AccountNumber: at.account, Sequence: at.counter}
			entry := document{Name: p.name, Body: hex.EncodeToString(data.BodyBytes), AuthInfo: hex.EncodeToString(data.AuthInfoBytes), ChainID: at.chain, AccountNumber: at.account, Sequence: at.counter}
			plain, err := direct.SignModeHandler{}.GetSignBytes(context.Background(), who, data)
			output.Check(err)
			entry.Direct = hex.EncodeToString(plain)
			text, err := aminojson.NewSignModeHandler(aminojson.SignModeHandlerOptions{}).GetSignBytes(context.Background(), who, data)
			if err != nil {
				entry.Error = err.Error()
			}
			entry.Amino = string(text)
			list = append(list, entry)
		}
	}
	return list
}

func main() {
	output.Write("aminojson", map[string]any{"messages": messages(), "documents": documents()})
}
