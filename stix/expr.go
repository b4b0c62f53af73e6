// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"time"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
)

// An Expr is a boolean tree of comparisons: what stands between the brackets of
// a STIX observation expression (STIX 2.1, 9.6 comparison expressions), and what stands after WHERE
// in a hunt. The set is closed: *Logic, *Comparison, *Exists.
//
// Trees are immutable: whoever changes one builds a new one.
//
//sumtype:decl
type Expr interface {
	Span() diag.Span
	exprNode()
}

// LogicOp joins two expressions.
type LogicOp uint8

// The logic operators. AND binds tighter than OR.
const (
	And LogicOp = iota
	Or
)

// String returns "AND" or "OR".
func (op LogicOp) String() string { return [...]string{"AND", "OR"}[op] }

// A Logic is X AND Y, or X OR Y. Chains lean to the left.
type Logic struct {
	Op   LogicOp
	X, Y Expr
}

// Op is a comparison operator.
type Op uint8

// The operators of a Comparison. "==" is read as Equal. IsNull is of hunts only
// (pid IS NULL); with Not it is IS NOT NULL.
const (
	Equal Op = iota
	NotEqual
	Less
	LessEqual
	Greater
	GreaterEqual
	In
	Like
	Matches
	IsSubset
	IsSuperset
	IsNull
)

var opText = [...]string{"=", "!=", "<", "<=", ">", ">=", "IN", "LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET", "IS NULL"}

// String returns the operator as STIX writes it.
func (op Op) String() string { return opText[op] }

// Mode says how values are compared. The zero Mode is that of STIX: kinds must
// agree (STIX 2.1, 9.6). A hunt's comparisons coerce: a number and text that looks like a number
// compare as numbers, a boolean compares with the words true and false and with
// 1 and 0.
type Mode struct {
	Coerce bool // compare across kinds as package match documents
	Fold   bool // compare text without regard to case
}

// A Comparison tests the values at a path: Path [NOT] Op Value.
type Comparison struct {
	Path  Path
	Not   bool
	Op    Op
	Value Operand // nil for IsNull
	Mode  Mode
	At    diag.Span // the whole comparison
	OpAt  diag.Span // the operator, with its NOT
}

// An Exists tests whether a path has a value: EXISTS Path, or NOT EXISTS Path.
type Exists struct {
	Path Path
	Not  bool
	At   diag.Span
}

// Span returns the span of both sides.
func (e *Logic) Span() diag.Span {
	first, last := e.X, e.Y
	for x, ok := first.(*Logic); ok; x, ok = first.(*Logic) {
		first = x.X
	}
	for y, ok := last.(*Logic); ok; y, ok = last.(*Logic) {
		last = y.Y
	}
	return first.Span().Cover(last.Span())
}

// Span returns the span of the comparison.
func (e *Comparison) Span() diag.Span { return e.At }

// Span returns the span of the test.
func (e *Exists) Span() diag.Span { return e.At }

func (*Logic) exprNode()      {}
func (*Comparison) exprNode() {}
func (*Exists) exprNode()     {}

// A Path leads from an object to values: type, then steps (STIX 2.1, 9.7 object path syntax).
// In a hunt Type may be empty: the type that the command returns.
type Path struct {
	Type  string
	Steps []Step
	At    diag.Span
}

// A Step goes to a property by its Name, or into a list: to one element, or to
// every one.
type Step struct {
	Kind  StepKind
	Name  string // of a Key
	Index int    // of an Index
}

// StepKind is the kind of a Step.
type StepKind uint8

// The kinds of steps.
const (
	Key   StepKind = iota // .name or .'quoted name'
	Index                 // [3]
	Star                  // [*]
)

// An Operand is the right side of a comparison. The set is closed: *Literal,
// *List, and in hunts *Reference.
//
//sumtype:decl
type Operand interface {
	Span() diag.Span
	operandNode()
}

// A Literal is a constant.
type Literal struct {
	Kind  LiteralKind
	Value entity.Value // text, number or boolean; for TimeLit, HexLit and BinaryLit the text inside the quotes
	Time  time.Time    // of a TimeLit
	Bytes []byte       // of a HexLit or BinaryLit
	Raw   string       // as it was written, for the formatter; may be empty in trees built by programs
	At    diag.Span
}

// LiteralOf returns v as a literal at a place.
func LiteralOf(v entity.Value, at diag.Span) *Literal {
	kind := StringLit
	switch v.Kind() {
	case entity.Bool:
		kind = BoolLit
	case entity.Int:
		kind = IntLit
	case entity.Float:
		kind = FloatLit
	}
	return &Literal{Kind: kind, Value: v, At: at}
}

// LiteralKind tells how a literal was written.
type LiteralKind uint8

// The kinds of literals. A WordLit is a bare word in a hunt (name = cmd): text.
const (
	StringLit LiteralKind = iota
	IntLit
	FloatLit
	BoolLit
	TimeLit
	HexLit
	BinaryLit
	WordLit
)

// A List is (a, b, ...). Lists do not nest in the tree: a parser that accepts
// nested ones flattens them.
type List struct {
	Items []Operand // *Literal or *Reference
	At    diag.Span
}

// A Reference stands for the values of an attribute of a variable: procs.pid.
type Reference struct {
	Variable string
	Attr     string // canonical attribute name
	At       diag.Span
	VarAt    diag.Span // of the variable's name
}

// Span returns the span of the literal.
func (l *Literal) Span() diag.Span { return l.At }

// Span returns the span of the list with its parentheses.
func (l *List) Span() diag.Span { return l.At }

// Span returns the span of the reference.
func (r *Reference) Span() diag.Span { return r.At }

func (*Literal) operandNode()   {}
func (*List) operandNode()      {}
func (*Reference) operandNode() {}
