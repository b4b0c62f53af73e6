// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
)

// CompileRegexp compiles the right side of MATCHES (STIX 2.1, 9.6.1). STIX asks
// for the syntax of PCRE; Kestrel runs the part of it that RE2 knows, which
// takes linear time on any text, and means the same in the engine as in the
// store. A MATCHES is true if the expression is found anywhere in the text. The
// point matches no line feed; patterns of STIX ask for that, and Match sees to
// it.
//
// The error is a diag.Diagnostic with code diag.InvalidPattern and no span,
// which the caller adds. Its hint says what to write instead.
func CompileRegexp(expr string) (*regexp.Regexp, error) {
	re, err := regexp.Compile(expr)
	if err == nil {
		return re, nil
	}
	d := diag.Diagnostic{
		Code:    diag.InvalidPattern,
		Message: fmt.Sprintf("invalid regular expression: %v", err),
		Cause:   err,
	}
	if se, ok := errors.AsType[*syntax.Error](err); ok {
		d.Message = fmt.Sprintf("invalid regular expression: %s: %s", se.Code, Quote(clip(se.Expr, 40)))
		d.Hint = regexpHint(expr, se)
		if feature := pcreOnly(expr, se); feature != "" {
			d.Message = fmt.Sprintf("%s is not supported in regular expressions: %s", feature, Quote(clip(se.Expr, 40)))
		}
	}
	return nil, d
}

// pcreOnly names the feature of PCRE that se trips over, or returns "".
func pcreOnly(expr string, se *syntax.Error) string {
	switch se.Code {
	case syntax.ErrInvalidPerlOp, syntax.ErrInvalidNamedCapture, syntax.ErrMissingRepeatArgument:
		for _, f := range pcreFeatures {
			if strings.HasPrefix(se.Expr, f.prefix) {
				return f.name
			}
		}
	case syntax.ErrInvalidEscape:
		if len(se.Expr) == 2 && '1' <= se.Expr[1] && se.Expr[1] <= '9' {
			return "a back-reference"
		}
	case syntax.ErrInvalidRepeatOp:
		if strings.HasSuffix(se.Expr, "+") {
			return "a possessive repetition"
		}
	}
	return ""
}

var pcreFeatures = []struct{ prefix, name string }{
	{"(?=", "look-ahead"},
	{"(?!", "look-ahead"},
	{"(?<=", "look-behind"},
	{"(?<!", "look-behind"},
	{"(?>", "an atomic group"},
	{"(?(", "a conditional group"},
	{"(?R", "recursion"},
	{"(?#", "a comment"},
}

func regexpHint(expr string, se *syntax.Error) string {
	switch {
	case pcreOnly(expr, se) != "":
		return "write it without, for example as two comparisons joined by AND or AND NOT; the syntax is that of RE2"
	case se.Code == syntax.ErrInvalidEscape:
		return "to match a backslash write two in the expression, which are four in a quoted string"
	case se.Code == syntax.ErrInvalidRepeatSize || se.Code == syntax.ErrLarge:
		return "repeat at most 1000 times"
	case se.Code == syntax.ErrMissingParen || se.Code == syntax.ErrUnexpectedParen:
		return "to match a parenthesis itself put a backslash before it"
	}
	return "the syntax is that of RE2"
}

// clip shortens s to about n bytes for a message.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n] + "..."
}
