// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package stixbundle

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/match"
	"github.com/kestrelhunt/kestrel/plan"
)

// open opens a source.
func open(t *testing.T, env datasource.Env, uris ...string) *source {
	t.Helper()
	src, err := new(Driver).Open(t.Context(), uris, env)
	if err != nil {
		t.Fatal(err)
	}
	return src.(*source) //nolint:forcetypeassert // of this package
}

// sighting writes a hit with all that a record is known by.
func sighting(rec *entity.Record, object int) string {
	o := &rec.Objects[object]
	return fmt.Sprintf("%s %d+%d %s %x %s %v", rec.Locator.File, rec.Locator.Offset, rec.Locator.Length, rec.ID, sha256.Sum256(rec.Raw), o.Key, o.ID)
}

// completed returns the hits of Complete, and the task, of which it holds that
// it counts the records.
func completed(ctx context.Context, src *source, want datasource.Wanted) ([]string, datasource.Task, error) {
	task, err := src.Complete(ctx, want)
	if err != nil {
		return nil, nil, err
	}
	var out []string
	records := int64(0)
	for batch, err := range task.Run(ctx, nil) {
		if err != nil {
			return out, task, err
		}
		records += int64(len(batch.Records))
		for _, h := range batch.Hits[0] {
			out = append(out, sighting(&batch.Records[h.Record], h.Object))
		}
	}
	for _, c := range task.Counts() {
		records -= c.Matched
		if c.Scanned < c.Matched {
			return nil, nil, fmt.Errorf("%s: %d records scanned, %d matched", c.Source, c.Scanned, c.Matched)
		}
	}
	if records != 0 {
		return nil, nil, fmt.Errorf("%d records more than counted", records)
	}
	return out, task, nil
}

// plainly is completed by an ordinary pass over everything, one record after the
// other.
func plainly(t *testing.T, src *source, want datasource.Wanted) []string {
	t.Helper()
	task, _, err := src.Plan(t.Context(), first(&plan.Scan{Entity: want.Entity, Window: want.Window}, math.MaxInt64))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for batch, err := range task.Run(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range batch.Hits[0] {
			rec := &batch.Records[h.Record]
			o := &rec.Objects[h.Object]
			hasPID := want.Entity == "process" && slices.ContainsFunc(want.PIDs, func(pid int64) bool {
				v := o.Attr("pid")
				c, ok := match.Compare(v, entity.IntValue(pid))
				return ok && c == 0 && v.Kind() != entity.Bool
			})
			if hasPID || slices.Contains(want.IDs, o.ID) {
				out = append(out, sighting(rec, h.Object))
			}
		}
	}
	return out
}

