// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package diag

import "encoding/json"

// The JSON form of a diagnostic, for tools. Members are added to it, never
// renamed or removed.
type (
	jsonDiagnostic struct {
		Code     Code     `json:"code"`
		Severity Severity `json:"severity"`
		*jsonSpan
		Message string        `json:"message"`
		Hint    string        `json:"hint,omitempty"`
		Related []jsonRelated `json:"related,omitempty"`
		Fixes   []jsonFix     `json:"fixes,omitempty"`
	}
	jsonSpan struct {
		File  string       `json:"file"`
		Start jsonPosition `json:"start"`
		End   jsonPosition `json:"end"`
	}
	jsonPosition struct {
		Offset int `json:"offset"`
		Position
	}
	jsonRelated struct {
		*jsonSpan
		Message string `json:"message"`
	}
	jsonFix struct {
		Title string     `json:"title"`
		Edits []jsonEdit `json:"edits"`
	}
	jsonEdit struct {
		*jsonSpan
		New string `json:"new"`
	}
)

// MarshalJSON writes d as an object with the members code, severity, file,
// start, end, message, hint, related and fixes. A start or end has offset
// (bytes, from 0), line and column (characters, from 1); the three are left out
// if d has no position, and the last three if they are empty. The cause is not
// written.
func (d Diagnostic) MarshalJSON() ([]byte, error) {
	out := jsonDiagnostic{
		Code: d.Code, Severity: d.Severity, jsonSpan: d.Span.json(),
		Message: d.Message, Hint: d.Hint,
	}
	for _, r := range d.Related {
		out.Related = append(out.Related, jsonRelated{r.Span.json(), r.Message})
	}
	for _, f := range d.Fixes {
		fix := jsonFix{Title: f.Title, Edits: []jsonEdit{}}
		for _, e := range f.Edits {
			fix.Edits = append(fix.Edits, jsonEdit{e.Span.json(), e.New})
		}
		out.Fixes = append(out.Fixes, fix)
	}
	return json.Marshal(out)
}

// MarshalJSON writes l as an array, also if it is nil.
func (l List) MarshalJSON() ([]byte, error) {
	if l == nil {
		return []byte("[]"), nil
	}
	return json.Marshal([]Diagnostic(l))
}

// json returns s in its JSON form, nil for no position.
func (s Span) json() *jsonSpan {
	if s.IsZero() {
		return nil
	}
	return &jsonSpan{
		File:  s.File.Name,
		Start: jsonPosition{s.Start, s.File.Position(s.Start)},
		End:   jsonPosition{s.End, s.File.Position(s.End)},
	}
}
