// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"strconv"
	"time"
)

// writeSTIX20 writes an incident as a bundle of STIX 2.0: one identity, and one
// observed-data object for each event, one a line.
func writeSTIX20(w io.Writer, in *incident) error {
	out := bufio.NewWriter(w)
	ids := newDice(uint64(in.day.Unix()), "bundle")
	identity := stixIdentity{
		Type: "identity", ID: "identity--" + ids.uuid(), Created: stixTime(in.day), Modified: stixTime(in.day),
		Name: "sensors of corp.example.com", Class: "system",
	}
	out.WriteString(`{"type":"bundle","id":"bundle--` + ids.uuid() + `","spec_version":"2.0","objects":[` + "\n")
	if err := writeLine(out, identity); err != nil {
		return err
	}
	for _, e := range in.events {
		out.WriteString(",\n")
		if err := writeLine(out, observe(identity.ID, e)); err != nil {
			return err
		}
	}
	out.WriteString("\n]}\n")
	return out.Flush()
}

// writeLine writes a value as compact JSON; < > and & stand as they are.
func writeLine(w io.Writer, v any) error {
	text, err := compactJSON(v)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

func compactJSON(v any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimRight(buf.Bytes(), "\n"), nil
}

func stixTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// observe returns the record of an event.
func observe(creator string, e event) stixObservedData {
	h := e.head()
	last, count := h.at, 1
	o := &objects{host: h.host, plain: h.plain}
	switch e := e.(type) {
	case *processStart:
		o.processStart(e)
	case *connection:
		o.connection(e)
		last, count = e.last, e.count
	case *fileAccess:
		o.fileAccess(e)
	case *logon:
		o.logon(e)
	case *lookup:
		o.lookup(e)
	case *registrySet:
		o.registrySet(e)
	}
	return stixObservedData{
		Type: "observed-data", ID: "observed-data--" + h.id, CreatedBy: creator,
		Created: stixTime(last), Modified: stixTime(last),
		First: stixTime(h.at), Last: stixTime(last), Count: count, Objects: o,
	}
}

type stixIdentity struct {
	Type     string `json:"type"`
	ID       string `json:"id"`
	Created  string `json:"created"`
	Modified string `json:"modified"`
	Name     string `json:"name"`
	Class    string `json:"identity_class"`
}

type stixObservedData struct {
	Type      string   `json:"type"`
	ID        string   `json:"id"`
	CreatedBy string   `json:"created_by_ref"`
	Created   string   `json:"created"`
	Modified  string   `json:"modified"`
	First     string   `json:"first_observed"`
	Last      string   `json:"last_observed"`
	Count     int      `json:"number_observed"`
	Objects   *objects `json:"objects"`
}

// MarshalJSON writes the objects under the keys "0", "1" and so on, in order.
func (o *objects) MarshalJSON() ([]byte, error) {
	var buf bytes.Buffer
	buf.WriteByte('{')
	for i, object := range o.list {
		if i > 0 {
			buf.WriteByte(',')
		}
		buf.WriteString(strconv.Quote(strconv.Itoa(i)) + ":")
		text, err := compactJSON(object)
		if err != nil {
			return nil, err
		}
		buf.Write(text)
	}
	buf.WriteByte('}')
	return buf.Bytes(), nil
}
