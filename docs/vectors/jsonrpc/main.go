// Writes test/vectors/jsonrpc.json: what CometBFT's JSON-RPC server answers to well and badly formed requests for a method that echoes
// its parameters.
package main

import (
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"

	"github.com/cometbft/cometbft/libs/bytes"
	"github.com/cometbft/cometbft/libs/log"
	"github.com/cometbft/cometbft/rpc/jsonrpc/server"
	"github.com/cometbft/cometbft/rpc/jsonrpc/types"

	"weir/vectors/output"
)

type echoed struct {
	Text     string `json:"text"`
	Bytes    string `json:"bytes"`
	Hex      string `json:"hex"`
	Number   int64  `json:"number"`
	Optional *int64 `json:"optional"`
	Flag     bool   `json:"flag"`
}

func echo(_ *types.Context, text string, data []byte, hash bytes.HexBytes, number int64, optional *int64, flag bool) (*echoed, error) {
	return &echoed{text, hex.EncodeToString(data), hex.EncodeToString(hash), number, optional, flag}, nil
}

func refuse(*types.Context) (*echoed, error) { return nil, errors.New("refused in words") }

type exchange struct {
	Method      string `json:"method"`
	Path        string `json:"path"`
	Body        string `json:"body,omitempty"`
	Status      int    `json:"status"`
	ContentType string `json:"contentType"`
	Cache       string `json:"cache,omitempty"`
	Answer      string `json:"answer"`
}

func main() {
	functions := map[string]*server.RPCFunc{
		"echo":   server.NewRPCFunc(echo, "text,bytes,hex,number,optional,flag", server.Cacheable("optional")),
		"refuse": server.NewRPCFunc(refuse, "", server.Cacheable()),
	}
	mux := http.NewServeMux()
	server.RegisterRPCFuncs(mux, functions, log.NewNopLogger())
	config := server.DefaultConfig()
	config.MaxBodyBytes = 2000
	config.MaxRequestBatchSize = 3
	handler := server.PreChecksHandler(server.RecoverAndLogHandler(mux, log.NewNopLogger()), config)
	var list []exchange
	ask := func(method, path, body string) {
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, httptest.NewRequest(method, path, strings.NewReader(body)))
		list = append(list, exchange{method, path, body, recorder.Code, recorder.Header().Get("Content-Type"),
			recorder.Header().Get("Cache-Control"), recorder.Body.String()})
	}
	for _, query := range uriQueries {
		pairs := url.Values{}
		for name, value := range query {
			pairs.Set(name, value)
		}
		ask("GET", "/echo?"+pairs.Encode(), "")
	}
	ask("GET", "/refuse", "")
	ask("GET", "/nothing", "")
	for _, body := range bodies {
		ask("POST", "/", body)
	}
	ask("POST", "/", `{"jsonrpc":"2.0","id":1,"method":"echo","params":{"text":"`+strings.Repeat("x", 2000)+`"}}`)
	output.Write("jsonrpc", list)
}

var uriQueries = []map[string]string{
	{}, {"text": `"a b"`}, {"text": "plain"}, {"text": "0x6162"}, {"text": "5"}, {"bytes": "0x0aFF"}, {"bytes": `"text"`}, {"bytes": "abc"},
	{"bytes": "0xabc"}, {"bytes": "0xzz"}, {"hex": "0x0aff"}, {"hex": `"0aff"`}, {"hex": "0aff"}, {"number": "5"}, {"number": "-5"},
	{"number": `"7"`}, {"number": "5.5"}, {"number": "0x5"}, {"number": "99999999999999999999"}, {"number": "x"}, {"optional": "3"},
	{"optional": `"4"`}, {"optional": "null"}, {"flag": "true"}, {"flag": "1"}, {"flag": `"true"`}, {"flag": "maybe"}, {"flag": "0x1"},
	{"text": `"a`}, {"text": `{}`}, {"text": `[1]`}, {"number": "true"}, {"optional": "{}"}, {"text": `""`}, {"bytes": `""`},
}

