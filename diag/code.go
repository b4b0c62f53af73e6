// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package diag

// A Code names one kind of problem. Codes are a contract with users and tools:
// never renamed, never reused. A test runs every example below that is marked
// as a hunt and fails unless it yields exactly the code that it documents.
type Code string

// Problems of the text: found by package syntax, before anything runs.
const (
	// UnexpectedToken means that the text departs from the grammar here.
	//
	// Example:
	//	FROM GET process
	UnexpectedToken Code = "unexpected-token"

	// UnexpectedCharacter means that a character begins no word of the language.
	//
	// Example:
	//	x = GET process FROM y WHERE pid ? 4
	UnexpectedCharacter Code = "unexpected-character"

	// UnterminatedString means that a line ends inside a string.
	//
	// Example:
	//	x = GET process FROM y WHERE name = 'cmd.exe
	UnterminatedString Code = "unterminated-string"

	// InvalidEscape means that a backslash sequence in a string is malformed.
	//
	// Example:
	//	x = GET process FROM y WHERE name = '\xZZ'
	InvalidEscape Code = "invalid-escape"

	// InvalidNumber means that a number does not fit, or is malformed.
	//
	// Example:
	//	DISP x LIMIT 99999999999999999999
	InvalidNumber Code = "invalid-number"

	// InvalidTime means that a timestamp names no moment that exists.
	//
	// Example:
	//	x = GET process FROM y WHERE pid = 4 START 2022-19-01T00:00:00Z STOP 2023-01-01T00:00:00Z
	InvalidTime Code = "invalid-time"

	// InvalidJSON means that the data of NEW is not what NEW can read.
	//
	// Example:
	//	x = NEW process [{"name": {"first": }}]
	InvalidJSON Code = "invalid-json"

	// TooDeep means that parentheses or brackets nest deeper than the parser allows.
	TooDeep Code = "too-deep"
)

// Problems of meaning: found by package sema, or when a step runs.
const (
	// UndefinedVariable means that a step reads a variable which no earlier
	// step has assigned.
	//
	// Example:
	//	DISP browsers
	UndefinedVariable Code = "undefined-variable"

	// UndefinedAttribute means that a variable's entities have no such attribute,
	// or that a step needs entities and the variable's rows are groups.
	//
	// Example:
	//	p = NEW process ["cmd.exe"]
	//	DISP p ATTR nosuch
	UndefinedAttribute Code = "undefined-attribute"

	// UndefinedRow means that WHY asks for a row that a variable does not have; it
	// is a warning if the variable has none and WHY asks for all.
	//
	// Example:
	//	p = NEW process ["cmd.exe"]
	//	WHY p[2]
	UndefinedRow Code = "undefined-row"

	// InvalidAttribute means that an attribute cannot stand here.
	//
	// Example:
	//	p = NEW process ["cmd.exe"]
	//	q = p WHERE name = p.nosuch
	InvalidAttribute Code = "invalid-attribute"

	// MissingSource means a GET without FROM before any source was used.
	//
	// Example:
	//	x = GET process WHERE pid = 4
	MissingSource Code = "missing-source"

	// MissingType means that NEW or LOAD was given data without an entity type.
	//
	// Example:
	//	x = NEW ["cmd.exe"]
	MissingType Code = "missing-type"

	// MixedTypes means that entities of one type were expected and several found.
	//
	// Example:
	//	a = NEW ipv4-addr ["10.0.0.1"]
	//	b = NEW domain-name ["example.com"]
	//	c = a + b
	MixedTypes Code = "mixed-types"

	// TypeMismatch means that a GET asks a variable for entities of another type.
	//
	// Example:
	//	p = NEW process ["cmd.exe"]
	//	f = GET file FROM p WHERE name = 'cmd.exe'
	TypeMismatch Code = "type-mismatch"

	// InvalidPattern means that a comparison cannot be made: a list without IN,
	// IN without a list, a reference without values, an invalid regular
	// expression, a network that is none.
	//
	// Example:
	//	p = NEW process ["cmd.exe"]
	//	q = p WHERE name = ('a', 'b')
	InvalidPattern Code = "invalid-pattern"

	// UnsupportedRelation means that FIND names a relation that does not hold
	// between the two types.
	//
	// Example:
	//	p = NEW process ["cmd.exe"]
	//	f = FIND url OWNED BY p
	UnsupportedRelation Code = "unsupported-relation"

	// UnknownType warns that an entity type is neither known nor met in the data.
	//
	// Example:
	//	p = NEW foo ["bar"]
	UnknownType Code = "unknown-type"

	// UnknownScheme means that no driver handles the scheme of a source or
	// analytics.
	//
	// Example:
	//	x = GET process FROM gopher://a WHERE pid = 4
	UnknownScheme Code = "unknown-scheme"

	// UnknownSource means that no source of that name is configured.
	//
	// Example:
	//	x = GET process FROM stixshifter://nosuch WHERE pid = 4
	UnknownSource Code = "unknown-source"

	// UnknownFormat means that LOAD or SAVE cannot tell the format of a file.
	//
	// Example:
	//	p = NEW process ["cmd.exe"]
	//	SAVE p TO p.docx
	UnknownFormat Code = "unknown-format"

	// MissingJoinKeys means a JOIN without BY.
	//
	// Example:
	//	p = NEW process ["cmd.exe"]
	//	j = JOIN p, p
	MissingJoinKeys Code = "missing-join-keys"

	// NotSupported means that the language has this step and this version of
	// the program cannot run it yet.
	NotSupported Code = "not-supported"
)

