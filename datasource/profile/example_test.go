// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package profile_test

import (
	"context"
	"fmt"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/datasource/profile"
)

// A program may define profiles by itself, instead of leaving that to its user.
func ExampleDriver() {
	d := &profile.Driver{
		Connectors: []datasource.Connector{&fake{names: []string{"fake"}}},
		Environ: func() []string {
			return []string{
				"STIXSHIFTER_HOST101_CONNECTOR=fake",
				`STIXSHIFTER_HOST101_CONNECTION={"host": "siem.example.com"}`,
				`STIXSHIFTER_HOST101_CONFIG={"auth": {"token": "t0ken"}}`,
			}
		},
	}
	names, err := d.List(context.Background(), datasource.Env{})
	fmt.Println(names, err)
	_, err = d.Open(context.Background(), []string{"stixshifter://host10"}, datasource.Env{})
	fmt.Println(err)
	// Output:
	// [host101] <nil>
	// no profile host10 is configured for stixshifter://
}
