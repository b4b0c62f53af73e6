// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"
)

// An Observed is one observed-data object as patterns are matched against it:
// Count observations of its objects, at times unknown between First and Last
// (STIX 2.0 part 2, 2.5; STIX 2.1, 4.14).
//
// The values in it are those of JSON: nil, bool, int64, float64, string, []any,
// map[string]any.
type Observed struct {
	ID          string
	First, Last time.Time
	Count       int64
	Objects     []ObservedObject // in the order of their keys

	refs map[string]map[string]any // what references lead to, by key
}

// An ObservedObject is one cyber-observable object.
type ObservedObject struct {
	Key        string // "0" in STIX 2.0, the object's id in 2.1
	Type       string
	Properties map[string]any
}

// ReadObserved decodes observed-data: an observed-data object, a bundle of STIX
// 2.0 or 2.1, or a list of such. Records keep their order. An observed-data of
// STIX 2.1 has the objects of its bundle that object_refs names, and references
// lead to these only (STIX 2.1, 9.7.4). Other objects of bundles are passed over.
//
// It is made for single records and small files, all in memory, and gives an
// error where a record breaks the standard; whoever reads telemetry uses the
// bundle reader.
func ReadObserved(data []byte) ([]Observed, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var raw any
	if err := dec.Decode(&raw); err != nil {
		return nil, fmt.Errorf("stix: read observed-data: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("stix: read observed-data: text after the JSON value")
	}
	list, ok := raw.([]any)
	if !ok {
		list = []any{raw}
	}
	var r observedReader
	for i, item := range list {
		if err := r.item(plainNumbers(item)); err != nil {
			return nil, fmt.Errorf("stix: read observed-data: item %d: %w", i, err)
		}
	}
	return r.observed, nil
}

// plainNumbers replaces each json.Number by an int64 or, if it is none, by a
// float64.
func plainNumbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return n
		}
		f, _ := strconv.ParseFloat(v.String(), 64) // out of range gives an infinity, as good as any
		return f
	case []any:
		for i := range v {
			v[i] = plainNumbers(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = plainNumbers(v[name])
		}
	}
	return v
}

type observedReader struct{ observed []Observed }

// item reads an element of the outer list.
func (r *observedReader) item(v any) error {
	object, ok := v.(map[string]any)
	if !ok {
		return errors.New("want an object")
	}
	if object["type"] == "bundle" {
		return r.bundle(object)
	}
	return r.record(object, nil)
}

func (r *observedReader) bundle(bundle map[string]any) error {
	list, _ := bundle["objects"].([]any) // a bundle may be empty
	beside := make(map[string]map[string]any)
	var records []map[string]any
	for i, item := range list {
		object, ok := item.(map[string]any)
		if !ok {
			return fmt.Errorf("bundle: object %d: want an object", i)
		}
		if object["type"] == "observed-data" {
			records = append(records, object)
		} else if id, ok := object["id"].(string); ok {
			beside[id] = object
		}
	}
	for _, record := range records {
		if err := r.record(record, beside); err != nil {
			return fmt.Errorf("bundle: %w", err)
		}
	}
	return nil
}

// record reads one observed-data; beside holds the other objects of its bundle.
func (r *observedReader) record(raw map[string]any, beside map[string]map[string]any) error {
	o := Observed{Count: 1}
	o.ID, _ = raw["id"].(string)
	var err error
	if o.First, err = timeProperty(raw, "first_observed"); err != nil {
		return err
	}
	if o.Last, err = timeProperty(raw, "last_observed"); err != nil {
		return err
	}
	if o.Last.Before(o.First) {
		return errors.New("last_observed is before first_observed")
	}
	if n, ok := raw["number_observed"]; ok {
		if o.Count, ok = n.(int64); !ok || o.Count < 1 {
			return errors.New("number_observed is no integer of at least 1")
		}
	}
	if refs, ok := raw["object_refs"].([]any); ok {
		o.byRefs(refs, beside)
	} else if err := o.byKeys(raw["objects"]); err != nil {
		return err
	}
	slices.SortFunc(o.Objects, func(a, b ObservedObject) int { return cmp.Compare(a.Key, b.Key) })
	r.observed = append(r.observed, o)
	return nil
}

func timeProperty(raw map[string]any, name string) (time.Time, error) {
	text, ok := raw[name].(string)
	if !ok {
		return time.Time{}, fmt.Errorf("%s is no string", name)
	}
	t, err := ParseTime(text)
	if err != nil {
		return time.Time{}, fmt.Errorf("%s: %s", name, timeMessage(err))
	}
	return t, nil
}

// byRefs takes the objects that STIX 2.1 names in object_refs. A name that is
// met by no object is passed over.
func (o *Observed) byRefs(refs []any, beside map[string]map[string]any) {
	o.refs = make(map[string]map[string]any, len(refs))
	for _, ref := range refs {
		id, ok := ref.(string)
		object := beside[id]
		if _, twice := o.refs[id]; ok && object != nil && !twice {
			o.refs[id] = object
			o.add(id, object)
		}
	}
}

// byKeys takes the objects that STIX 2.0 holds inside.
func (o *Observed) byKeys(objects any) error {
	byKey, ok := objects.(map[string]any)
	if !ok {
		return errors.New("there are neither objects nor object_refs")
	}
	o.refs = make(map[string]map[string]any, len(byKey))
	for key, v := range byKey {
		object, ok := v.(map[string]any)
		if !ok {
			return fmt.Errorf("object %q: want an object", key)
		}
		o.refs[key] = object
		o.add(key, object)
	}
	return nil
}

func (o *Observed) add(key string, object map[string]any) {
	typ, _ := object["type"].(string)
	o.Objects = append(o.Objects, ObservedObject{Key: key, Type: typ, Properties: object})
}
