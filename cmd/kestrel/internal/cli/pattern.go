// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/stix"
)

const patternLong = `Pattern judges patterns of the STIX patterning language (STIX 2.0 and 2.1).

Validate says whether patterns are valid; match says whether records meet them.
Without arguments both read cases from standard input, one JSON object a line
with the members id, pattern, stix_version and, for match, data, and write one
JSON object a line for each.`

const validateLong = `Validate says for each pattern whether it is valid, and what is wrong with it.

Without patterns it reads cases from standard input, one JSON object a line
with the members pattern and, if wanted, id and stix_version, and answers each
with a line that has verdict (valid or invalid) and diagnostics.

It exits with 1 if a pattern is not valid.`

const matchLong = `Match says whether the records in files, all together, meet a pattern, and
which do. A file holds observed-data objects or bundles, of STIX 2.0 or 2.1.

Without arguments it reads cases from standard input, one JSON object a line
with the members pattern, data (a list of observed-data objects or bundles) and,
if wanted, id and stix_version, and answers each with a line that has verdict
(match, nomatch or error), bound (the numbers of the records, from 0) and
diagnostics.

It exits with 1 if the pattern is not met; with cases, if one is an error.`

// patternCommand returns the commands about STIX patterns.
func (a *app) patternCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "pattern COMMAND",
		Short: "Validate STIX patterns, match them against records",
		Long:  patternLong,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("there is no command pattern %s", args[0])
			}
			return usagef("name a command: validate or match")
		},
		RunE: func(*cobra.Command, []string) error { return nil },

		DisableFlagsInUseLine: true,
	}
	cmd.AddCommand(a.validateCommand(), a.matchCommand())
	return cmd
}

func (a *app) validateCommand() *cobra.Command {
	var version string
	cmd := &cobra.Command{
		Use:   "validate [--stix-version 2.0|2.1] [PATTERN...]",
		Short: "Say whether STIX patterns are valid",
		Long:  validateLong,
		RunE: func(cmd *cobra.Command, args []string) error {
			v, err := stixVersion(version)
			switch {
			case err != nil:
				return err
			case len(args) > 0:
				return a.validate(args, v)
			}
			return a.cases(cmd.Context(), v, validateCase)
		},
		DisableFlagsInUseLine: true,
	}
	versionFlag(cmd, &version)
	return cmd
}

func (a *app) matchCommand() *cobra.Command {
	var version string
	cmd := &cobra.Command{
		Use:   "match [--stix-version 2.0|2.1] [PATTERN FILE...]",
		Short: "Say whether records meet a STIX pattern",
		Long:  matchLong,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				return usagef("name a file with records, or - for standard input")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			v, err := stixVersion(version)
			switch {
			case err != nil:
				return err
			case len(args) > 0:
				return a.match(cmd.Context(), args[0], v, args[1:])
			}
			return a.cases(cmd.Context(), v, matchCase)
		},
		DisableFlagsInUseLine: true,
	}
	versionFlag(cmd, &version)
	return cmd
}

func versionFlag(cmd *cobra.Command, version *string) {
	cmd.Flags().StringVar(version, "stix-version", "2.1", "version of the patterning language")
}

func stixVersion(text string) (stix.Version, error) {
	v, err := stix.ParseVersion(text)
	if err != nil {
		return v, usagef("--stix-version is 2.0 or 2.1, not %q", text)
	}
	return v, nil
}

// validate writes a verdict for each pattern, and what is wrong with it.
func (a *app) validate(patterns []string, v stix.Version) error {
	var all diag.List
	for i, text := range patterns {
		file := &diag.File{Name: "pattern", Text: text}
		if len(patterns) > 1 {
			file.Name = fmt.Sprintf("pattern %d", i+1)
		}
		list := stix.Validate(file, v)
		all = append(all, list...)
		if _, err := fmt.Fprintf(a.stdout, "%s: %s\n", validity(list), diag.Escape(text)); err != nil {
			return fmt.Errorf("write verdict: %w", err)
		}
	}
	if err := a.report(all); err != nil {
		return err
	}
	if all.Err() != nil {
		return errFailed
	}
	return nil
}

func validity(list diag.List) string {
	if list.Err() != nil {
		return "invalid"
	}
	return "valid"
}

// match writes whether the records in files meet a pattern, and the ids of those
// that do.
func (a *app) match(ctx context.Context, text string, v stix.Version, names []string) error {
	p, list := stix.Parse(&diag.File{Name: "pattern", Text: text}, v)
	if p == nil {
		return a.failAll(list)
	}
	var records []stix.Observed
	for _, name := range names {
		read, err := a.readObserved(name)
		if err != nil {
			return a.fail(diag.Diagnostic{Code: diag.InvalidBundle, Message: err.Error(), Cause: err})
		}
		records = append(records, read...)
	}
	result, list, err := matchRecords(ctx, p, records)
	switch {
	case err != nil:
		return err
	case len(list) > 0:
		return a.failAll(list)
	}
	var out bytes.Buffer
	out.WriteString(verdict(result) + "\n")
	for _, i := range result.Bound {
		out.WriteString(diag.Escape(records[i].ID) + "\n")
	}
	if _, err := a.stdout.Write(out.Bytes()); err != nil {
		return fmt.Errorf("write verdict: %w", err)
	}
	if !result.Matched {
		return errFailed
	}
	return nil
}

