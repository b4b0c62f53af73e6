// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package datasource

import (
	"context"
	"fmt"
	"time"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/secret"
)

// A Connector opens sources of one product. The driver of the scheme
// stixshifter:// finds the connector of a profile by name and leaves the rest to
// it: connectors know neither files nor environment. Its methods may be called
// concurrently.
type Connector interface {
	// Names are the names by which profiles choose it: "elastic_ecs".
	Names() []string

	// Open returns the source of one profile. It checks the settings that are
	// its own, and does no I/O: a product that cannot be reached fails when it is
	// planned or run. What it cannot use is a Failure of kind
	// InvalidConfiguration.
	Open(ctx context.Context, p Profile, env Env) (Source, error)
}

// A Profile is one configured source, as a connector gets it: names are checked,
// variables of the environment are put in, defaults are filled in, and what is
// secret has the type secret.String.
type Profile struct {
	Name      string   // in lower case; it stands in Count.Source and messages
	Connector string   // "elastic_ecs", in lower case, without dialects
	Dialects  []string // the dialects to use, in order; empty means the connector's own choice

	// Connection says where the product is: host, port, indices,
	// selfSignedCert. The options in it are taken out.
	Connection Settings

	// Options are the connector's own; those that are read below are taken out.
	Options Settings

	// Auth are the credentials: all its texts are secrets.
	Auth Settings

	// BatchSize is how many records to ask for in one page.
	BatchSize int

	// ResultLimit is how many records one native query may bring, where the
	// product wants to be told; a query that brings exactly as many is cut.
	ResultLimit int

	// Timeout is how long one call may take.
	Timeout time.Duration

	// CoolDown is how long to wait before each status and page request.
	CoolDown time.Duration

	// Window is how far back to look if a question has no time range; 0 means
	// without end. A source that fills it in says so with a Note of code
	// diag.DefaultedWindow (see DefaultedNote).
	Window time.Duration

	// AllowDev lets the bridge use modules of a version other than that of the
	// library.
	AllowDev bool
}

// The values of a profile that does not say.
const (
	DefaultBatchSize   = 2000
	DefaultResultLimit = 10000
	DefaultTimeout     = 60 * time.Second
	DefaultWindow      = 5 * time.Minute
)

// A Pinger is a Source that can find out whether its product answers.
type Pinger interface {
	Source

	// Ping makes the smallest request that shows that the product is there and
	// takes the credentials. It returns one line about the product, such as
	// "OpenSearch 3.4.0, cluster docker".
	Ping(ctx context.Context) (string, error)
}

// A Lister is a Driver that knows the names of the sources it can open.
type Lister interface {
	Driver

	// List returns the names, sorted, to be written behind one of the driver's
	// schemes.
	List(ctx context.Context, env Env) ([]string, error)
}

// A Guard is a Driver that knows credentials, so that others can keep them out of
// what they write.
type Guard interface {
	Driver

	// Secrets returns all that are configured now.
	Secrets(env Env) []secret.String
}

// DefaultedNote returns the note for a question without a time range that was
// asked for the time since d before now.
func DefaultedNote(d time.Duration) Note {
	return Note{
		Code:    diag.DefaultedWindow,
		Message: fmt.Sprintf("no time range was given, so only the last %s were searched", spell(d)),
		Hint:    "add START ... STOP ... or LAST 1 DAY to the step, or set options.time_range of the profile, in minutes",
	}
}

// spell writes a duration as people say it, in whole minutes if it is that.
func spell(d time.Duration) string {
	switch {
	case d == time.Minute:
		return "minute"
	case d%time.Minute == 0:
		return fmt.Sprintf("%d minutes", d/time.Minute)
	}
	return d.String()
}
