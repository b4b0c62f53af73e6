// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package transport

import (
	"encoding/base64"

	"github.com/kestrelhunt/kestrel/secret"
)

// A Credential is a header that shows the server who asks.
type Credential struct {
	Name  string
	Value secret.String
	bare  secret.String // the part of Value that is secret
}

// Basic returns the credential of a user name and a password (RFC 7617).
func Basic(user, password secret.String) Credential {
	return scheme("Basic", base64.StdEncoding.EncodeToString([]byte(user.Reveal()+":"+password.Reveal())))
}

// APIKey returns the credential of an Elasticsearch API key: its id and the key.
func APIKey(id, key secret.String) Credential {
	return scheme("ApiKey", base64.StdEncoding.EncodeToString([]byte(id.Reveal()+":"+key.Reveal())))
}

// EncodedAPIKey returns the credential of an API key that is given as it is
// sent.
func EncodedAPIKey(key secret.String) Credential { return scheme("ApiKey", key.Reveal()) }

// Bearer returns the credential of a token (RFC 6750).
func Bearer(token secret.String) Credential { return scheme("Bearer", token.Reveal()) }

// Header returns the credential of a product that has a header of its own, such
// as SEC or X-Auth-Token.
func Header(name string, value secret.String) Credential {
	return Credential{Name: name, Value: value, bare: value}
}

func scheme(word, text string) Credential {
	return Credential{Name: "Authorization", Value: secret.New(word + " " + text), bare: secret.New(text)}
}
