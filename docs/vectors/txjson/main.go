// Writes test/vectors/txjson.json: transactions as the SDK's commands write them to files, unsigned, signed and as signatures alone.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"

	"github.com/cosmos/gogoproto/proto"

	"cosmossdk.io/math"
	txsigning "cosmossdk.io/x/tx/signing"

	"github.com/cosmos/cosmos-sdk/client"
	"github.com/cosmos/cosmos-sdk/codec"
	"github.com/cosmos/cosmos-sdk/codec/address"
	codectypes "github.com/cosmos/cosmos-sdk/codec/types"
	cryptocodec "github.com/cosmos/cosmos-sdk/crypto/codec"
	"github.com/cosmos/cosmos-sdk/crypto/keys/multisig"
	"github.com/cosmos/cosmos-sdk/crypto/keys/secp256k1"
	cryptotypes "github.com/cosmos/cosmos-sdk/crypto/types"
	multisigtypes "github.com/cosmos/cosmos-sdk/crypto/types/multisig"
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/cosmos-sdk/types/tx/signing"
	authsigning "github.com/cosmos/cosmos-sdk/x/auth/signing"
	authtx "github.com/cosmos/cosmos-sdk/x/auth/tx"
	bank "github.com/cosmos/cosmos-sdk/x/bank/types"

	"weir/vectors/output"
)

const (
	prefix  = "weir"
	chainID = "weir-vectors-1"
)

type signedFile struct {
	Name          string   `json:"name"`
	Mode          string   `json:"mode"`
	Keys          []string `json:"keys"`
	Threshold     int      `json:"threshold"`
	AccountNumber uint64   `json:"accountNumber,string"`
	Sequence      uint64   `json:"sequence,string"`
	Unsigned      string   `json:"unsigned"`
	Signatures    []string `json:"signatures"`
	Signed        string   `json:"signed"`
	Bytes         string   `json:"bytes"`
}

func key(name string) *secp256k1.PrivKey {
	sum := sha256.Sum256([]byte(name))
	return &secp256k1.PrivKey{Key: sum[:]}
}

func text(publicKey cryptotypes.PubKey) string {
	written, err := address.NewBech32Codec(prefix).BytesToString(publicKey.Address())
	output.Check(err)
	return written
}

func newConfig() client.TxConfig {
	registry, err := codectypes.NewInterfaceRegistryWithOptions(codectypes.InterfaceRegistryOptions{
		ProtoFiles: proto.HybridResolver,
		SigningOptions: txsigning.Options{
			AddressCodec:          address.NewBech32Codec(prefix),
			ValidatorAddressCodec: address.NewBech32Codec(prefix + "valoper"),
		},
	})
	output.Check(err)
	cryptocodec.RegisterInterfaces(registry)
	bank.RegisterInterfaces(registry)
	return authtx.NewTxConfig(codec.NewProtoCodec(registry), authtx.DefaultSignModes)
}

type writer struct {
	config client.TxConfig
}

func (w writer) json(tx sdk.Tx) string {
	bytes, err := w.config.TxJSONEncoder()(tx)
	output.Check(err)
	return string(bytes)
}

func (w writer) signatureJSON(signature signing.SignatureV2) string {
	bytes, err := w.config.MarshalSignatureJSON([]signing.SignatureV2{signature})
	output.Check(err)
	return string(bytes)
}

func (w writer) signBytes(mode signing.SignMode, signer authsigning.SignerData, tx sdk.Tx) []byte {
	bytes, err := authsigning.GetSignBytesAdapter(context.Background(), w.config.SignModeHandler(), mode, signer, tx)
	output.Check(err)
	return bytes
}

func (w writer) draft(from string, memo string, timeout uint64) client.TxBuilder {
	to := text(key("receiver").PubKey())
	coins := sdk.NewCoins(sdk.NewCoin("uweir", math.NewInt(1_000_000)), sdk.NewCoin("uusdc", math.NewInt(5)))
	builder := w.config.NewTxBuilder()
	output.Check(builder.SetMsgs(&bank.MsgSend{FromAddress: from, ToAddress: to, Amount: coins}))
	builder.SetMemo(memo)
	builder.SetGasLimit(200_000)
	builder.SetFeeAmount(sdk.NewCoins(sdk.NewCoin("uweir", math.NewInt(5_000))))
	builder.SetTimeoutHeight(timeout)
	return builder
}