// idsOf returns the ids of all entities of a type in a source, each once.
func idsOf(t *testing.T, src *source, typ string) []entity.ID {
	t.Helper()
	task, _, err := src.Plan(t.Context(), &plan.Scan{Entity: typ})
	if err != nil {
		t.Fatal(err)
	}
	var out []entity.ID
	for batch, err := range task.Run(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range batch.Hits[0] {
			if id := batch.Records[h.Record].Objects[h.Object].ID; !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}

// wants returns a random question.
func (r random) wants(ids []entity.ID, typ string) datasource.Wanted {
	want := datasource.Wanted{Entity: typ, IDs: []entity.ID{entity.GivenID(typ, "unknown")}}
	for _, id := range ids {
		if r.oneIn(4) {
			want.IDs = append(want.IDs, id)
		}
	}
	for pid := range int64(6) {
		if r.oneIn(4) {
			want.PIDs = append(want.PIDs, 4*pid)
		}
	}
	at := time.Date(2026, 2, 1, 10, r.IntN(60), 0, 0, time.UTC)
	switch r.IntN(4) {
	case 0:
		want.Window = plan.Window{Start: at, Stop: at.Add(10 * time.Minute)}
	case 1:
		want.Window = plan.Window{Start: at}
	case 2:
		want.Window = plan.Window{Stop: at}
	}
	return want
}

// TestCompleteFindsAll holds that Complete yields what a pass over everything
// finds, from an index as well as without one.
func TestCompleteFindsAll(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := newRandom(seed)
			n := 3 + r.IntN(2*chunkRecords)
			dir := folderOf(t, map[string]string{
				"a.json":            r.bundle20(n),
				"b.json":            r.bundle21(n),
				"folder/c.json.gz":  pack(t, "gzip", r.bundle20(n)),
				"folder/d.json.xz":  pack(t, "xz", r.bundle21(n)),
				"folder/e.zip":      archive(t, map[string]string{"1.json": r.bundle20(n), "2.json": `["none"]`, "3.json": r.bundle21(n)}),
				"folder/f.json":     `{"kind": "other"}`,
				"folder/g.json":     r.bundle20(0),
				"folder/h.json.zst": pack(t, "zstd", r.bundle20(n)),
			})
			uris := []string{"file://a.json", "file://folder", "file://b.json", "file://a.json"}
			indexed := open(t, datasource.Env{Dir: dir}, uris...)
			unindexed := open(t, datasource.Env{Dir: dir}, uris...)
			unindexed.maxIndex = 1 << 10
			for _, typ := range []string{"process", "url", "user-account", "x-oca-asset"} {
				ids := idsOf(t, indexed, typ)
				for range 3 {
					want := r.wants(ids, typ)
					all := plainly(t, indexed, want)
					for name, src := range map[string]*source{"an index": indexed, "no index": unindexed} {
						got, _, err := completed(t.Context(), src, want)
						if err != nil {
							t.Fatal(err)
						}
						if diff := cmp.Diff(all, got); diff != "" {
							t.Fatalf("%d ids and pids %v of %s in %v, with %s: -pass +Complete\n%s", len(want.IDs), want.PIDs, typ, want.Window, name, diff)
						}
					}
				}
			}
			if ix := <-indexed.index; ix == nil || ix.tooLarge {
				t.Error("there is no index")
			}
			if ix := <-unindexed.index; ix == nil || !ix.tooLarge || ix.bundles != nil {
				t.Error("there is an index over the limit")
			}
		})
	}
}

// TestAtOnceAsInTurn holds that a pass that decodes several records at once
// finds the same, and says the same of it, as one that takes them in turn.
func TestAtOnceAsInTurn(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			r := newRandom(seed)
			dir := folderOf(t, map[string]string{"a/1.json": r.bundle20(200), "a/2.json": `{"kind": "other"}`, "a/3.json": r.bundle21(200), "b.json.gz": pack(t, "gzip", r.bundle20(3))})
			all := scan("file://a", "file://b.json.gz")
			all.Entity = "process"
			urls := *all
			urls.Entity = "url"
			ids := filter(all, parseWhere(t, "process:id LIKE 'process--%a%'"))
			for _, wants := range [][]plan.Node{{all}, {&urls, ids}, {filter(all, parseWhere(t, "process:name = 'cmd.exe'"))}, {filter(&urls, like("%1"))}} {
				inTurn := make([]plan.Node, len(wants))
				for i := range wants {
					inTurn[i] = first(wants[i], math.MaxInt64)
				}
				want, wantErr := ask(t.Context(), datasource.Env{Dir: dir}, inTurn...)
				got, err := ask(t.Context(), datasource.Env{Dir: dir}, wants...)
				if err != nil || wantErr != nil {
					t.Fatal(err, wantErr)
				}
				if diff := cmp.Diff(want.hits, got.hits); diff != "" {
					t.Errorf("hits: -in turn +at once\n%s", diff)
				}
				// The first of a kind of fault is the first in the file, or the first
				// that was met, which differ where objects lie beside their records.
				place := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Message" }, cmp.Comparer(func(a, b string) bool {
					a, _, _ = strings.Cut(a, "(")
					b, _, _ = strings.Cut(b, "(")
					return a == b
				}))
				if diff := cmp.Diff(want.counts, got.counts, place); diff != "" {
					t.Errorf("counts: -in turn +at once\n%s", diff)
				}
			}
		})
	}
}