// Problems of running: sources, files, limits.
const (
	// SourceUnavailable means that a source could not be reached or read.
	SourceUnavailable Code = "source-unavailable"

	// SourceUnauthorized means that a source refused the credentials.
	SourceUnauthorized Code = "source-unauthorized"

	// SourceMisconfigured means that a source cannot be used as it is configured.
	SourceMisconfigured Code = "source-misconfigured"

	// InsecureSource warns that a source is asked although nothing shows that
	// it is the one that was meant: its certificate is not verified.
	InsecureSource Code = "insecure-source"

	// ClockSkew warns that the clock of a source differs from ours, so that
	// windows of time that end now may miss records.
	ClockSkew Code = "clock-skew"

	// UnmappedAttribute means that a source has none of the attributes that a
	// condition is about, or not all of them.
	UnmappedAttribute Code = "unmapped-attribute"

	// SourceFailed means that a source answered with something other than records.
	SourceFailed Code = "source-failed"

	// InvalidBundle means that a STIX bundle is malformed at some place; what was
	// read before that place is not used.
	InvalidBundle Code = "invalid-bundle"

	// SkippedObjects warns that parts of an answer could not be used, with counts.
	SkippedObjects Code = "skipped-objects"

	// DanglingReference warns that records refer to objects they do not hold.
	DanglingReference Code = "dangling-reference"

	// DefaultedWindow remarks that a time window was filled in by default.
	DefaultedWindow Code = "defaulted-window"

	// Truncated warns that an answer was cut.
	Truncated Code = "truncated"

	// FileFailed means that a file could not be read or written.
	//
	// Example:
	//	p = LOAD nosuch.csv
	FileFailed Code = "file-failed"

	// OutOfMemory means that a step needs more memory than its session may have.
	OutOfMemory Code = "out-of-memory"

	// InvalidConfiguration means that the settings of the session cannot be used
	// as they are written.
	InvalidConfiguration Code = "invalid-configuration"

	// DebugLinkOccupied means that the link to the folder of a session in debug
	// mode cannot be made: something else has its name.
	DebugLinkOccupied Code = "debug-link-occupied"

	// StepFailed means that a step failed in a way that has no code of its own.
	StepFailed Code = "step-failed"

	// Canceled means that the hunter or the program stopped the block.
	Canceled Code = "canceled"

	// InternalError means that an invariant of the program broke: a defect to
	// report.
	InternalError Code = "internal-error"
)
