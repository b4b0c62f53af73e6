// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

//go:build integration

package elastic

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kestrelhunt/kestrel/datasource"
	"github.com/kestrelhunt/kestrel/entity"
)

// The tests behind this tag run real servers, which scripts/opensearch.sh
// starts, unless the environment names ones that run already.

// A product under test: the options of the script that starts it, and the
// variable that may name one.
type live struct {
	options  []string
	variable string

	once sync.Once
	dir  string
	url  string
	err  error
}

var (
	liveOpenSearch    = &live{variable: "KESTREL_OPENSEARCH"}
	liveElasticsearch = &live{options: []string{"--elasticsearch"}, variable: "KESTREL_ELASTICSEARCH"}
	liveSecure        = &live{options: []string{"--secure"}}

	nextOpenSearch    = &live{options: []string{"--next"}}
	nextElasticsearch = &live{options: []string{"--next", "--elasticsearch"}}
)

const testPassword = "correct-Horse7-battery"

var script = filepath.Join("..", "..", "scripts", "opensearch.sh")

func TestMain(m *testing.M) {
	code := m.Run()
	for _, l := range []*live{liveOpenSearch, liveElasticsearch, liveSecure, nextOpenSearch, nextElasticsearch} {
		l.stop()
	}
	os.Exit(code)
}

// start returns the URL of a server.
func (l *live) start(t testing.TB) string {
	t.Helper()
	l.once.Do(func() {
		if l.variable != "" && os.Getenv(l.variable) != "" {
			l.url = os.Getenv(l.variable)
			return
		}
		parent, err := os.MkdirTemp("", "kestrel-live") //nolint:usetesting // the server runs as another user, who may not enter a test's folder
		if err != nil {
			l.err = err
			return
		}
		if l.err = os.Chmod(parent, 0o755); l.err != nil {
			return
		}
		l.dir = filepath.Join(parent, "server")
		cmd := exec.Command(script, append([]string{"start", l.dir}, l.options...)...)
		cmd.Env = append(os.Environ(), "KESTREL_TEST_PASSWORD="+testPassword)
		var said bytes.Buffer
		cmd.Stderr = &said
		out, err := cmd.Output()
		if err != nil {
			l.err = fmt.Errorf("%w: %s", err, said.String())
		}
		l.url = strings.TrimSpace(string(out))
	})
	if l.err != nil {
		t.Fatalf("start a server: %v", l.err)
	}
	return l.url
}

// stop stops a server that start has started.
func (l *live) stop() {
	if l.dir != "" {
		_ = exec.Command(script, "stop", l.dir).Run()
	}
}

// call makes one request of our own.
func call(t testing.TB, method, url, kind string, body []byte) map[string]any {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil || resp.StatusCode >= 300 && resp.StatusCode != http.StatusNotFound {
		t.Fatalf("%s %s: status %d: %s", method, url, resp.StatusCode, text)
	}
	return out
}

const jsonKind, linesKind = "application/json", "application/x-ndjson"

// A stored is a document that a server has taken.
type stored struct {
	id     string
	source []byte
}

// fill makes an index and loads documents; those that the server refuses are
// left out of the result.
func fill(t testing.TB, url, name, settings string, docs [][]byte) []stored {
	t.Helper()
	call(t, http.MethodDelete, url+"/"+name, jsonKind, nil)
	call(t, http.MethodPut, url+"/"+name, jsonKind, []byte(settings))
	var out []stored
	for start := 0; start < len(docs); start += 500 {
		part := docs[start:min(start+500, len(docs))]
		var body bytes.Buffer
		for i, doc := range part {
			fmt.Fprintf(&body, `{"index":{"_index":"%s","_id":"d%05d"}}`+"\n%s\n", name, start+i, bytes.TrimSpace(doc))
		}
		answer := call(t, http.MethodPost, url+"/_bulk", linesKind, body.Bytes())
		for i, item := range answer["items"].([]any) {
			if item.(map[string]any)["index"].(map[string]any)["status"].(float64) < 300 {
				out = append(out, stored{fmt.Sprintf("d%05d", start+i), part[i]})
			}
		}
	}
	call(t, http.MethodPost, url+"/"+name+"/_refresh", jsonKind, nil)
	return out
}

