// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"io"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// progressDelay is how long a reading lasts before its progress is shown.
const progressDelay = 500 * time.Millisecond

// A progress shows on a terminal how far a long reading is. It leaves nothing
// behind. Its methods are not safe for concurrent use; a nil progress shows
// nothing.
type progress struct {
	now     func() time.Time
	options []mpb.ContainerOption
	started time.Time // of the reading; zero if there is none
	last    int64     // what was reported last
	unit    string

	bars *mpb.Progress // nil until there is something to show
	bar  *mpb.Bar      // of the reading; nil until it has lasted
}

// newProgress returns the progress for w, nil if w is no terminal.
func newProgress(w io.Writer) *progress {
	if _, ok := terminal(w); !ok {
		return nil
	}
	return &progress{now: time.Now, options: []mpb.ContainerOption{mpb.WithOutput(w), mpb.WithWidth(64)}}
}

// reporter returns the method report, nil if p is nil.
func (p *progress) reporter() func(done, total int64, unit string) {
	if p == nil {
		return nil
	}
	return p.report
}

// report says that done of total units were read; total is 0 if it is not
// known. Less than was reported before begins another reading.
func (p *progress) report(done, total int64, unit string) {
	if p.started.IsZero() || done < p.last || unit != p.unit {
		p.drop()
		p.started, p.unit = p.now(), unit
	}
	p.last = done
	if p.bar == nil {
		if p.now().Sub(p.started) < progressDelay {
			return
		}
		p.show(total)
	}
	p.bar.SetCurrent(done)
}

// show adds a bar for the reading.
func (p *progress) show(total int64) {
	if p.bars == nil {
		p.bars = mpb.New(p.options...)
	}
	if total <= 0 {
		p.bar = p.bars.New(0, mpb.SpinnerStyle(), mpb.BarRemoveOnComplete(),
			mpb.BarWidth(1), mpb.AppendDecorators(p.current()))
		return
	}
	p.bar = p.bars.New(total, mpb.BarStyle(), mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(p.counters()), mpb.AppendDecorators(decor.NewPercentage("%d")))
}

// current writes how much was read, counters also of how much.
func (p *progress) current() decor.Decorator {
	if p.unit == "bytes" {
		return decor.CurrentKibiByte("% .1f")
	}
	return decor.CurrentNoUnit("%d " + p.unit)
}

func (p *progress) counters() decor.Decorator {
	if p.unit == "bytes" {
		return decor.CountersKibiByte("% .1f / % .1f")
	}
	return decor.CountersNoUnit("%d / %d " + p.unit)
}

// drop removes the bar of the reading.
func (p *progress) drop() {
	if p.bar != nil {
		p.bar.Abort(true)
		p.bar = nil
	}
}

// finish removes what is shown. Nothing may be reported after it.
func (p *progress) finish() {
	if p == nil {
		return
	}
	p.drop()
	if p.bars != nil {
		p.bars.Wait()
	}
}
