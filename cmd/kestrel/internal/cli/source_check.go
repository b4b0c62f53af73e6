// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/datasource/profile"
	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
)

const sourceCheckLong = `Check finds out step by step whether data sources work, and what to do if one does
not: is the profile whole, can a pattern be translated, does the product answer
and take the credentials, does a page of records come, do more pages.

The patterns are tried in their order until one brings records; without any,
patterns that most sources have something for. They are asked for the last five
minutes unless the flags say otherwise.

It exits with 1 if a step fails.`

// A checker checks one source.
type checker struct {
	*app
	env     datasource.Env
	qs      []inquiry
	asJSON  bool
	onlyAsk bool // translate, and ask nothing
	report  checkReport
}

// A checkReport is what became of the steps, as JSON has it.
type checkReport struct {
	Name  string      `json:"name"`
	OK    bool        `json:"ok"`
	Steps []checkStep `json:"steps"`
}

type checkStep struct {
	Step     string   `json:"step"`
	State    string   `json:"state"` // ok, failed or skipped
	Message  string   `json:"message"`
	Remedy   string   `json:"remedy,omitempty"`
	Details  []string `json:"details,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
	Seconds  float64  `json:"seconds,omitempty"`
}

func (a *app) sourceCheckCommand() *cobra.Command {
	var asJSON, translateOnly bool
	var patterns []string
	var file string
	var window windowFlags
	cmd := &cobra.Command{
		Use:   "check [flags] NAME...",
		Short: "Find out whether data sources work",
		Long:  sourceCheckLong,
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
			if file != "" {
				text, err := os.ReadFile(file)
				if err != nil {
					return a.fail(fileFailed(err))
				}
				patterns = append(patterns, string(text))
			}
			if len(patterns) == 0 {
				patterns = defaultPatterns
			}
			qs, err := a.readPatterns(patterns, w)
			if err != nil {
				return err
			}
			return a.withEnv(func(env datasource.Env) error {
				return a.checkSources(cmd.Context(), args, checker{app: a, env: env, qs: qs, asJSON: asJSON, onlyAsk: translateOnly})
			})
		},
		DisableFlagsInUseLine: true,
	}
	f := cmd.Flags()
	f.StringArrayVarP(&patterns, "stix-pattern", "p", nil, "ask with this pattern")
	f.StringVarP(&file, "pattern-file", "f", "", "ask with the pattern in this file")
	f.BoolVarP(&translateOnly, "translate-only", "t", false, "check profile and translation, and ask nothing")
	f.BoolVar(&asJSON, "json", false, "write the steps as JSON")
	window.add(cmd, 5, "search the last so many minutes")
	return cmd
}

// checkSources checks one source after the other.
func (a *app) checkSources(ctx context.Context, names []string, c checker) error {
	reports := make([]checkReport, 0, len(names))
	ok := true
	for _, name := range names {
		c.report = checkReport{Name: strings.TrimPrefix(name, "stixshifter://"), OK: true}
		if err := c.check(ctx); err != nil {
			return err
		}
		reports = append(reports, c.report)
		ok = ok && c.report.OK
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	if c.asJSON {
		if err := a.writeJSON(reports); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	}
	if !ok {
		return errFailed
	}
	return nil
}

// check runs the steps until one fails. The error says that the report could not
// be written.
func (c *checker) check(ctx context.Context) error {
	if !c.asJSON {
		if _, err := fmt.Fprintf(c.stdout, "%s\n", diag.Escape(c.report.Name)); err != nil {
			return fmt.Errorf("write report: %w", err)
		}
	}
	if err := c.step("configuration", func(s *checkStep) error { return c.configuration(ctx, s) }); err != nil {
		return err
	}
	var src datasource.Source
	var able []inquiry
	err := c.step("translation", func(s *checkStep) (err error) {
		if src, err = c.profiles().Open(ctx, []string{c.report.Name}, c.env); err != nil {
			return err
		}
		able, err = c.translation(ctx, src, s)
		return err
	})
	if err != nil {
		return err
	}
	if closer, ok := src.(io.Closer); ok {
		defer closer.Close()
	}
	if c.onlyAsk {
		return nil
	}
	if err := c.step("connection", func(s *checkStep) error { return ping(ctx, src, s) }); err != nil {
		return err
	}
	var q inquiry
	err = c.step("one page", func(s *checkStep) (err error) {
		q, err = c.onePage(ctx, src, able, s)
		return err
	})
	if err != nil {
		return err
	}
	return c.step("paging", func(s *checkStep) error { return c.paging(ctx, src, q, s) })
}

// errSkipped says that a step cannot show anything.
var errSkipped = errors.New("skipped")

// step runs one step, unless one before has failed, and writes what became of
// it.
func (c *checker) step(name string, run func(*checkStep) error) error {
	s := checkStep{Step: name, State: "ok"}
	if !c.report.OK {
		s.State = "skipped"
	} else {
		began := c.now()
		err := run(&s)
		s.Seconds = c.now().Sub(began).Seconds()
		switch {
		case errors.Is(err, errSkipped):
			s.State = "skipped"
		case err != nil:
			s.State, c.report.OK = "failed", false
			s.Message, s.Remedy = trouble(err)
			s.Message = strings.TrimPrefix(s.Message, c.report.Name+": ")
		}
	}
	c.report.Steps = append(c.report.Steps, s)
	if c.asJSON {
		return nil
	}
	if err := c.write(s); err != nil {
		return fmt.Errorf("write report: %w", err)
	}
	return nil
}

// write writes a step as text.
func (c *checker) write(s checkStep) error {
	if s.State == "skipped" && s.Message == "" {
		return nil
	}
	var b strings.Builder
	line := func(label, text string) {
		fmt.Fprintf(&b, "  %-14s %s\n", label, diag.Escape(text))
	}
	text := s.State
	if s.Message != "" {
		text += ": " + s.Message
	}
	if s.Seconds >= 0.001 {
		text += fmt.Sprintf(" (%.3f s)", s.Seconds)
	}
	line(s.Step, text)
	for _, d := range s.Details {
		line("", d)
	}
	for _, w := range s.Warnings {
		line("", "warning: "+w)
	}
	if s.Remedy != "" {
		line("", "remedy: "+s.Remedy)
	}
	_, err := io.WriteString(c.stdout, b.String())
	return err
}

// configuration reads the profile.
func (c *checker) configuration(ctx context.Context, s *checkStep) error {
	d := c.profiles().Describe(ctx, c.report.Name, c.env)
	if d.Err != nil {
		return d.Err
	}
	s.Message = d.Connector
	if d.Bridged {
		s.Message += ", through Python stix-shifter"
	}
	if d.Place != "" {
		s.Message += ", defined in " + d.Place
	}
	s.Details = settingsText(d)
	for _, n := range d.Notes {
		s.Warnings = append(s.Warnings, n.Message)
	}
	return nil
}

// settingsText writes out a profile. What is secret shows as ***.
func settingsText(d profile.Description) []string {
	p := d.Profile
	window := "none"
	if p.Window > 0 {
		window = p.Window.String()
	}
	out := []string{fmt.Sprintf("pages of %d records, %s for a call, cool-down %s, window without time range %s",
		p.BatchSize, p.Timeout, p.CoolDown, window)}
	if len(p.Dialects) > 0 {
		out = append(out, "dialects "+strings.Join(p.Dialects, ", "))
	}
	for _, section := range []struct {
		name     string
		settings datasource.Settings
	}{{"connection", p.Connection}, {"options", p.Options}, {"auth", p.Auth}} {
		if len(section.settings) == 0 {
			continue
		}
		text, err := json.Marshal(section.settings)
		if err != nil {
			text = []byte("(cannot be shown)")
		}
		out = append(out, section.name+" "+datasource.Shorten(string(text), 500))
	}
	return out
}

// translation translates all patterns, and returns those of which the source
// knows something.
func (c *checker) translation(ctx context.Context, src datasource.Source, s *checkStep) ([]inquiry, error) {
	var able []inquiry
	var first error
	queries := 0
	for _, q := range c.qs {
		t, _, err := translate(ctx, src, q, c.report.Name)
		if err != nil && !isAboutPattern(err) {
			return nil, err
		}
		if err != nil {
			if first == nil {
				first = err
			}
			s.Details = append(s.Details, t.Pattern, "   "+t.Problem)
			continue
		}
		able = append(able, q)
		s.Details = append(s.Details, t.Pattern)
		for _, n := range t.Queries {
			queries++
			s.Details = append(s.Details, "   "+datasource.Shorten(n.Text, 500))
		}
		s.Warnings = appendNew(s.Warnings, t.Warnings...)
	}
	if len(able) == 0 {
		return nil, first
	}
	s.Message = fmt.Sprintf("%d of %d patterns give %d native queries", len(able), len(c.qs), queries)
	return able, nil
}

// isAboutPattern reports whether a failure says that the source has no words for
// a pattern; it may have them for others.
func isAboutPattern(err error) bool {
	var f *datasource.Failure
	if !errors.As(err, &f) {
		return false
	}
	switch f.Kind {
	case datasource.MappingError, datasource.NotImplemented, datasource.TranslationError:
		return true
	}
	return false
}

// appendNew adds what is not there yet.
func appendNew(list []string, items ...string) []string {
	for _, item := range items {
		known := false
		for _, old := range list {
			known = known || old == item
		}
		if !known {
			list = append(list, item)
		}
	}
	return list
}

// ping asks the product whether it is there.
func ping(ctx context.Context, src datasource.Source, s *checkStep) error {
	pinger, ok := src.(datasource.Pinger)
	if !ok {
		s.Message = "this connector has no way to find out"
		return errSkipped
	}
	said, err := pinger.Ping(ctx)
	s.Message = said
	return err
}

// A fetched counts what came.
type fetched struct {
	batches, records int
}

// fetch asks for so many records, and stops after so many batches.
func (c *checker) fetch(ctx context.Context, src datasource.Source, q inquiry, limit int64, batches int, s *checkStep) (fetched, error) {
	enough := errors.New("enough")
	var got fetched
	counts, err := ask(ctx, src, q, c.report.Name, limit, func(b *entity.Batch) error {
		got.batches++
		got.records += len(b.Records)
		if got.batches >= batches {
			return enough
		}
		return nil
	})
	for _, d := range notesOf(counts) {
		if d.Code != diag.DefaultedWindow {
			s.Warnings = appendNew(s.Warnings, strings.TrimPrefix(d.Message, c.report.Name+": "))
		}
	}
	if errors.Is(err, enough) {
		err = nil
	}
	if err == nil {
		err = hiddenFailure(counts)
	}
	return got, err
}

// hiddenFailure returns the failure that a hunt would be told as a warning, since
// something came before it.
func hiddenFailure(counts []datasource.Count) error {
	for _, c := range counts {
		for i := len(c.Notes) - 1; i >= 0 && c.Failed > 0; i-- {
			if n := c.Notes[i]; n.Code != diag.Truncated {
				return &datasource.Failure{Source: c.Source, Reason: n.Message, Hint: n.Hint}
			}
		}
	}
	return nil
}

// onePage asks with each pattern until one brings records, and returns that.
func (c *checker) onePage(ctx context.Context, src datasource.Source, qs []inquiry, s *checkStep) (inquiry, error) {
	size := c.pageSize(ctx)
	for _, q := range qs {
		got, err := c.fetch(ctx, src, q, size, 1, s)
		if err != nil {
			return q, err
		}
		if got.records > 0 {
			s.Message = fmt.Sprintf("%d records for %s", got.records, q.text)
			return q, nil
		}
	}
	s.Message = "the source answers, and has no record of that time for any of the patterns"
	s.Remedy = "give a time in which there are records with --last-minutes, or --start and --stop"
	return inquiry{}, nil
}

func (c *checker) pageSize(ctx context.Context) int64 {
	return int64(max(1, c.profiles().Describe(ctx, c.report.Name, c.env).Profile.BatchSize))
}

// paging asks for five pages.
func (c *checker) paging(ctx context.Context, src datasource.Source, q inquiry, s *checkStep) error {
	if q.where == nil {
		s.Message = "there is nothing to page through"
		return errSkipped
	}
	const pages = 5
	began := c.now()
	got, err := c.fetch(ctx, src, q, pages*c.pageSize(ctx), pages, s)
	if err != nil {
		return err
	}
	s.Message = fmt.Sprintf("%d records in %d batches", got.records, got.batches)
	if took := c.now().Sub(began); took > time.Millisecond {
		s.Message += fmt.Sprintf(", %.0f a second", float64(got.records)/took.Seconds())
	}
	return nil
}
