// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/match"
)

// csv reads a CSV file (RFC 4180) with a header row. What separates the fields
// is the character among comma, semicolon and tab that the header has most of.
func (l *loader) csv(c *content) error {
	r := csvReader{r: c.Reader, comma: separator(c.Reader), line: 1}
	header, err := r.fields(nil)
	if errors.Is(err, io.EOF) {
		return nil
	}
	var rows [][]string
	for err == nil {
		var fields []string
		if fields, err = r.fields(make([]string, 0, len(header))); err == nil && len(fields) != len(header) {
			err = invalidCSV("line %d has %d fields, the header has %d", r.start, len(fields), len(header))
		}
		if err == nil {
			rows = append(rows, fields)
		}
	}
	if !errors.Is(err, io.EOF) {
		return err
	}
	columns := make([]csvColumn, len(header))
	for i, name := range header {
		columns[i] = csvColumn{name: entity.CanonicalAttr(strings.TrimSpace(name)), kind: csvKind(rows, i)}
	}
	for _, fields := range rows {
		row := make([]entity.Attr, len(columns))
		for i, col := range columns {
			row[i] = entity.Attr{Name: col.name, Value: col.value(fields[i])}
		}
		if err := l.row(row); err != nil {
			return err
		}
	}
	return nil
}

func invalidCSV(format string, args ...any) error {
	return &ContentError{"invalid CSV: " + fmt.Sprintf(format, args...)}
}

// A csvReader splits CSV into rows. Unlike encoding/csv it keeps what stands in
// quotes as it is: a command line with CR LF in it must come back unchanged.
type csvReader struct {
	r           *bufio.Reader
	comma       byte
	line, start int // of the next byte, and of the last row
	buf         []byte
}

// fields appends the fields of the next row that is not empty to dst. The error
// at the end is io.EOF.
func (c *csvReader) fields(dst []string) ([]string, error) {
	for {
		b, err := c.r.ReadByte()
		if err != nil {
			return nil, err
		}
		switch b {
		case '\n':
			c.line++
			continue
		case '\r':
			continue
		}
		if err := c.r.UnreadByte(); err != nil {
			return nil, err
		}
		break
	}
	c.start = c.line
	for {
		field, more, err := c.field()
		if err != nil {
			return nil, err
		}
		if dst = append(dst, field); !more {
			return dst, nil
		}
	}
}

// field reads a field and what ends it; more says that it is not the last one of
// its row.
func (c *csvReader) field() (field string, more bool, err error) {
	c.buf = c.buf[:0]
	quoted := false
	for {
		b, err := c.r.ReadByte()
		switch {
		case errors.Is(err, io.EOF) && !quoted:
			return string(bytes.TrimSuffix(c.buf, []byte("\r"))), false, nil
		case errors.Is(err, io.EOF):
			return string(c.buf), false, nil
		case err != nil:
			return "", false, err
		case b == '"' && len(c.buf) == 0 && !quoted:
			if err := c.quoted(); err != nil {
				return "", false, err
			}
			quoted = true
		case b == c.comma:
			return string(c.buf), true, nil
		case b == '\n':
			c.line++
			return string(c.buf), false, nil
		case b == '\r' && c.next('\n'):
		case quoted:
			return "", false, invalidCSV("line %d has text behind a closing quote", c.line)
		default:
			c.buf = append(c.buf, b)
		}
	}
}

// quoted reads up to the closing quote.
func (c *csvReader) quoted() error {
	from := c.line
	for {
		b, err := c.r.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return invalidCSV("the quote of line %d is not closed", from)
		case err != nil:
			return err
		case b == '"' && !c.next('"'):
			return nil
		case b == '"':
			if _, err := c.r.Discard(1); err != nil {
				return err
			}
		case b == '\n':
			c.line++
		}
		c.buf = append(c.buf, b)
	}
}

// next reports whether the next byte is b.
func (c *csvReader) next(b byte) bool {
	head, _ := c.r.Peek(1)
	return len(head) == 1 && head[0] == b
}

// separator looks at the first line.
func separator(r *bufio.Reader) byte {
	head, _ := r.Peek(4096)
	line, _, _ := strings.Cut(string(head), "\n")
	best := byte(',')
	for _, c := range []byte{';', '\t'} {
		if strings.Count(line, string(rune(c))) > strings.Count(line, string(rune(best))) {
			best = c
		}
	}
	return best
}

// A csvColumn has the kind that all its fields have: a CSV file does not say
// kinds, and text that looks like a number in one row only is text.
type csvColumn struct {
	name string
	kind entity.Kind // Bool, Int (also for floats), JSON or String
}

func csvKind(rows [][]string, i int) entity.Kind {
	isBool, isNumber, isJSON, some := true, true, true, false
	for _, fields := range rows {
		f := fields[i]
		if f == "" {
			continue
		}
		some = true
		isBool = isBool && (strings.EqualFold(f, "true") || strings.EqualFold(f, "false"))
		isNumber = isNumber && plainNumber(f)
		isJSON = isJSON && (f[0] == '[' || f[0] == '{') && json.Valid([]byte(f))
		if !isBool && !isNumber && !isJSON {
			return entity.String
		}
	}
	switch {
	case !some:
		return entity.String
	case isBool:
		return entity.Bool
	case isNumber:
		return entity.Int
	}
	return entity.JSON
}

// plainNumber reports whether text is a number and nothing is lost if it is
// taken for one: no code such as 007 or +1.
func plainNumber(f string) bool {
	digits := strings.TrimPrefix(f, "-")
	if !match.LooksNumeric(f) || digits[0] == '+' {
		return false
	}
	return len(digits) == 1 || digits[0] != '0' || digits[1] < '0' || digits[1] > '9'
}

// value returns a field as a value; an empty one is none.
func (c *csvColumn) value(field string) entity.Value {
	if field == "" {
		return entity.Value{}
	}
	switch c.kind {
	case entity.Bool:
		return entity.BoolValue(strings.EqualFold(field, "true"))
	case entity.JSON:
		return entity.JSONValue(field)
	case entity.Int:
		if n, err := strconv.ParseInt(field, 10, 64); err == nil {
			return entity.IntValue(n)
		}
		if f, err := strconv.ParseFloat(field, 64); err == nil {
			return entity.FloatValue(f)
		}
	}
	return entity.StringValue(field)
}

// A csvWriter writes rows as CSV: text in quotes, numbers and booleans without,
// nulls empty.
type csvWriter struct {
	w       io.Writer
	columns int
	buf     []byte
}

func (c *csvWriter) head(columns []Attribute) error {
	c.columns = len(columns)
	for i, col := range columns {
		if i > 0 {
			c.buf = append(c.buf, ',')
		}
		c.buf = appendField(c.buf, col.Name)
	}
	return c.line()
}

func (c *csvWriter) row(row []entity.Value) error {
	for i, v := range row {
		if i > 0 {
			c.buf = append(c.buf, ',')
		}
		switch v.Kind() {
		case entity.Null:
		case entity.String, entity.JSON:
			c.buf = appendField(c.buf, v.Text())
		default:
			c.buf = append(c.buf, v.String()...)
		}
	}
	return c.line()
}

func (c *csvWriter) line() error {
	c.buf = append(c.buf, '\n')
	_, err := c.w.Write(c.buf)
	c.buf = c.buf[:0]
	return err
}

func (c *csvWriter) end() error { return nil }

func appendField(dst []byte, text string) []byte {
	dst = append(dst, '"')
	dst = append(dst, strings.ReplaceAll(text, `"`, `""`)...)
	return append(dst, '"')
}
