// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

// Package folder keeps the folder of a session: where it lies, when it is made,
// and what becomes of it when the session ends.
//
// A folder that was given and is there belongs to whoever gave it, and is never
// removed. One that is made here is removed at the end. In debug mode it stays,
// marked as left; only some of those are kept, and a link leads to that of the
// session that began last. Nothing is made before it is asked for.
//
// The folder for temporary files is open to everyone, and names in it can be
// guessed: what belongs to another user, or is no folder, is never used.
package folder

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Options say where a folder lies. Temp, Prefix, User and ID must be set unless
// Path is; Link, Marker and Keep count in debug mode only.
type Options struct {
	Path string // given by the user; "" means Temp/PrefixUser-ID

	Temp   string // an existing folder
	Prefix string
	User   string // see User
	ID     string // see ValidID

	Debug  bool
	Link   string // name of the link in Temp
	Marker string // name of the file that says that a session has left its folder
	Keep   int    // how many folders that were left are kept
}

// A Folder is that of one session. Its methods must not be called concurrently.
type Folder struct {
	opts  Options
	path  string
	made  bool // it is there
	owned bool // it is ours to remove
	used  bool // it is no longer marked as left
	ended bool
}

var validID = regexp.MustCompile(`^[\w-]{1,128}$`)

// ValidID reports whether a session may have this id: letters, digits, _ and -,
// at most 128.
func ValidID(id string) bool { return validID.MatchString(id) }

// errForeign means that something of that name is there and not ours to use.
var errForeign = errors.New("it belongs to another user, or is no folder")

// Open finds out whether the folder is there. It makes nothing.
func Open(o Options) (*Folder, error) {
	f := &Folder{opts: o, path: o.Path}
	if o.Path == "" {
		if !ValidID(o.ID) {
			return nil, fmt.Errorf("folder: session id %q is not made of letters, digits, _ and -, up to 128", o.ID)
		}
		f.path = filepath.Join(o.Temp, o.Prefix+o.User+"-"+o.ID)
	}
	err := f.look()
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	return f, err
}

// look takes the folder as it is, if it is there.
func (f *Folder) look() error {
	stat := os.Lstat
	if f.opts.Path != "" {
		stat = os.Stat // who gives a link means what it leads to
	}
	info, err := stat(f.path)
	switch {
	case err != nil:
		return fmt.Errorf("folder: use %s: %w", f.path, cause(err))
	case !info.IsDir() || f.opts.Path == "" && !mine(info):
		return fmt.Errorf("folder: use %s: %w", f.path, errForeign)
	}
	f.made, f.owned = true, f.opts.Path == ""
	return nil
}

// cause returns what is wrong with a file, without its name.
func cause(err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return pathErr.Err
	}
	if linkErr, ok := errors.AsType[*os.LinkError](err); ok {
		return linkErr.Err
	}
	return err
}

// Path returns where the folder lies, or will.
func (f *Folder) Path() string { return f.path }

// Made reports whether the folder is there.
func (f *Folder) Made() bool { return f.made }

// Make makes the folder unless it is there. Only its user can look into it.
func (f *Folder) Make() error {
	if f.made {
		return f.enter()
	}
	if f.opts.Path != "" {
		if err := os.MkdirAll(filepath.Dir(f.path), 0o777); err != nil {
			return fmt.Errorf("folder: make %s: %w", f.path, cause(err))
		}
	}
	err := os.Mkdir(f.path, 0o700)
	switch {
	case errors.Is(err, fs.ErrExist): // since Open
		if err := f.look(); err != nil {
			return err
		}
		return f.enter()
	case err != nil:
		return fmt.Errorf("folder: make %s: %w", f.path, cause(err))
	}
	f.made, f.owned, f.used = true, true, true
	return nil
}

// enter takes the mark off a folder that an earlier session has left.
func (f *Folder) enter() error {
	if f.used || !f.owned {
		return nil
	}
	f.used = true
	if err := os.Remove(filepath.Join(f.path, f.opts.Marker)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("folder: use %s: %w", f.path, cause(err))
	}
	return nil
}

// An OccupiedError says that the link cannot be made, since something that is no
// link of ours has its name.
type OccupiedError struct{ Path string }

// Error names the link.
func (e *OccupiedError) Error() string {
	return "folder: link " + e.Path + ": the name is taken by something else"
}

// Link makes the link that leads to the folder, in the place of an earlier one.
// The error is an *OccupiedError if that is not ours.
func (f *Folder) Link() error {
	link := filepath.Join(f.opts.Temp, f.opts.Link)
	info, err := os.Lstat(link)
	switch {
	case err == nil && (info.Mode()&fs.ModeSymlink == 0 || !mine(info)):
		return &OccupiedError{link}
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("folder: link %s: %w", link, cause(err))
	}
	next := fmt.Sprintf("%s-%s", link, f.opts.ID)
	_ = os.Remove(next) // of a session that was killed here
	if err := os.Symlink(f.path, next); err != nil {
		return fmt.Errorf("folder: link %s: %w", link, cause(err))
	}
	if err := os.Rename(next, link); err != nil {
		return fmt.Errorf("folder: link %s: %w", link, errors.Join(cause(err), os.Remove(next)))
	}
	return nil
}

// Close removes the folder if it is ours; in debug mode it marks it as left, and
// removes those that were left the longest ago. It is idempotent.
func (f *Folder) Close() error {
	if f.ended || !f.made || !f.owned {
		return nil
	}
	f.ended = true
	if !f.opts.Debug {
		if err := os.RemoveAll(f.path); err != nil {
			return fmt.Errorf("folder: remove %s: %w", f.path, cause(err))
		}
		return nil
	}
	marker := filepath.Join(f.path, f.opts.Marker)
	if err := os.WriteFile(marker, nil, 0o600); err != nil {
		return fmt.Errorf("folder: mark %s: %w", f.path, cause(err))
	}
	return f.prune()
}

// prune removes folders of this user that were left, but for the newest.
func (f *Folder) prune() error {
	entries, err := os.ReadDir(f.opts.Temp)
	if err != nil {
		return fmt.Errorf("folder: look for old folders: %w", cause(err))
	}
	type left struct {
		path string
		at   time.Time
	}
	var all []left
	for _, e := range entries {
		path := filepath.Join(f.opts.Temp, e.Name())
		if !e.IsDir() || !strings.HasPrefix(e.Name(), f.opts.Prefix+f.opts.User+"-") {
			continue
		}
		marker, err := os.Lstat(filepath.Join(path, f.opts.Marker))
		if err != nil || !marker.Mode().IsRegular() || !mine(marker) {
			continue // in use, or not ours
		}
		all = append(all, left{path, marker.ModTime()})
	}
	slices.SortFunc(all, func(a, b left) int {
		return cmp.Or(b.at.Compare(a.at), strings.Compare(b.path, a.path))
	})
	var errs []error
	for _, old := range all[min(max(f.opts.Keep, 0), len(all)):] {
		if err := os.RemoveAll(old.path); err != nil {
			errs = append(errs, fmt.Errorf("folder: remove %s: %w", old.path, cause(err)))
		}
	}
	return errors.Join(errs...)
}

// User returns how folders name the user of this process: by number, or by the
// name of its account where there are no numbers.
func User(account string) string {
	if uid := os.Getuid(); uid >= 0 {
		return fmt.Sprint(uid)
	}
	return Name(account)
}

// Name returns the name of an account as a part of the name of a file.
func Name(account string) string {
	if account == "" {
		return "user"
	}
	return strings.Map(func(r rune) rune {
		if r == '.' || r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, account)
}
