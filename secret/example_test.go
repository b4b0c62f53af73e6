// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package secret_test

import (
	"fmt"

	"github.com/kestrelhunt/kestrel/secret"
)

// A credential is shown as ***, also inside other values; Mask takes it out of
// texts that come from elsewhere.
func ExampleString() {
	login := struct {
		User     string
		Password secret.String
	}{"hunter", secret.New("correct horse")}
	fmt.Printf("%+v\n", login)
	fmt.Println(secret.Mask("no user with password correct horse", login.Password))
	// Output:
	// {User:hunter Password:***}
	// no user with password ***
}