// ecsSettings makes an index with the types of ECS, as its templates do.
func ecsSettings() string {
	properties := make(map[string]any)
	add := func(name, typ string) {
		at := properties
		pieces := strings.Split(name, ".")
		for _, piece := range pieces[:len(pieces)-1] {
			inner, _ := at[piece].(map[string]any)
			if inner == nil {
				inner = map[string]any{"properties": make(map[string]any)}
				at[piece] = inner
			}
			if inner["properties"] == nil {
				return // a field of an object that is mapped as a whole
			}
			at = inner["properties"].(map[string]any)
		}
		field := map[string]any{"type": typ}
		if typ == "keyword" {
			field["ignore_above"] = 1024
		}
		at[pieces[len(pieces)-1]] = field
	}
	for name, k := range ecsKinds {
		typ := map[kind]string{textKind: "text", ipKind: "ip", intKind: "long", floatKind: "float", boolKind: "boolean", dateKind: "date"}[k]
		if typ != "" && !strings.HasPrefix(name, "dns.answers") {
			add(name, typ)
		}
	}
	settings := map[string]any{
		"settings": map[string]any{"number_of_shards": 3, "number_of_replicas": 0, "index.mapping.ignore_malformed": true, "index.mapping.total_fields.limit": 5000},
		"mappings": map[string]any{
			"date_detection": false,
			"dynamic_templates": []any{map[string]any{"texts": map[string]any{
				"match_mapping_type": "string", "mapping": map[string]any{"type": "keyword", "ignore_above": 1024},
			}}},
			"properties": properties,
		},
	}
	text, err := json.Marshal(settings)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// dynamicSettings makes an index without a template.
const dynamicSettings = `{"settings":{"number_of_shards":2,"number_of_replicas":0,"index.mapping.total_fields.limit":5000}}`

// documents returns our own samples, some that are meant badly, and those under
// KESTREL_TESTDATA.
func liveDocuments(t testing.TB) [][]byte {
	t.Helper()
	var docs [][]byte
	files, err := filepath.Glob(filepath.Join("..", "mapping", "testdata", "*.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("KESTREL_TESTDATA"); dir != "" {
		for _, pattern := range []string{"ecs/*.ndjson", "sysflow/*.gz"} {
			more, err := filepath.Glob(filepath.Join(dir, "telemetry", pattern))
			if err != nil || len(more) == 0 {
				t.Fatalf("no documents %s: %v", pattern, err)
			}
			files = append(files, more...)
		}
	}
	for _, file := range files {
		docs = append(docs, readLines(t, file)...)
	}
	return append(docs, badDocuments(t)...)
}

func readLines(t testing.TB, file string) [][]byte {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var in io.Reader = f
	if strings.HasSuffix(file, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	var out [][]byte
	scanner := bufio.NewScanner(in)
	scanner.Buffer(nil, 16<<20)
	for scanner.Scan() {
		if len(scanner.Bytes()) > 0 {
			out = append(out, bytes.Clone(scanner.Bytes()))
		}
	}
	if err := scanner.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// badDocuments are documents with hostile texts, wrong kinds, lists, and long
// values.
func badDocuments(t testing.TB) [][]byte {
	t.Helper()
	var out [][]byte
	add := func(doc map[string]any) {
		doc["@timestamp"] = "2026-03-02T09:30:00.000Z"
		text, err := json.Marshal(doc)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, text)
	}
	object := func(kv ...any) map[string]any {
		o := make(map[string]any)
		for i := 0; i < len(kv); i += 2 {
			o[kv[i].(string)] = kv[i+1]
		}
		return o
	}
	for i, text := range append(hostile, someTexts...) {
		add(object("process", object("name", text, "command_line", "run "+text+" now", "executable", `C:\x\`+text, "pid", i), "file", object("path", "/tmp/"+text)))
	}
	long := strings.Repeat("powershell -enc QUJD ", 100)
	add(object("process", object("command_line", long, "name", "powershell.exe", "pid", 4242)))
	add(object("process", object("command_line", []any{long, "short"}, "name", []any{"a", "b"}, "pid", []any{1, 2})))
	add(object("process", object("name", []any{"only"}, "executable", []any{"/bin/only"}, "pid", "4711"), "tags", "single"))
	add(object("process.name", "dotted", "process.parent.name", "above", "process.pid", 5))
	add(object("process", object("pid", "no number", "name", "wrong"), "source", object("ip", "no address", "port", "https"), "event", object("created", "yesterday", "duration", 1.5)))
	add(object("process", object("pid", 7.9, "name", 443), "event", object("code", 4624, "risk_score", 0.1), "user", object("id", 1000)))
	add(object("source", object("ip", "::ffff:10.1.2.3", "port", 1), "destination", object("ip", []any{"10.0.0.1", "2001:DB8::1"}), "network", object("transport", "TCP", "protocol", "tls, http")))
	add(object("registry", object("path", `hklm\Software\Acme\Run\x`, "key", `Software\Acme\Run`)))
	return out
}

// losesText reports whether a document has a text that OpenSearch leaves out of
// an index without a trace: one that is too long for its field, alone or beside
// others.
func losesText(doc []byte) bool {
	var tree any
	if json.Unmarshal(doc, &tree) != nil {
		return false
	}
	var walk func(v any, limit int) bool
	walk = func(v any, limit int) bool {
		switch v := v.(type) {
		case string:
			return len([]rune(v)) > limit
		case []any:
			return slices.ContainsFunc(v, func(e any) bool { return walk(e, 256) })
		case map[string]any:
			for _, e := range v {
				if walk(e, limit) {
					return true
				}
			}
		}
		return false
	}
	return walk(tree, 1024)
}

// openLive opens a profile of a live server, without a window.
func openLive(t testing.TB, url, indices string, change func(*datasource.Profile)) *source {
	t.Helper()
	return openLiveIn(t, datasource.Env{}, url, indices, change)
}

func openLiveIn(t testing.TB, env datasource.Env, url, indices string, change func(*datasource.Profile)) *source {
	t.Helper()
	p := datasource.Profile{
		Name: "live", Connector: name, Connection: datasource.Settings{"host": url, "indices": indices},
		BatchSize: 2000, Timeout: time.Minute,
	}
	if change != nil {
		change(&p)
	}
	src, err := new(Connector).Open(t.Context(), p, env)
	if err != nil {
		t.Fatal(err)
	}
	own := src.(*source)
	t.Cleanup(func() { _ = own.Close() })
	return own
}

// records turns documents into records, as a task does.
func records(t testing.TB, index string, docs []stored) []entity.Record {
	t.Helper()
	m := ecsTable(t).NewMapper()
	out := make([]entity.Record, len(docs))
	for i, d := range docs {
		if err := m.Map(d.source, &out[i]); err != nil {
			t.Fatal(err)
		}
		out[i].ID = recordID(index, d.id)
		entity.Identify(&out[i])
	}
	return out
}

// openContexts returns how many searches a server holds open.
func openContexts(t testing.TB, url string) float64 {
	t.Helper()
	answer := call(t, http.MethodGet, url+"/_nodes/stats/indices/search", jsonKind, nil)
	total := 0.0
	for _, node := range answer["nodes"].(map[string]any) {
		search := node.(map[string]any)["indices"].(map[string]any)["search"].(map[string]any)
		for _, key := range []string{"open_contexts", "point_in_time_current"} {
			if n, ok := search[key].(float64); ok {
				total += n
			}
		}
	}
	return total
}

// allClosed holds that a server soon has no search open: one whose client has
// left ends when the server notices.
func allClosed(t testing.TB, url string) {
	t.Helper()
	open := openContexts(t, url)
	for n := 0; open != 0 && n < 100; n++ {
		time.Sleep(100 * time.Millisecond)
		open = openContexts(t, url)
	}
	if open != 0 {
		t.Errorf("%v searches are left open", open)
	}
}
