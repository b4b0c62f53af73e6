// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// parseJSON reads the JSON object in a variable of the environment into a tree.
// Of two equal keys the last counts, as in the original.
func parseJSON(variable, text string) (*tree, error) {
	dec := json.NewDecoder(bytes.NewReader([]byte(text)))
	dec.UseNumber()
	var v any
	err := dec.Decode(&v)
	if err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("there is more text behind the object")
		}
	}
	if err != nil {
		return nil, &Error{
			Variable: variable,
			Message:  "this is no valid JSON: " + jsonReason(err),
			Hint:     "write a JSON object with double quotes, and the whole value in single quotes for the shell",
			Err:      err,
		}
	}
	t := jsonTree(place{variable: variable}, v)
	if t.kind != objectKind {
		return nil, &Error{Variable: variable, Message: fmt.Sprintf("expected a JSON object, found %s", t.describe())}
	}
	return t, nil
}

// jsonReason says what is wrong with a text without showing it.
func jsonReason(err error) string {
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF):
		return "it is empty"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "it ends too early"
	case errors.As(err, &syntax):
		return fmt.Sprintf("unexpected text at character %d", max(syntax.Offset, 1))
	}
	return err.Error()
}

func jsonTree(at place, v any) *tree {
	t := &tree{place: at}
	switch v := v.(type) {
	case map[string]any:
		t.kind = objectKind
		for _, k := range sortedKeys(v) {
			t.set(k, jsonTree(at, v[k]))
		}
	case []any:
		t.kind = listKind
		for _, item := range v {
			t.items = append(t.items, jsonTree(at, item))
		}
	case json.Number:
		t.text = v.String()
		if n, err := v.Int64(); err == nil {
			t.value = n
		} else if f, err := v.Float64(); err == nil {
			t.value = f
		} else {
			t.value = t.text // a number that no float holds
		}
	case string:
		t.text, t.value = v, v
	case bool:
		t.text, t.value = fmt.Sprint(v), v
	}
	return t
}
