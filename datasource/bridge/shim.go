// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package bridge

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
)

//go:embed shim.py
var program string

// A shim is a running Python with our program in it. It is not safe for
// concurrent use.
type shim struct {
	launch  *launcher
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	said    *lastWords
	calls   int
	expired atomic.Bool // it was killed because a call took too long
	ended   atomic.Bool // the process is no more, and its number may be another's
	dead    bool        // it will answer no more
}

// launch starts an interpreter. It dies with ctx, with all processes that it
// has started.
func (l *launcher) launch(ctx context.Context, python string, environ []string) (*shim, error) {
	s := &shim{launch: l, said: new(lastWords)}
	s.cmd = exec.CommandContext(ctx, python, "-c", program)
	s.cmd.Env = append(slices.Clip(environ),
		"PYTHONHASHSEED=0", // the library makes lists of sets: let their order stay the same
		"PYTHONSAFEPATH=1", // no modules from the folder of the moment
		"PYTHONIOENCODING=utf-8")
	s.cmd.Stderr = s.said
	s.cmd.WaitDelay = 5 * time.Second
	ownGroup(s.cmd)
	s.cmd.Cancel = s.kill
	in, err := s.cmd.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("bridge: start %s: %w", python, err)
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("bridge: start %s: %w", python, err)
	}
	s.in, s.out = in, bufio.NewReaderSize(out, 64<<10)
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("bridge: start %s: %w", python, err)
	}
	return s, nil
}

// call lets Python run an operation within a time, and decodes what it returns
// into result. Errors are *datasource.Failure, or wrap that of ctx. After an
// error of the process, as opposed to one of the library, the shim is dead.
func (s *shim) call(ctx context.Context, within time.Duration, op string, result any, args ...any) error {
	if args == nil {
		args = []any{}
	}
	s.calls++
	line, err := json.Marshal(request{ID: s.calls, Op: op, Args: args})
	if err != nil {
		return s.failure(op, "the question cannot be written: "+err.Error(), err)
	}
	timer := time.AfterFunc(within, func() {
		s.expired.Store(true)
		s.kill() //nolint:errcheck // it may be dead already
	})
	defer timer.Stop()
	if _, err := s.in.Write(append(line, '\n')); err != nil {
		return s.died(ctx, op, within, err)
	}
	text, err := s.line()
	if err != nil {
		return s.died(ctx, op, within, err)
	}
	var r reply
	if err := json.Unmarshal(text, &r); err != nil || r.ID != s.calls {
		s.dead = true
		return s.failure(op, "Python answers with something else than expected: "+datasource.Shorten(string(text[:min(len(text), 200)]), 200), err)
	}
	if r.Exception != "" {
		return s.failure(op, r.Exception, nil)
	}
	if err := json.Unmarshal(r.Result, result); err != nil {
		return s.failure(op, "the answer of the module has another form than expected: "+err.Error(), err)
	}
	return nil
}

// errTooLarge says that an answer does not end within its bound.
var errTooLarge = errors.New("the answer is too large")

// line reads one line, within the bound of an answer.
func (s *shim) line() ([]byte, error) {
	var line []byte
	for {
		part, err := s.out.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return line, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		case int64(len(line)) > s.launch.limit:
			return nil, errTooLarge
		}
	}
}

// died says why the process answers no more, and ends it.
func (s *shim) died(ctx context.Context, op string, within time.Duration, err error) error {
	s.dead = true
	s.kill() //nolint:errcheck // it may be dead already
	s.wait()
	if ended := ctx.Err(); ended != nil {
		return fmt.Errorf("%s: %s: %w", s.launch.source, op, ended)
	}
	if s.expired.Load() {
		f := s.failure(op, fmt.Sprintf("no answer within %s", within), nil)
		f.Kind = datasource.Unavailable
		f.Hint = "set connection.options.single_batch_timeout of the profile higher"
		return f
	}
	if errors.Is(err, errTooLarge) {
		f := s.failure(op, fmt.Sprintf("the answer is larger than %d bytes", s.launch.limit), nil)
		f.Hint = "set connection.options.retrieval_batch_size of the profile lower"
		return f
	}
	reason := "Python ended too early"
	if said := s.said.last(); said != "" {
		reason += ": " + said
	}
	return s.failure(op, reason, nil)
}

func (s *shim) failure(op, reason string, err error) *datasource.Failure {
	return &datasource.Failure{
		Kind: datasource.Unknown, Source: s.launch.source, Op: op,
		Reason: s.launch.mask(datasource.Shorten(reason, 500)), Err: err,
		Hint: "see with kestrel source check where it fails, and with pip whether stix-shifter and the module are current",
	}
}

// close ends the process: it has two seconds to end by itself.
func (s *shim) close() {
	timer := time.AfterFunc(2*time.Second, func() {
		s.kill() //nolint:errcheck // it may be dead already
	})
	defer timer.Stop()
	s.wait()
}

// kill ends the process with all that it has started.
func (s *shim) kill() error {
	if s.ended.Load() {
		return nil
	}
	return killGroup(s.cmd)
}

// wait closes the input and waits until the process has ended.
func (s *shim) wait() {
	s.in.Close()
	io.Copy(io.Discard, s.out) //nolint:errcheck // what it still says is of no interest
	s.cmd.Wait()               //nolint:errcheck // how it ended is of no interest
	s.ended.Store(true)
}

// lastWords keeps the end of what a process says on standard error.
type lastWords struct {
	mu   sync.Mutex
	text []byte
}

// Write keeps at least the last 64 KiB.
func (w *lastWords) Write(p []byte) (int, error) {
	const most = 64 << 10
	w.mu.Lock()
	defer w.mu.Unlock()
	w.text = append(w.text, p...)
	if len(w.text) > 2*most {
		w.text = append(w.text[:0], w.text[len(w.text)-most:]...)
	}
	return len(p), nil
}

// last returns the last line, in which Python names an exception.
func (w *lastWords) last() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := bytes.TrimSpace(w.text)
	text = text[bytes.LastIndexByte(text, '\n')+1:]
	return strings.ToValidUTF8(string(text), "?")
}