// single signs as `tx sign` does.
func (w writer) single(name string, mode signing.SignMode, memo string, timeout uint64) signedFile {
	private := key("alice")
	public := private.PubKey()
	builder := w.draft(text(public), memo, timeout)
	file := signedFile{Name: name, Mode: mode.String(), Keys: []string{hex.EncodeToString(private.Key)}, AccountNumber: 7, Sequence: 3, Unsigned: w.json(builder.GetTx())}
	signature := signing.SignatureV2{PubKey: public, Data: &signing.SingleSignatureData{SignMode: mode}, Sequence: file.Sequence}
	output.Check(builder.SetSignatures(signature))
	signer := authsigning.SignerData{Address: text(public), ChainID: chainID, AccountNumber: file.AccountNumber, Sequence: file.Sequence, PubKey: public}
	made, err := private.Sign(w.signBytes(mode, signer, builder.GetTx()))
	output.Check(err)
	signature.Data = &signing.SingleSignatureData{SignMode: mode, Signature: made}
	output.Check(builder.SetSignatures(signature))
	file.Signatures = []string{w.signatureJSON(signature)}
	return w.finished(file, builder)
}

// joint signs as `tx sign --multisig` and `tx multi-sign` do; `signing` names who of the members signs.
func (w writer) joint(name string, threshold int, count int, who []int) signedFile {
	mode := signing.SignMode_SIGN_MODE_LEGACY_AMINO_JSON
	var privates []*secp256k1.PrivKey
	var publics []cryptotypes.PubKey
	file := signedFile{Name: name, Mode: mode.String(), Threshold: threshold, AccountNumber: 12, Sequence: 0}
	for i := range count {
		private := key(fmt.Sprintf("member %d", i))
		privates, publics = append(privates, private), append(publics, private.PubKey())
		file.Keys = append(file.Keys, hex.EncodeToString(private.Key))
	}
	public := multisig.NewLegacyAminoPubKey(threshold, publics)
	builder := w.draft(text(public), "together", 0)
	file.Unsigned = w.json(builder.GetTx())
	signer := authsigning.SignerData{Address: text(public), ChainID: chainID, AccountNumber: file.AccountNumber, Sequence: file.Sequence, PubKey: public}
	data := multisigtypes.NewMultisig(count)
	for _, i := range who {
		made, err := privates[i].Sign(w.signBytes(mode, signer, builder.GetTx()))
		output.Check(err)
		signature := signing.SignatureV2{PubKey: publics[i], Data: &signing.SingleSignatureData{SignMode: mode, Signature: made}, Sequence: file.Sequence}
		file.Signatures = append(file.Signatures, w.signatureJSON(signature))
		output.Check(multisigtypes.AddSignatureV2(data, signature, publics))
	}
	output.Check(builder.SetSignatures(signing.SignatureV2{PubKey: public, Data: data, Sequence: file.Sequence}))
	return w.finished(file, builder)
}

func (w writer) finished(file signedFile, builder client.TxBuilder) signedFile {
	file.Signed = w.json(builder.GetTx())
	bytes, err := w.config.TxEncoder()(builder.GetTx())
	output.Check(err)
	file.Bytes = base64.StdEncoding.EncodeToString(bytes)
	return file
}

func main() {
	w := writer{newConfig()}
	direct, amino := signing.SignMode_SIGN_MODE_DIRECT, signing.SignMode_SIGN_MODE_LEGACY_AMINO_JSON
	output.Write("txjson", map[string]any{
		"chainId": chainID,
		"files": []signedFile{
			w.single("direct", direct, "", 0),
			w.single("direct, with memo and timeout", direct, "for <rent> & \"more\" – ☂", 99),
			w.single("amino JSON", amino, "for <rent> & \"more\" – ☂", 99),
			w.joint("two of three", 2, 3, []int{2, 0}),
			w.joint("three of nine", 3, 9, []int{8, 1, 3}),
		},
	})
}
