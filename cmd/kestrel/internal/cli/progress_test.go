// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/vbauerster/mpb/v8"
)

// testProgress returns a progress that draws into b as if it were a terminal,
// whenever refresh is sent a value, and its clock.
func testProgress(b *bytes.Buffer, refresh chan any) (*progress, *time.Time) {
	now := time.Unix(0, 0)
	return &progress{
		now: func() time.Time { return now },
		options: []mpb.ContainerOption{
			mpb.WithOutput(b), mpb.WithWidth(64), mpb.ForceTTY(), mpb.WithManualRefresh(refresh),
		},
	}, &now
}

func TestProgress(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	refresh := make(chan any)
	p, now := testProgress(&b, refresh)
	p.report(1<<20, 4<<20, "bytes")
	*now = now.Add(400 * time.Millisecond)
	p.report(2<<20, 4<<20, "bytes")
	if p.bars != nil {
		t.Fatal("a reading is shown before it has lasted")
	}
	*now = now.Add(200 * time.Millisecond)
	p.report(3<<20, 4<<20, "bytes")
	refresh <- time.Now()
	*now = now.Add(time.Second)
	p.report(10, 0, "records") // another reading
	if p.bar != nil {
		t.Error("another reading is shown before it has lasted")
	}
	*now = now.Add(time.Second)
	p.report(20, 0, "records")
	refresh <- time.Now()
	p.finish()
	for _, want := range []string{"3.0 MiB / 4.0 MiB", "75%", "20 records"} {
		if got := b.String(); !strings.Contains(got, want) {
			t.Errorf("progress wrote %q, want it to hold %q", got, want)
		}
	}
}

func TestProgressOfShortReading(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	p, _ := testProgress(&b, nil)
	p.report(1, 2, "bytes")
	p.report(2, 2, "bytes")
	p.finish()
	if b.Len() > 0 {
		t.Errorf("progress wrote %q, want nothing", b.String())
	}
}

func TestProgressOffTerminal(t *testing.T) {
	t.Parallel()
	p := newProgress(new(bytes.Buffer))
	if p.reporter() != nil {
		t.Error("there is a reporter for what is no terminal")
	}
	p.finish() // does nothing
}