// TestCompleteCounts holds what the accounts of a source's answers say: all
// records for that which made the index, those looked at for others, and no
// fault twice.
func TestCompleteCounts(t *testing.T) {
	t.Parallel()
	dangling := `{"type": "observed-data", "id": "d", "objects": {"0": {"type": "process", "pid": 9, "parent_ref": "9"}}}`
	text := bundleOf(record("a", "x", 1), record("b", "y", 1), record("c", "x", 2), dangling,
		`{"type": "observed-data", "id": "e", "objects": {}}`)
	dir := folderOf(t, map[string]string{"a.json": text, "b.json.gz": pack(t, "gzip", text), "none/c.json": "[1]"})
	src := open(t, datasource.Env{Dir: dir}, "file://a.json", "file://b.json.gz")
	type count struct {
		Source                    string
		Scanned, Matched, Skipped int64
		Notes                     []string
	}
	end := func(part string) int64 { return int64(strings.Index(text, part) + len(part)) }
	size, b, d := int64(len(text)), int64(len(record("b", "y", 1))), int64(len(dangling))
	noObjects := fmt.Sprintf("records without objects: 1 (first at byte %d, /objects/4)", end(dangling)+2)
	missing := fmt.Sprintf("references to missing objects: 1 (first at byte %d, /objects/3/objects/0/parent_ref)", end(dangling)-d)
	steps := []struct {
		name  string
		want  datasource.Wanted
		bytes [2]int64
		count [2]count
	}{
		{
			"the first", datasource.Wanted{Entity: "process", PIDs: []int64{2}}, [2]int64{size, size},
			[2]count{{"a.json", 5, 1, 1, []string{noObjects}}, {"b.json.gz", 5, 1, 1, []string{noObjects}}},
		},
		{
			"from the index", datasource.Wanted{Entity: "process", PIDs: []int64{1}}, [2]int64{2 * b, end(record("b", "y", 1))},
			[2]count{{"a.json", 2, 2, 0, nil}, {"b.json.gz", 2, 2, 0, nil}},
		},
		{
			"a fault", datasource.Wanted{Entity: "process", PIDs: []int64{9, 9}}, [2]int64{d, end(dangling)},
			[2]count{{"a.json", 1, 1, 0, []string{missing}}, {"b.json.gz", 4, 1, 0, []string{missing}}},
		},
		{
			"the fault again", datasource.Wanted{Entity: "process", PIDs: []int64{9}}, [2]int64{d, end(dangling)},
			[2]count{{"a.json", 1, 1, 0, nil}, {"b.json.gz", 4, 1, 0, nil}},
		},
		{
			"nothing", datasource.Wanted{Entity: "process", PIDs: []int64{8}}, [2]int64{0, 0},
			[2]count{{"a.json", 0, 0, 0, nil}, {"b.json.gz", 0, 0, 0, nil}},
		},
	}
	for _, step := range steps {
		_, task, err := completed(t.Context(), src, step.want)
		if err != nil {
			t.Fatal(err)
		}
		var got [2]count
		var bytes [2]int64
		for i, c := range task.Counts() {
			got[i] = count{c.Source, c.Scanned, c.Matched, c.Skipped, nil}
			bytes[i] = c.Bytes
			for _, n := range c.Notes {
				got[i].Notes = append(got[i].Notes, n.Message)
			}
		}
		if diff := cmp.Diff(step.count, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", step.name, diff)
		}
		if bytes[0] != step.bytes[0] || bytes[1] < step.bytes[1] || bytes[1] > size {
			t.Errorf("%s: %v bytes, want %v", step.name, bytes, step.bytes)
		}
	}
	_, task, err := completed(t.Context(), open(t, datasource.Env{Dir: dir}, "file://none"), steps[0].want)
	if f := new(datasource.Failure); !errors.As(err, &f) || f.Kind != datasource.Unavailable {
		t.Errorf("a folder without bundles gives %v", err)
	}
	if n := task.Counts(); len(n) != 1 || n[0].Skipped != 1 || len(n[0].Notes) != 1 {
		t.Errorf("a folder without bundles counts %+v", n)
	}
}