var bodies = []string{
	`{"jsonrpc":"2.0","id":1,"method":"echo"}`,
	`{"jsonrpc":"2.0","id":"a","method":"echo","params":{}}`,
	`{"jsonrpc":"2.0","id":1.9,"method":"echo","params":[]}`,
	`{"jsonrpc":"2.0","id":1,"method":"echo","params":{"text":"t","bytes":"AQI=","hex":"0aff","number":"5","optional":"6","flag":true}}`,
	`{"jsonrpc":"2.0","id":1,"method":"echo","params":["t","AQI=","0AFF","5","6",true]}`,
	`{"jsonrpc":"2.0","id":1,"method":"echo","params":["t"]}`,
	`{"jsonrpc":"2.0","id":1,"method":"echo","params":{"unknown":1,"text":null}}`,
	`{"jsonrpc":"2.0","id":1,"method":"echo","params":{"number":5}}`,
	`{"jsonrpc":"2.0","id":1,"method":"echo","params":{"number":"x"}}`,
	`{"jsonrpc":"2.0","id":1,"method":"echo","params":{"number":"5.5"}}`,
	`{"jsonrpc":"2.0","id":1,"method":"echo","params":{"number":"99999999999999999999"}}`,
	`{"jsonrpc":"2.0","id":1,"method":"echo","params":{"optional":6}}`,
	`{"jsonrpc":"2.0","id":1,"method":"echo","params":{"text":5}}`,
	`{"jsonrpc":"2.0","id":1,"method":"echo","params":{"text":{}}}`,
	`{"jsonrpc":"2.0","id":1,"method":"echo","params":{"bytes":"not base64"}}`,
	`{"jsonrpc":"2.0","id":1,"method":"echo","params":{"bytes":"AQ"}}`,
	`{"jsonrpc":"2.0","id":1,"method":"echo","params":{"bytes":true}}`,
	`{"jsonrpc":"2.0","id":1,"method":"echo","params":{"hex":"xyz"}}`,
	`{"jsonrpc":"2.0","id":1,"method":"echo","params":{"hex":"abc"}}`,
	`{"jsonrpc":"2.0","id":1,"method":"echo","params":{"hex":5}}`,
	`{"jsonrpc":"2.0","id":1,"method":"echo","params":{"flag":"true"}}`,
	`{"jsonrpc":"2.0","id":1,"method":"echo","params":{"flag":1}}`,
	`{"jsonrpc":"2.0","id":1,"method":"echo","params":"text"}`,
	`{"jsonrpc":"2.0","id":1,"method":"echo","params":5}`,
	`{"jsonrpc":"2.0","id":1,"method":"echo","params":null}`,
	`{"jsonrpc":"2.0","id":1,"method":"nothing"}`,
	`{"jsonrpc":"2.0","id":1,"method":"toString"}`,
	`{"jsonrpc":"2.0","id":1}`,
	`{"jsonrpc":"2.0","id":1,"method":"refuse"}`,
	`{"jsonrpc":"2.0","method":"echo"}`,
	`{"jsonrpc":"2.0","id":null,"method":"echo"}`,
	`{"jsonrpc":"2.0","id":{},"method":"echo"}`,
	`{}`, `[]`, `5`, `"text"`, `null`, `{`, `nonsense`, `[1]`, `{"id":1,"method":5}`,
	`[{"jsonrpc":"2.0","id":1,"method":"echo","params":{"optional":"1"}},{"jsonrpc":"2.0","id":2,"method":"refuse"}]`,
	`[{"jsonrpc":"2.0","id":1,"method":"echo","params":{"optional":"1"}}]`,
	`[{"jsonrpc":"2.0","id":1,"method":"echo"},{"jsonrpc":"2.0","method":"echo"}]`,
	`[{"id":1},{"id":2},{"id":3},{"id":4}]`,
}
