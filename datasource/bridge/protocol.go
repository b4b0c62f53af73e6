// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package bridge

import (
	"encoding/json"
	"strings"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/secret"
)

// A request is one line to Python.
type request struct {
	ID   int    `json:"id"`
	Op   string `json:"op"`
	Args []any  `json:"args"`
}

// A reply is one line from Python.
type reply struct {
	ID        int             `json:"id"`
	Result    json.RawMessage `json:"result"`
	Exception string          `json:"exception"`
}

// about is what Python says of itself.
type about struct {
	Executable string   `json:"executable"`
	Python     string   `json:"python"`
	Found      bool     `json:"found"`   // it has stix-shifter
	Library    string   `json:"library"` // its version
	Module     bool     `json:"module"`  // it has the module
	Version    string   `json:"version"` // of the module's package
	Modules    []string `json:"modules"` // it has these
	Dropped    []string `json:"dropped"` // settings that the module does not know
}

// An answer is what the library says to any call.
type answer struct {
	Success *bool  `json:"success"`
	Code    string `json:"code"`
	Error   string `json:"error"`

	Queries  []json.RawMessage `json:"queries"`   // of a translation
	SearchID json.RawMessage   `json:"search_id"` // of a search that was started
	Jobs     bool              `json:"jobs"`      // it runs on the server and can be deleted there
	Status   string            `json:"status"`
	Progress float64           `json:"progress"`
	Count    int64             `json:"count"` // native records of a page
	Metadata json.RawMessage   `json:"metadata"`
	Digest   string            `json:"digest"` // of the native records of a page
	Bundle   json.RawMessage   `json:"bundle"`
}

// reason returns what went wrong, without the name of the module before it.
func (a answer) reason() string {
	if _, behind, ok := strings.Cut(a.Error, " connector error => "); ok {
		return behind
	}
	return a.Error
}

// reveal returns v with secrets as plain texts, to be sent.
func reveal(v any) any {
	switch v := v.(type) {
	case secret.String:
		return v.Reveal()
	case datasource.Settings:
		return revealAll(v)
	case map[string]any:
		return revealAll(v)
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = reveal(item)
		}
		return out
	}
	return v
}

func revealAll(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for k, v := range m {
		out[k] = reveal(v)
	}
	return out
}