// TestCompleteAfterPass holds that Complete is silent about faults that a pass
// has told of.
func TestCompleteAfterPass(t *testing.T) {
	t.Parallel()
	dir := folderOf(t, map[string]string{"a.json": bundleOf(
		`{"type": "observed-data", "id": "a", "objects": {"0": {"type": "process", "pid": 9, "parent_ref": "9"}}}`,
		`{"type": "observed-data", "id": "b", "objects": {}}`)})
	src := open(t, datasource.Env{Dir: dir}, "file://a.json")
	plainly(t, src, datasource.Wanted{Entity: "process"})
	hits, task, err := completed(t.Context(), src, datasource.Wanted{Entity: "process", PIDs: []int64{9}})
	if err != nil || len(hits) != 1 {
		t.Fatalf("%d hits, %v", len(hits), err)
	}
	if notes := task.Counts()[0].Notes; len(notes) > 0 {
		t.Errorf("notes %v, want none", notes)
	}
}

// TestCompleteSeesChange holds that an index is used while the files are as they
// were, and no longer.
func TestCompleteSeesChange(t *testing.T) {
	t.Parallel()
	dir := folderOf(t, map[string]string{"a.json": bundleOf(record("a", "x", 1))})
	src := open(t, datasource.Env{Dir: dir}, "file://a.json")
	want := datasource.Wanted{Entity: "process", PIDs: []int64{1}}
	ask := func(n int) *index {
		t.Helper()
		hits, _, err := completed(t.Context(), src, want)
		if err != nil || len(hits) != n {
			t.Fatalf("%d hits, %v, want %d", len(hits), err, n)
		}
		ix := <-src.index
		src.index <- ix
		return ix
	}
	first := ask(1)
	if ask(1) != first {
		t.Error("an index is made again though nothing changed")
	}
	path := filepath.Join(dir, "a.json")
	if err := os.WriteFile(path, []byte(bundleOf(record("b", "y", 1), record("a", "x", 1))), 0o600); err != nil {
		t.Fatal(err)
	}
	if ask(2) == first {
		t.Error("an index is used though the file changed")
	}
	if err := os.WriteFile(path, []byte(bundleOf(record("b", "y", 1)[1:])), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := completed(t.Context(), src, want); !errors.Is(err, datasource.ErrInvalidData) {
		t.Errorf("a damaged file gives %v", err)
	}
	if ix := <-src.index; ix != nil {
		t.Error("the index of another content is kept")
	}
	src.index <- nil
	if err := os.WriteFile(path, []byte(bundleOf(record("a", "x", 1))), 0o600); err != nil {
		t.Fatal(err)
	}
	ask(1)
	if err := src.Close(); err != nil || ask(1) == first {
		t.Errorf("Close: %v", err)
	}
}

// TestIndexOfOtherContent holds that records are not taken from a file that is
// another than the one indexed.
func TestIndexOfOtherContent(t *testing.T) {
	t.Parallel()
	dir := folderOf(t, map[string]string{"a.json": bundleOf(record("a", "x", 1), record("b", "x", 1)), "b.json.gz": pack(t, "gzip", bundleOf(record("a", "x", 1), record("b", "x", 1)))})
	for _, name := range []string{"a.json", "b.json.gz"} {
		src := open(t, datasource.Env{Dir: dir}, "file://"+name)
		want := datasource.Wanted{Entity: "process", PIDs: []int64{1}}
		if _, _, err := completed(t.Context(), src, want); err != nil {
			t.Fatal(err)
		}
		other := bundleOf(record("c", "other", 1))
		if name != "a.json" {
			other = pack(t, "gzip", other)
		}
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(other), 0o600); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		ix := <-src.index // as if the file changed after its stamp was taken
		ix.stamp = path + "\x00" + stampOfFile(info) + "\x00"
		src.index <- ix
		_, _, err = completed(t.Context(), src, want)
		if f := new(datasource.Failure); !errors.As(err, &f) || f.Reason != "the file changed while it was read" {
			t.Errorf("%s: another content gives %v", name, err)
		}
	}
}

