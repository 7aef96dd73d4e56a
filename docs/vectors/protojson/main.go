// Writes test/vectors/protojson.json: messages and the JSON that cosmos-sdk's codec makes of them.
package main

import (
	"encoding/hex"
	"encoding/json"
	"time"

	cmtproto "github.com/cometbft/cometbft/proto/tendermint/types"
	gogoproto "github.com/cosmos/gogoproto/proto"

	"cosmossdk.io/math"

	"github.com/cosmos/cosmos-sdk/codec"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	"github.com/cosmos/cosmos-sdk/crypto/keys/ed25519"
	"github.com/cosmos/cosmos-sdk/crypto/keys/multisig"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authtypes "github.com/cosmos/cosmos-sdk/x/auth/types"
	banktypes "github.com/cosmos/cosmos-sdk/x/bank/types"
	consensustypes "github.com/cosmos/cosmos-sdk/x/consensus/types"
	slashingtypes "github.com/cosmos/cosmos-sdk/x/slashing/types"

	"weir/vectors/output"
)

type sample struct {
	TypeName string          `json:"typeName"`
	Bytes    string          `json:"bytes"`
	JSON     json.RawMessage `json:"json"`
}

func anyOf(m gogoproto.Message) *codectypes.Any {
	packed, err := codectypes.NewAnyWithValue(m)
	output.Check(err)
	return packed
}

func main() {
	registry := codectypes.NewInterfaceRegistry()
	cryptocodec.RegisterInterfaces(registry)
	authtypes.RegisterInterfaces(registry)
	banktypes.RegisterInterfaces(registry)
	consensustypes.RegisterInterfaces(registry)
	cdc := codec.NewProtoCodec(registry)

	samples := []sample{}
	for _, m := range messages() {
		bytes, err := gogoproto.Marshal(m)
		output.Check(err)
		text, err := cdc.MarshalJSON(m)
		output.Check(err)
		samples = append(samples, sample{gogoproto.MessageName(m), hex.EncodeToString(bytes), text})
	}
	output.Write("protojson", samples)
}

func messages() []gogoproto.Message {
	from, to := sdk.AccAddress("from________________"), sdk.AccAddress("to__________________")
	amount := sdk.NewCoins(sdk.NewInt64Coin("uusdc", 1), sdk.NewInt64Coin("uweir", 9))
	key := secp256k1.GenPrivKeyFromSecret([]byte("a")).PubKey()
	several := multisig.NewLegacyAminoPubKey(2, []cryptotypes.PubKey{key, ed25519.GenPrivKeyFromSecret([]byte("b")).PubKey()})
	send := banktypes.NewMsgSend(from, to, amount)
	return []gogoproto.Message{
		&sdk.Coin{Denom: "uweir", Amount: math.NewInt(0)},
		&sdk.DecCoin{Denom: "uweir", Amount: math.LegacyMustNewDecFromStr("0.025")},
		&sdk.DecCoin{Denom: "uweir", Amount: math.LegacyMustNewDecFromStr("-12.5")},
		send,
		&banktypes.MsgMultiSend{},
		&banktypes.Metadata{Description: "é<>&\u2028\"\\", DenomUnits: []*banktypes.DenomUnit{{Denom: "u", Exponent: 6, Aliases: []string{"a"}}, {}}},
		authtypes.NewBaseAccount(from, key, 1<<63, 7),
		authtypes.NewBaseAccount(from, several, 0, 0),
		authtypes.NewModuleAccount(authtypes.NewBaseAccount(from, nil, 1, 0), "mint", "minter"),
		&authtypes.QueryAccountsResponse{},
		&authtypes.AddressBytesToStringRequest{AddressBytes: []byte{0xfb, 0xef, 0xff}},
		&tx.TxBody{Messages: []*codectypes.Any{anyOf(send)}, Memo: "hi", TimeoutHeight: 3},
		&tx.AuthInfo{
			SignerInfos: []*tx.SignerInfo{
				{PublicKey: anyOf(key), ModeInfo: &tx.ModeInfo{Sum: &tx.ModeInfo_Single_{Single: &tx.ModeInfo_Single{Mode: signing.SignMode_SIGN_MODE_DIRECT}}}},
				{Sequence: 1},
			},
			Fee: &tx.Fee{Amount: amount, GasLimit: 200_000, Payer: from.String()},
		},
		&consensustypes.MsgUpdateParams{
			Authority: "x",
			Block:     &cmtproto.BlockParams{MaxBytes: -1, MaxGas: 5},
			Evidence:  &cmtproto.EvidenceParams{MaxAgeDuration: 48*time.Hour + 250*time.Millisecond, MaxAgeNumBlocks: 1},
			Validator: &cmtproto.ValidatorParams{PubKeyTypes: []string{"ed25519"}},
		},
		slashingGenesis(),
		&slashingtypes.MsgUpdateParams{Params: slashingtypes.Params{MinSignedPerWindow: math.LegacyMustNewDecFromStr("-1.25"), SlashFractionDowntime: math.LegacyZeroDec(), SlashFractionDoubleSign: math.LegacyOneDec()}},
		&cmtproto.EvidenceParams{MaxAgeDuration: -1500 * time.Nanosecond},
		&cmtproto.Header{Height: 5, Time: time.Date(2026, 1, 31, 12, 0, 0, 120_000_000, time.UTC), ChainID: "c"},
		&cmtproto.Header{Time: time.Date(2026, 1, 31, 12, 0, 0, 1, time.UTC), AppHash: []byte{1}},
	}
}

func slashingGenesis() *slashingtypes.GenesisState {
	info := slashingtypes.NewValidatorSigningInfo(sdk.ConsAddress("validator___________"), 3, 4, time.Unix(0, 0).UTC(), true, 1)
	return slashingtypes.NewGenesisState(
		slashingtypes.DefaultParams(),
		[]slashingtypes.SigningInfo{{Address: info.Address, ValidatorSigningInfo: info}},
		[]slashingtypes.ValidatorMissedBlocks{{Address: info.Address, MissedBlocks: []slashingtypes.MissedBlock{slashingtypes.NewMissedBlock(2, true)}}},
	)
}
