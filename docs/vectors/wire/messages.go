package main

import (
	"encoding/binary"
	"encoding/hex"
)

// Protobuf by hand, in ascending order of fields, nothing that is zero: what docs/protocol.md asks for.

type fields []byte

func (f fields) number(field int, value uint64) fields {
	if value == 0 {
		return f
	}
	f = binary.AppendUvarint(f, uint64(field)<<3)
	return binary.AppendUvarint(f, value)
}

func (f fields) bytes(field int, value []byte) fields {
	if len(value) == 0 {
		return f
	}
	return f.message(field, value)
}

func (f fields) text(field int, value string) fields { return f.bytes(field, []byte(value)) }

// A message that is there, though it may be empty.
func (f fields) message(field int, value []byte) fields {
	f = binary.AppendUvarint(f, uint64(field)<<3|2)
	f = binary.AppendUvarint(f, uint64(len(value)))
	return append(f, value...)
}

func framed(message []byte) []byte {
	return append(binary.AppendUvarint(nil, uint64(len(message))), message...)
}

type message struct {
	What string `json:"what"`
	Type string `json:"type"`
	// As protobuf's JSON has it, with the names of the .proto file.
	Json  any    `json:"json"`
	Frame string `json:"frame"`
}

type object map[string]any

func open(purpose int, content []byte) []byte {
	return fields{}.number(1, 1).text(2, chainId).message(purpose, content)
}

func opened(what, name string, number int, content []byte, json object) message {
	all := object{"version": 1, "chain_id": chainId, name: json}
	return message{what, "weir.wire.v1.Open", all, hex.EncodeToString(framed(open(number, content)))}
}

func said(what, kind string, content []byte, json object) message {
	return message{what, "weir.wire.v1." + kind, json, hex.EncodeToString(framed(content))}
}

func messages() []message {
	nonce := pattern(16, 1)
	proof := pattern(64, 2)
	measure := fields{}.number(1, 41).number(2, 7).number(3, 3).number(4, 1).bytes(5, nonce).number(6, 2).number(7, 4).number(8, 10_000)
	session := fields{}.number(1, 300).bytes(2, proof)
	forward := fields{}.number(1, 300).bytes(2, proof).text(4, "example.org").number(5, 443)
	flow := fields{}.number(1, 300).bytes(2, proof).number(3, 1)
	refused := fields{}.number(1, 4).text(2, "its time is not now").number(3, 200)
	voucher := fields{}.number(1, 8<<20).text(2, "78125").number(3, 1).bytes(4, proof)
	last := fields{}.number(1, 9<<20).text(2, "87891").number(3, 2).bytes(4, proof).number(5, 1)
	unused := fields{}.text(2, "0").number(5, 1)
	receipt := fields{}.number(1, 8<<20+5).number(2, 1).bytes(3, proof).number(4, 8<<20).number(6, 1)
	closed := fields{}.number(1, 9<<20).number(2, 2).bytes(3, proof).number(4, 9<<20).bytes(5, proof).number(6, 2)
	unpaid := fields{}.number(1, 24<<20).number(2, 1).bytes(3, proof).number(4, 8<<20).
		message(7, fields{}.number(1, 9).text(2, "a voucher has to come first"))
	datagram := fields{}.text(1, "192.0.2.1").number(2, 53).bytes(3, []byte("question"))
	nonceJson, proofJson := base64(nonce), base64(proof)
	return []message{
		opened("a stream of a measurement", "measure", 3, measure, object{
			"epoch": "41", "relay": "7", "oracle": "3", "kind": 1, "session_nonce": nonceJson,
			"stream": 2, "streams": 4, "duration_millis": 10_000}),
		opened("a ping", "ping", 4, nil, object{}),
		opened("a control link", "session", 5, session, object{"session": "300", "proof": proofJson}),
		opened("a stream to a name", "forward", 6, forward, object{
			"session": "300", "proof": proofJson, "host": "example.org", "port": 443}),
		opened("a flow of datagrams", "forward", 6, flow, object{"session": "300", "proof": proofJson, "datagrams": true}),
		opened("a delivery", "deliver", 7, fields{}.bytes(1, pattern(20, 3)), object{"ranges": base64(pattern(20, 3))}),
		opened("a transcript to sign", "countersign", 8, fields{}.bytes(1, nonce), object{"session_nonce": nonceJson}),
		said("yes", "Answer", fields{}.message(1, nil), object{"accepted": object{}}),
		said("yes, with a port for pings", "Answer", fields{}.message(1, fields{}.number(1, 4433)), object{
			"accepted": object{"ping_port": 4433}}),
		said("no", "Answer", fields{}.message(2, refused), object{
			"refused": object{"code": "REFUSAL_CODE_NOT_NOW", "text": "its time is not now", "retry_millis": 200}}),
		said("a voucher", "VoucherFrame", voucher, object{
			"bytes": "8388608", "amount": "78125", "nonce": "1", "signature": proofJson}),
		said("the last voucher", "VoucherFrame", last, object{
			"bytes": "9437184", "amount": "87891", "nonce": "2", "signature": proofJson, "closing": true}),
		said("the end of what was not used", "VoucherFrame", unused, object{"amount": "0", "closing": true}),
		said("a receipt", "ReceiptFrame", receipt, object{
			"bytes": "8388613", "nonce": "1", "signature": proofJson, "paid_bytes": "8388608", "answers": "1"}),
		said("a receipt that closes", "ReceiptFrame", closed, object{
			"bytes": "9437184", "nonce": "2", "signature": proofJson, "paid_bytes": "9437184",
			"closing_signature": proofJson, "answers": "2"}),
		said("streams wait", "ReceiptFrame", unpaid, object{
			"bytes": "25165824", "nonce": "1", "signature": proofJson, "paid_bytes": "8388608",
			"refused": object{"code": "REFUSAL_CODE_UNPAID", "text": "a voucher has to come first"}}),
		said("a datagram", "DatagramFrame", datagram, object{
			"host": "192.0.2.1", "port": 53, "payload": base64([]byte("question"))}),
		said("a transcript", "TranscriptFrame", fields{}.bytes(1, pattern(187, 4)), object{
			"attestation": base64(pattern(187, 4))}),
		said("agreed", "TranscriptAnswer", fields{}.bytes(1, proof).number(2, 1_000_000), object{
			"signature": proofJson, "background_bps": "1000000"}),
		said("not agreed", "TranscriptAnswer", nil, object{}),
	}
}
