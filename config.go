// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package kestrel

import (
	"cmp"
	"log/slog"
	"os"
	"time"

	"github.com/google/uuid"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/config"
)

// Config configures a Session. The zero Config works: it knows no data sources.
type Config struct {
	// Drivers are the data sources the session can ask; package standard has
	// those that the command knows.
	Drivers *datasource.Registry

	// Dir is where relative paths start; "" means the process's working
	// directory when the session is made.
	Dir string

	// HuntDir is where a file that is missing in Dir is looked for: the folder
	// of the hunt. It may be "".
	HuntDir string

	// TempDir is where the session makes its folder, if it needs one; "" means
	// the system's folder for temporary files.
	TempDir string

	// ID names the session: letters, digits, _ and -, at most 128; "" means one
	// that no other session has. A session with the id of one that left its
	// folder behind uses that folder.
	ID string

	// Folder says where the session keeps files; the zero Folder will do.
	Folder Folder

	// Debug makes the session keep what helps to find a fault: its folder, which
	// is made at once and stays, and in it a log in detail. A link in TempDir
	// leads to the folder of the session that began last.
	Debug bool

	// Now is the clock of hunts: LAST and default time ranges count back from
	// it. It may stand still, and on another day; nil means the system's.
	Now func() time.Time

	// Clock is the clock of the world: it measures how long blocks take and how
	// long servers are left alone. nil means Now, so that a session with a clock
	// that stands still says the same at each run.
	Clock func() time.Time

	// Environ are the variables of the environment, each as NAME=value; nil
	// means those of the process when the session is made. Of one whose name
	// begins with KESTREL or kestrel, a value that is a path of something in Dir
	// is taken as its absolute path. The process's own are never changed.
	Environ []string

	// DefaultVariable receives every result as well; "" means "_".
	DefaultVariable string

	// DefaultScheme is that of data sources named without one; "" means
	// "stixshifter".
	DefaultScheme string

	// SortAscending makes SORT without ASC or DESC ascending.
	SortAscending bool

	// Widen widens the time ranges that are derived from variables; nil means by
	// five minutes at both ends.
	Widen *entity.Offsets

	// Completion says when further records of what a step found are asked for;
	// nil means what DefaultCompletion returns.
	Completion *Completion

	// NoSummary leaves out the summary at the end of each block.
	NoSummary bool

	// MemoryLimit bounds the memory of the session's tables, in bytes; 0 means
	// a limit that suits the machine. Larger tables are spilled to TempDir.
	MemoryLimit int64

	// Progress is told how far a long reading is; nil is fine.
	Progress datasource.Progress

	// Log receives what the session does, besides the file in its folder; nil
	// means that nothing else does. Credentials are masked in both.
	Log *slog.Logger
}

// A Folder says where a session keeps files: pages of web servers, and its log.
// They are made when they are needed first, and removed by Close.
type Folder struct {
	// Path is the folder. One that exists is used and never removed, and its log
	// is written from the start; one that is missing is made, and removed by
	// Close. "" means the folder in TempDir named after Prefix, user and ID.
	Path string

	Prefix string // of the name in TempDir; "" means "kestrel-session-"
	Log    string // name of the log; "" means "session.log"

	// These count in debug mode.
	Link   string // prefix of the link, before the user's name; "" means "kestrel-"
	Marker string // file that marks the folder of a closed session; "" means "session.exited"
	Keep   int    // how many such folders are kept; 0 means 3, less than 0 none
}

// Completion says when further records of found entities are asked for.
type Completion = config.Completion

// DefaultCompletion returns what a Session does without Config.Completion: after
// GET and FIND, except for files, accounts and assets.
func DefaultCompletion() Completion { return config.Defaults().Completion }

// fill puts defaults in the place of what is not set.
func (c *Config) fill() {
	preset := config.Defaults()
	if c.Drivers == nil {
		c.Drivers = new(datasource.Registry)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Clock == nil {
		c.Clock = c.Now
	}
	if c.Environ == nil {
		c.Environ = os.Environ()
	}
	c.Environ = config.Absolute(c.Environ, c.Dir)
	if c.Widen == nil {
		c.Widen = &entity.Offsets{Begin: preset.StartOffset, End: preset.StopOffset}
	}
	if c.Completion == nil {
		c.Completion = &preset.Completion
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.TempDir = cmp.Or(c.TempDir, os.TempDir())
	c.ID = cmp.Or(c.ID, uuid.NewString())
	c.Folder.Prefix = cmp.Or(c.Folder.Prefix, preset.FolderPrefix)
	c.Folder.Log = cmp.Or(c.Folder.Log, preset.LogFile)
	c.Folder.Link = cmp.Or(c.Folder.Link, preset.DebugPrefix)
	c.Folder.Marker = cmp.Or(c.Folder.Marker, preset.ExitMarker)
	c.Folder.Keep = cmp.Or(c.Folder.Keep, int(preset.KeptSessions))
	c.DefaultVariable = cmp.Or(c.DefaultVariable, preset.DefaultVariable)
	c.DefaultScheme = cmp.Or(c.DefaultScheme, preset.DefaultSourceScheme)
}
