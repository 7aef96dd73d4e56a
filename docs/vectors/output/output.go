// Package output writes a vector file where the tests read it. Every program of this module is run from docs/vectors: go run ./NAME
package output

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
)

// Write writes test/vectors/NAME.json.
func Write(name string, content any) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	Check(encoder.Encode(content))
	folder := filepath.Join("..", "..", "test", "vectors")
	Check(os.MkdirAll(folder, 0o755))
	Check(os.WriteFile(filepath.Join(folder, name+".json"), buffer.Bytes(), 0o644))
}

// Check ends the program on an error.
func Check(err error) {
	if err != nil {
		panic(err)
	}
}
