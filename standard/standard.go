// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package standard lists the drivers of data sources that the kestrel command
// knows, for programs that want the same.
package standard

import (
	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/datasource/bridge"
	"github.com/kestrelhunt/kestrel/datasource/elastic"
	"github.com/kestrelhunt/kestrel/datasource/profile"
	"github.com/kestrelhunt/kestrel/datasource/stixbundle"
)

// Drivers returns a new registry with all of them:
//
//	STIX bundles            file:// http:// https://
//	stix-shifter profiles   stixshifter://
func Drivers() *datasource.Registry {
	r := new(datasource.Registry)
	for _, d := range []datasource.Driver{
		&stixbundle.Driver{},
		Profiles(),
	} {
		if err := r.Add(d); err != nil {
			panic(err) // two drivers of this list claim one scheme
		}
	}
	return r
}

// Profiles returns the driver of stixshifter://, with the connectors that
// profiles may name: ours, and through the user's Python all other modules of
// stix-shifter.
//
//	elastic_ecs   Elasticsearch and OpenSearch
//	stix_bundle   STIX bundles
func Profiles() *profile.Driver {
	return &profile.Driver{
		Connectors: []datasource.Connector{
			&elastic.Connector{},
			&stixbundle.Connector{},
		},
		Bridge: &bridge.Connector{},
	}
}
