// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/kestrelhunt/kestrel/entity"
)

// json reads a JSON array of objects or of texts, or objects one after the other
// as log files have them.
func (l *loader) json(c *content) error {
	in := &lineCounter{r: c.Reader}
	dec := jsontext.NewDecoder(in, jsontext.AllowDuplicateNames(true))
	if err := l.jsonRows(dec); err != nil {
		return in.place(dec, err)
	}
	return nil
}

func (l *loader) jsonRows(dec *jsontext.Decoder) error {
	if dec.PeekKind() == '[' {
		if _, err := dec.ReadToken(); err != nil {
			return err
		}
	}
	for {
		switch dec.PeekKind() {
		case ']':
			if _, err := dec.ReadToken(); err != nil {
				return err
			}
			continue
		case '{', '"', 0:
		default:
			return errNoRows
		}
		value, err := dec.ReadValue()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if value.Kind() == '"' {
			err = l.text(jsonValue(value))
		} else {
			err = l.jsonRow(value)
		}
		if err != nil {
			return err
		}
	}
}

var errNoRows = errors.New("want a JSON array of objects or of texts")

// A lineCounter counts the lines that are read through it.
type lineCounter struct {
	r     io.Reader
	lines int
}

func (c *lineCounter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.lines += bytes.Count(p[:n], []byte{'\n'})
	return n, err
}

// place says where in the text a decoder found that it is no JSON, or that it
// holds no rows. Other errors stay as they are.
func (c *lineCounter) place(dec *jsontext.Decoder, err error) error {
	unread := dec.UnreadBuffer()
	cause, what := err, "invalid JSON"
	syntax, ok := errors.AsType[*jsontext.SyntacticError](err)
	switch {
	case ok:
		skip := syntax.ByteOffset - dec.InputOffset()
		unread = unread[min(max(skip, 0), int64(len(unread))):]
		cause = syntax.Err
	case errors.Is(err, errNoRows):
		what = "invalid rows"
	default:
		return err
	}
	line := c.lines - bytes.Count(unread, []byte{'\n'}) + 1
	return &ContentError{fmt.Sprintf("%s in line %d: %v", what, line, cause)}
}

// jsonRow takes an object. Its names are those of attributes; an object inside it
// is taken apart, except in entities of custom types.
func (l *loader) jsonRow(value jsontext.Value) error {
	members, err := membersOf(value)
	if err != nil {
		return err
	}
	typ := l.typ
	for _, m := range members {
		if m.name == "type" && m.value.Kind() == '"' {
			typ = jsonValue(m.value).Text()
		}
	}
	var row []entity.Attr
	for _, m := range members {
		name := entity.CanonicalAttr(m.name)
		if m.value.Kind() != '{' || strings.HasPrefix(typ, "x-") {
			row = append(row, entity.Attr{Name: name, Value: jsonValue(m.value)})
			continue
		}
		if row, err = flatten(row, name, m.value, 0); err != nil {
			return err
		}
	}
	return l.row(row)
}

// maxNesting is how deep objects are taken apart; what is deeper stays JSON.
const maxNesting = 32

// flatten appends the members of an object as attributes below a name.
func flatten(row []entity.Attr, name string, value jsontext.Value, depth int) ([]entity.Attr, error) {
	members, err := membersOf(value)
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		inner := string(entity.AppendAttrName([]byte(name), m.name))
		if m.value.Kind() != '{' || depth == maxNesting {
			row = append(row, entity.Attr{Name: inner, Value: jsonValue(m.value)})
			continue
		}
		if row, err = flatten(row, inner, m.value, depth+1); err != nil {
			return nil, err
		}
	}
	return row, nil
}

type member struct {
	name  string
	value jsontext.Value
}

// membersOf returns the members of an object in order; of several with one name
// the last.
func membersOf(object jsontext.Value) ([]member, error) {
	dec := jsontext.NewDecoder(strings.NewReader(string(object)), jsontext.AllowDuplicateNames(true))
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	var out []member
	at := make(map[string]int)
	for dec.PeekKind() != '}' {
		token, err := dec.ReadToken()
		if err != nil {
			return nil, err
		}
		name := token.String()
		value, err := dec.ReadValue()
		if err != nil {
			return nil, err
		}
		if i, ok := at[name]; ok {
			out[i].value = value.Clone()
			continue
		}
		at[name] = len(out)
		out = append(out, member{name, value.Clone()})
	}
	return out, nil
}

// jsonValue returns a JSON value as a value; a list or an object stays JSON.
func jsonValue(v jsontext.Value) entity.Value {
	switch v.Kind() {
	case '"':
		if text, err := jsontext.AppendUnquote(nil, v); err == nil {
			return entity.StringValue(string(text))
		}
	case 't', 'f':
		return entity.BoolValue(v.Kind() == 't')
	case '0':
		if n, err := strconv.ParseInt(string(v), 10, 64); err == nil {
			return entity.IntValue(n)
		}
		if f, err := strconv.ParseFloat(string(v), 64); err == nil {
			return entity.FloatValue(f)
		}
	case '[', '{':
		v = v.Clone()
		if err := v.Compact(); err == nil {
			return entity.JSONValue(string(v))
		}
	}
	return entity.Value{}
}

// A jsonWriter writes rows as an array of objects, nulls as null.
type jsonWriter struct {
	w     io.Writer
	names [][]byte
	rows  int
	buf   []byte
}

func (j *jsonWriter) head(columns []Attribute) error {
	for _, c := range columns {
		name, err := jsontext.AppendQuote(nil, c.Name)
		if err != nil {
			return err
		}
		j.names = append(j.names, name)
	}
	_, err := io.WriteString(j.w, "[")
	return err
}

func (j *jsonWriter) row(row []entity.Value) error {
	j.buf = j.buf[:0]
	if j.rows > 0 {
		j.buf = append(j.buf, ',')
	}
	j.rows++
	j.buf = append(j.buf, "\n{"...)
	for i, v := range row {
		if i > 0 {
			j.buf = append(j.buf, ',')
		}
		text, err := v.MarshalJSON()
		if err != nil {
			return err
		}
		j.buf = append(append(append(j.buf, j.names[i]...), ':'), text...)
	}
	j.buf = append(j.buf, '}')
	_, err := j.w.Write(j.buf)
	return err
}

func (j *jsonWriter) end() error {
	end := "]\n"
	if j.rows > 0 {
		end = "\n]\n"
	}
	_, err := io.WriteString(j.w, end)
	return err
}
