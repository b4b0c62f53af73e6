// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/display"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/plan"
)

const sourceQueryLong = `Query asks a data source for the entities that a pattern describes and shows them,
without a hunt. A pattern is one of STIX; around a single observation the
brackets may be left out:

  kestrel source query host101 "process:name = 'cmd.exe'" --last-minutes 60

Entities of the type that the pattern names first are shown. With --json each
record is written with all its objects, one a line. NAME may be several names
with commas.`

func (a *app) sourceQueryCommand() *cobra.Command {
	var asJSON bool
	var limit int64
	var window windowFlags
	cmd := &cobra.Command{
		Use:   "query [flags] NAME PATTERN",
		Short: "Ask a data source",
		Long:  sourceQueryLong,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 {
				return usagef("give the name of a source and a pattern")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if limit < 0 {
				return usagef("--limit is a number of records, 0 for all")
			}
			w, err := window.window(a.now())
			if err != nil {
				return err
			}
			qs, faults := inquiries(args[1], w)
			if err := a.report(faults); err != nil {
				return err
			}
			if faults.Err() != nil {
				return errFailed
			}
			return a.withEnv(func(env datasource.Env) error {
				return a.querySource(cmd.Context(), env, args[0], qs, limit, asJSON)
			})
		},
		DisableFlagsInUseLine: true,
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write whole records as JSON, one a line")
	cmd.Flags().Int64Var(&limit, "limit", 20, "stop after so many records; 0 means never")
	window.add(cmd, 0, "search the last so many minutes; 0 means what the profile says")
	return cmd
}

// querySource asks each question and writes what comes.
func (a *app) querySource(ctx context.Context, env datasource.Env, name string, qs []inquiry, limit int64, asJSON bool) error {
	if limit == 0 {
		limit = -1
	}
	src, err := a.profiles().Open(ctx, []string{name}, env)
	if err != nil {
		return a.fail(failureOf(err))
	}
	failed := false
	for _, q := range qs {
		t := &display.Table{}
		counts, err := ask(ctx, src, q, name, limit, func(b *entity.Batch) error {
			if asJSON {
				return a.writeRecords(b)
			}
			appendRows(t, b)
			return nil
		})
		if !asJSON && (err == nil || len(t.Rows) > 0) {
			if err := t.WriteText(a.stdout, display.Style{}); err != nil {
				return fmt.Errorf("write answer: %w", err)
			}
		}
		said := notesOf(counts)
		if err != nil {
			said = append(said, failureOf(err))
			failed = true
		}
		if err := a.report(said); err != nil {
			return err
		}
		a.account(counts)
	}
	if failed {
		return errFailed
	}
	return nil
}

// ask runs one question and calls f with each batch.
func ask(ctx context.Context, src datasource.Source, q inquiry, name string, limit int64, f func(*entity.Batch) error) ([]datasource.Count, error) {
	task, _, err := src.Plan(ctx, q.plan("stixshifter://"+name, limit)) // a profile takes on all of that
	if err != nil {
		return nil, err
	}
	for batch, err := range task.Run(ctx, nil) {
		if err != nil {
			return task.Counts(), err
		}
		if err := f(batch); err != nil {
			return task.Counts(), err
		}
	}
	return task.Counts(), nil
}

// appendRows adds the hits of a batch to a table, which gets the columns that
// they need.
func appendRows(t *display.Table, b *entity.Batch) {
	if len(t.Columns) == 0 {
		t.Columns = []string{"first_observed"}
	}
	for _, h := range b.Hits[0] {
		rec := &b.Records[h.Record]
		row := make([]entity.Value, len(t.Columns), len(t.Columns)+8)
		row[0] = entity.StringValue(rec.First.String())
		for _, attr := range rec.Objects[h.Object].Attrs {
			i := slices.Index(t.Columns, attr.Name)
			if i < 0 {
				i = len(t.Columns)
				t.Columns = append(t.Columns, attr.Name)
			}
			for len(row) <= i {
				row = append(row, entity.Value{})
			}
			row[i] = attr.Value
		}
		t.Rows = append(t.Rows, row)
	}
}

// A shownRecord is a record as JSON has it.
type shownRecord struct {
	ID       string        `json:"id"`
	First    string        `json:"first_observed,omitempty"`
	Last     string        `json:"last_observed,omitempty"`
	Count    int64         `json:"number_observed"`
	File     string        `json:"file,omitempty"`
	Document string        `json:"document,omitempty"`
	Matched  []int         `json:"matched"` // indexes into objects
	Objects  []shownObject `json:"objects"`
}

type shownObject struct {
	Type       string                  `json:"type"`
	ID         string                  `json:"id"`
	Attributes map[string]entity.Value `json:"attributes,omitempty"`
	References map[string][]int        `json:"references,omitempty"` // indexes into objects
}

// writeRecords writes the records of a batch as JSON, one a line.
func (a *app) writeRecords(b *entity.Batch) error {
	hits := b.Hits[0]
	for i := range b.Records {
		rec := &b.Records[i]
		out := shownRecord{
			ID: rec.ID, First: rec.First.String(), Last: rec.Last.String(), Count: rec.Count,
			File: rec.Locator.File, Document: rec.Locator.Doc, Matched: []int{},
		}
		for _, o := range rec.Objects {
			shown := shownObject{Type: o.Type, ID: o.ID.String(), Attributes: map[string]entity.Value{}, References: map[string][]int{}}
			for _, attr := range o.Attrs {
				shown.Attributes[attr.Name] = attr.Value
			}
			for _, l := range o.Links {
				shown.References[l.Name] = append(shown.References[l.Name], l.Target)
			}
			out.Objects = append(out.Objects, shown)
		}
		for len(hits) > 0 && hits[0].Record == i {
			out.Matched = append(out.Matched, hits[0].Object)
			hits = hits[1:]
		}
		if err := a.writeJSON(out); err != nil {
			return fmt.Errorf("write record: %w", err)
		}
	}
	return nil
}

const sourceTranslateLong = `Translate shows the native queries that a data source would be asked for a
pattern, and sends none of them. Without a pattern it translates those that
check uses.`

// A translation is the native queries of one pattern, as JSON has it.
type translation struct {
	Pattern  string        `json:"pattern"`
	Queries  []nativeQuery `json:"queries"`
	Problem  string        `json:"problem,omitempty"`
	Remedy   string        `json:"remedy,omitempty"`
	Warnings []string      `json:"warnings,omitempty"`
}

type nativeQuery struct {
	Source   string `json:"source"`
	Language string `json:"language"`
	Text     string `json:"text"`
}

func (a *app) sourceTranslateCommand() *cobra.Command {
	var asJSON bool
	var window windowFlags
	cmd := &cobra.Command{
		Use:   "translate [flags] NAME [PATTERN...]",
		Short: "Show the native queries of a pattern",
		Long:  sourceTranslateLong,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("name a source")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			w, err := window.window(a.now())
			if err != nil {
				return err
			}
			patterns := args[1:]
			if len(patterns) == 0 {
				patterns = defaultPatterns
			}
			qs, err := a.readPatterns(patterns, w)
			if err != nil {
				return err
			}
			return a.withEnv(func(env datasource.Env) error {
				env.Offline = true
				return a.translateSource(cmd.Context(), env, args[0], qs, asJSON)
			})
		},
		DisableFlagsInUseLine: true,
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write the queries as JSON")
	window.add(cmd, 0, "search the last so many minutes; 0 means what the profile says")
	return cmd
}

// readPatterns reads patterns and reports what is wrong with them.
func (a *app) readPatterns(patterns []string, w plan.Window) ([]inquiry, error) {
	var out []inquiry
	var all diag.List
	for _, p := range patterns {
		qs, faults := inquiries(p, w)
		out = append(out, qs...)
		all = append(all, faults...)
	}
	if err := a.report(all); err != nil {
		return nil, err
	}
	if all.Err() != nil {
		return nil, errFailed
	}
	return out, nil
}

func (a *app) translateSource(ctx context.Context, env datasource.Env, name string, qs []inquiry, asJSON bool) error {
	src, err := a.profiles().Open(ctx, []string{name}, env)
	if err != nil {
		return a.fail(failureOf(err))
	}
	failed := false
	var all []translation
	var said diag.List
	for _, q := range qs {
		t, counts, err := translate(ctx, src, q, name)
		said = append(said, notesOf(counts)...)
		if err != nil {
			failed = true
			said = append(said, failureOf(err))
		}
		all = append(all, t)
	}
	if asJSON {
		if err := a.writeJSON(all); err != nil {
			return fmt.Errorf("write queries: %w", err)
		}
	} else if err := a.writeTranslations(all, said); err != nil {
		return err
	}
	if failed {
		return errFailed
	}
	return nil
}

// translate returns the native queries of a question.
func translate(ctx context.Context, src datasource.Source, q inquiry, name string) (translation, []datasource.Count, error) {
	t := translation{Pattern: q.text + q.window.String(), Queries: []nativeQuery{}}
	task, _, err := src.Plan(ctx, q.plan("stixshifter://"+name, -1))
	if err != nil {
		t.Problem, t.Remedy = trouble(err)
		return t, nil, err
	}
	for _, n := range task.Native() {
		t.Queries = append(t.Queries, nativeQuery{Source: n.Source, Language: n.Language, Text: n.Text})
	}
	counts := task.Counts()
	for _, d := range notesOf(counts) {
		t.Warnings = append(t.Warnings, d.Message)
	}
	return t, counts, nil
}

// writeTranslations writes each pattern and its queries, and what is to be said.
func (a *app) writeTranslations(all []translation, said diag.List) error {
	for i, t := range all {
		if i > 0 {
			fmt.Fprintln(a.stdout)
		}
		if _, err := fmt.Fprintf(a.stdout, "# %s\n", diag.Escape(t.Pattern)); err != nil {
			return fmt.Errorf("write queries: %w", err)
		}
		for _, q := range t.Queries {
			text := strings.TrimRight(diag.EscapeText(q.Text), "\n")
			if _, err := fmt.Fprintf(a.stdout, "## %s (%s)\n%s\n", diag.Escape(q.Source), diag.Escape(q.Language), text); err != nil {
				return fmt.Errorf("write queries: %w", err)
			}
		}
	}
	return a.report(said)
}