func verdict(r stix.Result) string {
	if r.Matched {
		return "match"
	}
	return "nomatch"
}

// failAll reports list and returns errFailed.
func (a *app) failAll(list diag.List) error {
	if err := a.report(list); err != nil {
		return err
	}
	return errFailed
}

// matchRecords matches a pattern. What is wrong with it or the data is a
// diagnostic; the error is that of the context.
func matchRecords(ctx context.Context, p *stix.Pattern, records []stix.Observed) (stix.Result, diag.List, error) {
	m, list := stix.Compile(p)
	if m == nil {
		return stix.Result{}, list, nil
	}
	result, err := m.Match(ctx, records)
	if d, ok := errors.AsType[diag.Diagnostic](err); ok {
		return result, diag.List{d}, nil
	}
	if errors.Is(err, stix.ErrTooComplex) {
		return result, diag.List{{
			Code: diag.InvalidPattern, Span: p.At, Cause: err,
			Message: "there are too many combinations of records to try",
			Hint:    "match fewer records, or a pattern with fewer repetitions",
		}}, nil
	}
	return result, nil, err
}

// maxRecords is the size of the largest file of records, and line of cases,
// that is read.
const maxRecords = 256 << 20

func (a *app) readObserved(name string) ([]stix.Observed, error) {
	in := a.stdin
	if name != stdinName {
		f, err := os.Open(name)
		if err != nil {
			return nil, fmt.Errorf("cannot read %s: %w", name, cause(err))
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, maxRecords+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("cannot read %s: %w", name, cause(err))
	case len(data) > maxRecords:
		return nil, fmt.Errorf("cannot read %s: larger than %d MiB", name, maxRecords>>20)
	}
	records, err := stix.ReadObserved(data)
	if err != nil {
		return nil, fmt.Errorf("cannot read %s: %w", name, err)
	}
	return records, nil
}

// A patternCase is one line of input. A member that is missing is empty.
type patternCase struct {
	ID      json.RawMessage `json:"id"`
	Pattern *string         `json:"pattern"`
	Version string          `json:"stix_version"`
	Data    json.RawMessage `json:"data"`
}

// A patternAnswer is one line of output.
type patternAnswer struct {
	Line        int             `json:"line"`
	ID          json.RawMessage `json:"id,omitempty"`
	Pattern     string          `json:"pattern,omitempty"`
	Version     string          `json:"stix_version,omitempty"`
	Verdict     string          `json:"verdict"`
	Bound       []int           `json:"bound,omitempty"`
	Diagnostics diag.List       `json:"diagnostics"`

	failed bool
}

// A judge answers one case. Its error ends the command.
type judge func(ctx context.Context, c *patternCase, v stix.Version, answer *patternAnswer) error

// cases answers each line of standard input.
func (a *app) cases(ctx context.Context, v stix.Version, judge judge) error {
	lines := bufio.NewScanner(a.stdin)
	lines.Buffer(nil, maxRecords)
	failed := false
	for n := 1; lines.Scan(); n++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		answer := patternAnswer{Line: n, Diagnostics: diag.List{}}
		if err := answer.judge(ctx, line, v, judge); err != nil {
			return err
		}
		failed = failed || answer.failed
		text, err := json.Marshal(&answer)
		if err != nil {
			return fmt.Errorf("write answer: %w", err)
		}
		if _, err := a.stdout.Write(append(diag.EscapeJSON(text), '\n')); err != nil {
			return fmt.Errorf("write answer: %w", err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read standard input: %w", err)
	}
	if failed {
		return errFailed
	}
	return nil
}

// judge fills in the answer to a line.
func (r *patternAnswer) judge(ctx context.Context, line []byte, v stix.Version, judge judge) error {
	var c patternCase
	err := json.Unmarshal(line, &c)
	if err == nil && c.Pattern == nil {
		err = errors.New("the case has no pattern")
	}
	if err == nil && c.Version != "" {
		v, err = stix.ParseVersion(c.Version)
	}
	if err != nil {
		r.fail("error", diag.List{{Code: diag.InvalidJSON, Message: err.Error(), Cause: err}})
		return nil
	}
	r.ID, r.Pattern, r.Version = c.ID, *c.Pattern, v.String()
	return judge(ctx, &c, v, r)
}

func (r *patternAnswer) fail(verdict string, list diag.List) {
	r.Verdict, r.Diagnostics, r.failed = verdict, list, true
}

func validateCase(_ context.Context, c *patternCase, v stix.Version, r *patternAnswer) error {
	list := stix.Validate(&diag.File{Name: "pattern", Text: *c.Pattern}, v)
	r.Verdict = validity(list)
	r.Diagnostics = append(r.Diagnostics, list...)
	r.failed = list.Err() != nil
	return nil
}

func matchCase(ctx context.Context, c *patternCase, v stix.Version, r *patternAnswer) error {
	p, list := stix.Parse(&diag.File{Name: "pattern", Text: *c.Pattern}, v)
	if p == nil {
		r.fail("error", list)
		return nil
	}
	records, err := stix.ReadObserved(c.Data)
	if err != nil {
		r.fail("error", diag.List{{Code: diag.InvalidBundle, Message: err.Error(), Cause: err}})
		return nil
	}
	result, list, err := matchRecords(ctx, p, records)
	if len(list) > 0 {
		r.fail("error", list)
		return nil
	}
	r.Verdict, r.Bound = verdict(result), result.Bound
	return err
}
