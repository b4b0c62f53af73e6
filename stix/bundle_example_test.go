// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stix_test

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/stix"
)

func ExampleBundleReader() {
	const bundle = `{"type": "bundle", "id": "bundle--1", "spec_version": "2.0", "objects": [
	  {"type": "observed-data", "id": "observed-data--1", "number_observed": 1,
	   "first_observed": "2023-03-01T00:00:00Z", "last_observed": "2023-03-01T00:00:00Z",
	   "objects": {"0": {"type": "process", "name": "cmd.exe", "binary_ref": "1"}, "1": {"type": "file", "hashes": {"SHA-1": "ab"}}}}]}`

	r := stix.NewBundleReader(strings.NewReader(bundle), stix.BundleOptions{Name: "example.json"})
	var rec entity.Record
	for {
		err := r.Read(&rec)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, o := range rec.Objects {
			for _, a := range o.Attrs {
				fmt.Println(o.Type, a.Name, a.Value)
			}
			for _, l := range o.Links {
				fmt.Println(o.Type, l.Name, "is a", rec.Objects[l.Target].Type)
			}
		}
	}
	// Output:
	// process name cmd.exe
	// process binary_ref is a file
	// file hashes.'SHA-1' ab
}
