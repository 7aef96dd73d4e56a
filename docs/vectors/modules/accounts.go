package main

import (
	"os"
	"path/filepath"
	"regexp"

	"weir/vectors/output"
)

type moduleAccount struct {
	name        string
	permissions []string
	receives    bool
}

var (
	accountLine = regexp.MustCompile(`\{ name: "([a-z_]+)", permissions: \[([^\]]*)\], receives: (true|false) \}`)
	quoted      = regexp.MustCompile(`"([a-z]+)"`)
)

// The chain's accounts of modules, as modules/accounts.ts lists them: the program is run again when it changes.
func moduleAccounts() []moduleAccount {
	source, err := os.ReadFile(filepath.Join("..", "..", "modules", "accounts.ts"))
	output.Check(err)
	var accounts []moduleAccount
	for _, line := range accountLine.FindAllStringSubmatch(string(source), -1) {
		account := moduleAccount{name: line[1], receives: line[3] == "true"}
		for _, permission := range quoted.FindAllStringSubmatch(line[2], -1) {
			account.permissions = append(account.permissions, permission[1])
		}
		accounts = append(accounts, account)
	}
	return accounts
}
