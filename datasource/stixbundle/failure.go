// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stixbundle

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/stix"
)

// invalid is the failure of a URI that names nothing.
func invalid(uri, reason, hint string) error {
	return &datasource.Failure{Kind: datasource.InvalidParameter, Source: uri, Reason: reason, Hint: hint}
}

// notThere is the failure of a file, or a folder, that is not there.
func notThere(name, reason string, err error) error {
	return &datasource.Failure{
		Kind: datasource.Unavailable, Source: name, Reason: reason,
		Hint: "check the path; relative paths start at the working directory, then at the hunt's own folder",
		Err:  errors.Join(datasource.ErrNotFound, err),
	}
}

// unreadable is the failure of a file that is there.
func unreadable(name string, err error) error {
	f := &datasource.Failure{
		Kind: datasource.Unavailable, Source: name, Reason: fmt.Sprintf("cannot be read: %v", cause(err)),
		Hint: "check the file and the disk it lies on", Err: err,
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return notThere(name, "no such file or folder", err)
	case errors.Is(err, fs.ErrPermission):
		f.Reason, f.Hint = "permission denied", "check who may read the file, and enter its folders"
	}
	return f
}

// cause returns what a file operation failed with, without the path.
func cause(err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return pathErr.Err
	}
	return err
}

// failure says what ended the reading of a bundle in the terms of the contract.
// It returns errors of other origin as they are.
func failure(name string, err error) error {
	var be *stix.BundleError
	if !errors.As(err, &be) {
		return err
	}
	var packed *packedError
	d := &datasource.DataError{
		Source: name, Line: int64(be.Line), Offset: be.Place.Offset, Path: datasource.Shorten(be.Place.Path, 200),
		Reason: be.Err.Error(), Hint: "correct the file there, or write it again", Err: err,
	}
	switch {
	case errors.As(err, &packed):
		d.Reason, d.Hint = packed.Error(), "the file is damaged or incomplete: copy or fetch it again"
	case errors.Is(err, stix.ErrNotBundle):
		d.Reason = "this is " + stix.ErrNotBundle.Error()
		d.Hint = "a bundle is a JSON object with a list of objects, as sources of STIX write it"
	case errors.Is(err, stix.ErrUTF16):
		d.Hint = "convert the file to UTF-8"
	case errors.Is(err, stix.ErrRecordTooLarge), errors.Is(err, stix.ErrTooMuchHeld):
		d.Hint = "split the file, or take the oversized object out of it"
	case errors.Is(err, io.ErrUnexpectedEOF):
		d.Reason, d.Hint = "the text ends in the middle of a value", "the file is incomplete: copy or fetch it again"
	case errors.As(err, new(*fs.PathError)):
		return unreadable(name, err)
	}
	return d
}

// changed is the failure of a file that is another than it was when it was
// indexed.
func changed(name string, err error) error {
	return &datasource.Failure{
		Kind: datasource.Unavailable, Source: name, Reason: "the file changed while it was read",
		Hint: "run the step again when nothing writes to the file", Err: err,
	}
}

// notBundle is the note on a file in a folder or an archive that is passed over.
func notBundle() datasource.Note {
	return datasource.Note{
		Code: diag.SkippedObjects, Message: "passed over: this is " + stix.ErrNotBundle.Error(),
		Hint: "name the files that you want to read, or keep other files elsewhere",
	}
}

// noteOf turns a remark into a note on the answer.
func noteOf(r stix.Remark) datasource.Note {
	if r.Kind == notBundleFault {
		return notBundle()
	}
	n := datasource.Note{
		Code:    diag.SkippedObjects,
		Message: fmt.Sprintf("%s: %d (first at byte %d", r.Kind, r.Count, r.First.Offset),
	}
	if r.First.Path != "" {
		n.Message += ", " + datasource.Shorten(r.First.Path, 200)
	}
	n.Message += ")"
	switch r.Kind {
	case stix.MissingObject:
		n.Code = diag.DanglingReference
		n.Hint = "what they refer to is taken as unknown"
	case stix.RecordWithoutObjects, stix.UnusableObject, stix.RepeatedObject:
		n.Hint = "they are passed over"
	case stix.RepeatedName:
		n.Hint = "they are passed over, since it is not known which value is meant"
	case stix.InvalidText:
		n.Hint = "what is no Unicode is read as U+FFFD"
	case stix.InvalidTime:
		n.Hint = "they are taken as unknown"
	}
	return n
}

// skippedBy returns how many records or objects a remark says were passed over.
func skippedBy(r stix.Remark) int64 {
	switch r.Kind {
	case stix.RecordWithoutObjects, stix.UnusableObject, stix.RepeatedObject, stix.RepeatedName:
		return r.Count
	}
	return 0
}

// damaged is the failure of compressed data of which nothing can be read.
func damaged(name string, err *packedError) error {
	return &datasource.DataError{
		Source: name, Offset: -1, Reason: err.Error(),
		Hint: "the file is damaged or incomplete: copy or fetch it again", Err: err,
	}
}
