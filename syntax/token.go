// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package syntax

import "github.com/kestrelhunt/kestrel/diag"

// A Token is a piece of a hunt's text and the part it plays there.
type Token struct {
	Kind TokenKind
	At   diag.Span
}

// Span returns the token's place.
func (t Token) Span() diag.Span { return t.At }

// TokenKind is the part that a token plays. A word has the kind of its place:
// what is a keyword in one may be a variable in another.
type TokenKind uint8

// The kinds of tokens.
const (
	Blank       TokenKind = iota // white space
	Comment                      // # to the end of the line, without the line end
	Keyword                      // command, clause, word operator, transformer, aggregate, unit
	Variable                     // a variable's name
	EntityType                   // a type, with the colon after it in a condition
	Attribute                    // one attribute path
	Relation                     // the relation of FIND
	Name                         // an alias or the key of an argument
	Path                         // a source, an analytics or a file without quotes
	String                       // text in quotes, with its prefix
	Word                         // a bare word that stands for text
	Number                       // a number
	Time                         // a timestamp, with its quotes
	Operator                     // = != < + and so on
	Punctuation                  // , . : ( ) [ ] { }
	Skipped                      // text that was not understood
)