func TestCompletePage(t *testing.T) {
	t.Parallel()
	text := bundleOf(record("a", "x", 1), record("b", "y", 2))
	asked := 0
	env := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked++
		http.ServeContent(w, r, "", time.Unix(1e9, 0), strings.NewReader(text))
	})
	src := open(t, env, pageURL)
	want := datasource.Wanted{Entity: "url", IDs: idsOf(t, src, "url")[1:]}
	for range 2 {
		hits, task, err := completed(t.Context(), src, want)
		if err != nil || len(hits) != 1 {
			t.Fatalf("%d hits, %v, want 1", len(hits), err)
		}
		stamp, err := task.Stamp(t.Context())
		if err != nil || stamp == "" {
			t.Errorf("Stamp: %q, %v", stamp, err)
		}
	}
	if asked != 3 {
		t.Errorf("the server was asked %d times, want once for each task", asked)
	}
}

func TestCompleteEnds(t *testing.T) {
	t.Parallel()
	var records []string
	for i := range 20 * chunkRecords {
		records = append(records, record(fmt.Sprint(i), "x", 1))
	}
	dir := folderOf(t, map[string]string{"a.json": bundleOf(records...)})
	src := open(t, datasource.Env{Dir: dir}, "file://a.json")
	want := datasource.Wanted{Entity: "process", PIDs: []int64{1}}

	ctx, cancel := context.WithCancel(t.Context())
	task, err := src.Complete(ctx, want)
	if err != nil {
		t.Fatal(err)
	}
	progress := func(int64, int64, string) { cancel() }
	for _, err := range task.Run(ctx, progress) {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("a reading that is cancelled while the index is made yields %v", err)
		}
	}
	if ix := <-src.index; ix != nil {
		t.Error("half an index is kept")
	}
	src.index <- nil

	for _, leave := range []int{1, 3} {
		if task, err = src.Complete(t.Context(), want); err != nil {
			t.Fatal(err)
		}
		batches := 0
		for b, err := range task.Run(t.Context(), nil) {
			if err != nil || len(b.Records) > chunkRecords {
				t.Errorf("batch of %d records, %v", len(b.Records), err)
			}
			if batches++; batches == leave {
				break
			}
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	if task, err = src.Complete(ctx, want); err != nil {
		t.Fatal(err)
	}
	var last error
	for _, last = range task.Run(ctx, nil) {
		stop()
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("a lookup that is cancelled ends with %v", last)
	}
	held := <-src.index
	if _, _, err := completed(ctx, src, want); !errors.Is(err, context.Canceled) {
		t.Errorf("a task that waits for the index of another ends with %v", err)
	}
	src.index <- held
}

// TestConveyFault holds that a panic in the crew reaches who called it.
func TestConveyFault(t *testing.T) {
	t.Parallel()
	dir := folderOf(t, map[string]string{"a.json": bundleOf(record("a", "x", 1))})
	src := open(t, datasource.Env{Dir: dir}, "file://a.json")
	task, err := src.Complete(t.Context(), datasource.Wanted{Entity: "process", PIDs: []int64{1}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if r := recover(); r == nil {
			t.Error("a panic of the progress is lost")
		}
	}()
	for batch, err := range task.Run(t.Context(), func(int64, int64, string) { panic("progress") }) {
		t.Errorf("yields %v, %v", batch, err)
	}
}
