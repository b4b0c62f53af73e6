// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package standard lists the drivers of data sources that the kestrel command
// knows, for programs that want the same.
package standard

import (
	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/datasource/stixbundle"
)

// Drivers returns a new registry with all of them:
//
//	STIX bundles   file:// http:// https://
func Drivers() *datasource.Registry {
	r := new(datasource.Registry)
	for _, d := range []datasource.Driver{
		&stixbundle.Driver{},
	} {
		if err := r.Add(d); err != nil {
			panic(err) // two drivers of this list claim one scheme
		}
	}
	return r
}
