// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package sema

import (
	"path"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/syntax"
)

// sources returns the URIs that a GET asks, each with its scheme in lower case:
// those of FROM, or those that were asked last. It returns nil after an error.
//
// A list is split at commas. A piece without a scheme has that of the piece
// before it, so file://a,b names two files; the first has the session's default.
func (s *Scope) sources(st *syntax.GetStmt) []string {
	if st.From == nil {
		if s.lastSource == nil {
			s.report(diag.Diagnostic{
				Code:    diag.MissingSource,
				Span:    st.Type.At,
				Message: "GET has no FROM, and no data source was used before",
				Hint:    "name one, as in FROM file://bundle.json",
			})
		}
		return s.lastSource
	}
	var out []string
	scheme := strings.ToLower(s.DefaultScheme)
	for piece := range strings.SplitSeq(st.From.Text, ",") {
		piece = strings.TrimSpace(piece)
		if piece == "" {
			continue
		}
		rest := piece
		if before, after, ok := strings.Cut(piece, "://"); ok {
			scheme, rest = strings.ToLower(before), after
		}
		if !s.hasScheme(scheme, piece, st.From) {
			return nil
		}
		out = append(out, scheme+"://"+rest)
	}
	if len(out) == 0 {
		s.report(diag.Diagnostic{
			Code:    diag.MissingSource,
			Span:    st.From.At,
			Message: "the data source is empty",
			Hint:    "name one, as in FROM file://bundle.json",
		})
	}
	return out
}

func (s *Scope) hasScheme(scheme, piece string, from *syntax.Locator) bool {
	if slices.Contains(s.Schemes, scheme) {
		return true
	}
	d := diag.Diagnostic{Code: diag.UnknownScheme, Span: from.At}
	if strings.Contains(piece, "://") {
		d.Message = "no data source has the scheme " + scheme + "://"
		d.Hint = "schemes are " + list(s.Schemes)
		if near, ok := diag.Nearest(scheme, s.Schemes); ok {
			d.Hint = "did you mean " + near + "://?"
		}
	} else {
		d.Message = piece + " is neither a variable nor a data source with a scheme, and no driver handles " + scheme + "://"
		d.Hint = "name a defined variable, or a source such as file://" + piece
		if near, ok := diag.Nearest(piece, s.names()); ok {
			d.Hint = "did you mean the variable " + near + "?"
			d.Fixes = []diag.Fix{{Title: "use " + near, Edits: []diag.Edit{{Span: from.At, New: near}}}}
		}
	}
	s.report(d)
	return false
}

// formats are the file formats of LOAD and SAVE, and the compressions that may
// follow them in the name of a file to write.
var (
	formats      = []string{"csv", "json", "parquet"}
	compressions = []string{".gz", ".zip", ".xz", ".zst"}
)

// format checks that the name of a file to write says a format.
func (s *Scope) format(at *syntax.Locator) {
	base := strings.ToLower(path.Base(at.Text))
	for _, c := range compressions {
		base = strings.TrimSuffix(base, c)
	}
	ext := strings.TrimPrefix(path.Ext(base), ".")
	if slices.Contains(formats, ext) {
		return
	}
	d := diag.Diagnostic{
		Code:    diag.UnknownFormat,
		Span:    at.At,
		Message: "the file name does not say a format",
		Hint:    "end it with .csv, .json or .parquet",
	}
	if ext != "" {
		d.Message = "unknown file format " + ext
		if near, ok := diag.Nearest(ext, formats); ok {
			d.Hint = "did you mean ." + near + "?"
		}
	}
	s.report(d)
}
