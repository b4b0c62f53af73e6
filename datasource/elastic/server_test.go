// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package elastic

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A server is a stand-in for both products: it answers in the shapes that they
// have, from indices in memory, and fails as it is told.
type server struct {
	*httptest.Server
	product string // "elasticsearch", "opensearch", "old" for neither point in time, "mute" for no root
	shards  int    // over which the documents of an index are spread

	mu      sync.Mutex
	indices []*index
	asked   []string
	bodies  []string
	auth    []string
	open    map[string]*cursor // points in time and scrolls
	opened  int
	fault   func(n int, r *http.Request) http.HandlerFunc // nil, or what to do instead; n counts searches from one
	n       int
	edit    func(answer map[string]any) // of a search
}

// A cursor is a point in time, or a scroll with its place.
type cursor struct {
	indices []*index
	request map[string]any
	after   []any
	pages   int
}

func newServer(t testing.TB, product string, indices ...*index) *server {
	t.Helper()
	s := &server{product: product, indices: indices, open: make(map[string]*cursor), shards: 1}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func (s *server) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Date", now.Format(http.TimeFormat))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, r.Method+" "+r.URL.RequestURI())
	s.bodies = append(s.bodies, string(body))
	s.auth = append(s.auth, r.Header.Get("Authorization"))
	isSearch := strings.HasSuffix(r.URL.Path, "/_search") || strings.HasSuffix(r.URL.Path, "/_search/scroll") && r.Method == http.MethodPost
	if isSearch {
		s.n++
	}
	if s.fault != nil {
		if h := s.fault(s.n, r); h != nil {
			h(w, r)
			return
		}
	}
	var request map[string]any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	_ = dec.Decode(&request)
	status, answer := s.answer(r, request)
	w.Header().Set("Content-Type", "application/json")
	if s.product == "elasticsearch" {
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}

func refusal(status int, typ, reason string) (int, any) {
	cause := map[string]any{"type": typ, "reason": reason}
	return status, map[string]any{"error": map[string]any{"type": typ, "reason": reason, "root_cause": []any{cause}}, "status": status}
}

func (s *server) answer(r *http.Request, request map[string]any) (int, any) {
	dir, operation := path.Split(r.URL.Path)
	switch {
	case r.URL.Path == "/":
		return s.root()
	case operation == "_field_caps":
		return s.fieldCaps(r)
	case operation == "_pit" && r.Method == http.MethodPost:
		if s.product != "elasticsearch" {
			return refusal(http.StatusBadRequest, "illegal_argument_exception", "no handler found for uri")
		}
		return s.openPIT(r, dir, "id")
	case operation == "point_in_time" && r.Method == http.MethodPost:
		if s.product != "opensearch" {
			return refusal(http.StatusBadRequest, "illegal_argument_exception", "no handler found for uri")
		}
		return s.openPIT(r, strings.TrimSuffix(dir, "_search/"), "pit_id")
	case r.Method == http.MethodDelete:
		return s.close(request)
	case operation == "scroll":
		return s.nextScroll(request["scroll_id"].(string))
	case operation == "_search" && r.URL.Query().Get("scroll") != "":
		return s.firstScroll(r, dir, request)
	case operation == "_search":
		return s.search(request)
	}
	return refusal(http.StatusNotFound, "invalid", "no such operation")
}

func (s *server) root() (int, any) {
	switch s.product {
	case "mute":
		return refusal(http.StatusForbidden, "security_exception", "no permissions")
	case "opensearch":
		return http.StatusOK, map[string]any{"cluster_name": "test", "version": map[string]any{"number": "2.19.3", "distribution": "opensearch"}}
	case "old":
		return http.StatusOK, map[string]any{"cluster_name": "test", "version": map[string]any{"number": "7.6.0"}}
	}
	return http.StatusOK, map[string]any{"cluster_name": "test", "version": map[string]any{"number": "8.15.0", "build_flavor": "default"}}
}

// named returns the indices that a path names, and one that does not exist.
func (s *server) named(dir string) (found []*index, missing string) {
	for pattern := range strings.SplitSeq(strings.Trim(dir, "/"), ",") {
		any := false
		for _, x := range s.indices {
			if ok, _ := path.Match(pattern, x.name); ok {
				any = true
				if !slices.Contains(found, x) {
					found = append(found, x)
				}
			}
		}
		if !any && !strings.Contains(pattern, "*") {
			missing = pattern
		}
	}
	return found, missing
}

func indexMissing(name string) (int, any) {
	return refusal(http.StatusNotFound, "index_not_found_exception", "no such index ["+name+"]")
}

func (s *server) fieldCaps(r *http.Request) (int, any) {
	found, missing := s.named(path.Dir(r.URL.Path))
	if missing != "" && r.URL.Query().Get("ignore_unavailable") == "" {
		return indexMissing(missing)
	}
	fields := make(map[string]any)
	var names []string
	for _, x := range found {
		names = append(names, x.name)
	}
	for _, name := range mappedFields(found) {
		for _, suffix := range []string{"", ".keyword"} {
			types := make(map[string]any)
			for _, x := range found {
				if typ := x.types(name + suffix); typ != "" && (suffix == "" || x.types(name) == "text") {
					c, _ := types[typ].(map[string]any)
					if c == nil {
						c = map[string]any{"type": typ, "searchable": true, "aggregatable": true, "indices": []string{}}
						types[typ] = c
					}
					c["indices"] = append(c["indices"].([]string), x.name)
				}
			}
			if len(types) > 0 {
				fields[name+suffix] = types
			}
		}
	}
	return http.StatusOK, map[string]any{"indices": names, "fields": fields}
}

// mappedFields returns the fields of which an index has seen a value.
func mappedFields(indices []*index) []string {
	var out []string
	for _, x := range indices {
		for _, d := range x.docs {
			for name := range d.values {
				out = append(out, strings.TrimSuffix(name, ".keyword"))
			}
			for _, name := range d.ignored {
				out = append(out, strings.TrimSuffix(name, ".keyword"))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (s *server) openPIT(r *http.Request, dir, key string) (int, any) {
	found, missing := s.named(dir)
	if missing != "" && r.URL.Query().Get("ignore_unavailable") == "" {
		return indexMissing(missing)
	}
	s.opened++
	id := fmt.Sprintf("pit-%d", s.opened)
	s.open[id] = &cursor{indices: found}
	return http.StatusOK, map[string]any{key: id}
}

func (s *server) close(request map[string]any) (int, any) {
	for _, key := range []string{"id", "pit_id", "scroll_id"} {
		switch v := request[key].(type) {
		case string:
			delete(s.open, baseOf(v))
		case []any:
			for _, id := range v {
				delete(s.open, baseOf(id.(string)))
			}
		}
	}
	return http.StatusOK, map[string]any{"succeeded": true}
}

func (s *server) firstScroll(r *http.Request, dir string, request map[string]any) (int, any) {
	found, missing := s.named(dir)
	if missing != "" && r.URL.Query().Get("ignore_unavailable") == "" {
		return indexMissing(missing)
	}
	if request["track_total_hits"] == false {
		return refusal(http.StatusBadRequest, "action_request_validation_exception", "disabling [track_total_hits] is not allowed in a scroll context")
	}
	s.opened++
	id := fmt.Sprintf("scroll-%d", s.opened)
	s.open[id] = &cursor{indices: found, request: request}
	return s.nextScroll(id)
}

func (s *server) nextScroll(id string) (int, any) {
	c := s.open[id]
	if c == nil {
		return refusal(http.StatusNotFound, "search_context_missing_exception", "No search context found")
	}
	c.request["search_after"] = c.after
	hits := s.find(c.indices, c.request)
	if len(hits) > 0 {
		c.after = hits[len(hits)-1]["sort"].([]any)
	}
	answer := s.shape(hits)
	answer["_scroll_id"] = id
	return http.StatusOK, answer
}

func (s *server) search(request map[string]any) (int, any) {
	pit, _ := request["pit"].(map[string]any)
	id, _ := pit["id"].(string)
	c := s.open[baseOf(id)]
	if c == nil || request["slice"] == nil && id != c.id(baseOf(id)) {
		return refusal(http.StatusNotFound, "search_context_missing_exception", "No search context found for id ["+id+"]")
	}
	answer := s.shape(s.find(c.indices, request))
	if s.product == "elasticsearch" {
		c.pages++ // the id changes with every page
		answer["pit_id"] = c.id(baseOf(id))
	}
	return http.StatusOK, answer
}

// id returns the newest id of a point in time.
func (c *cursor) id(base string) string {
	if c.pages == 0 {
		return base
	}
	return fmt.Sprintf("%s.%d", base, c.pages)
}

// baseOf returns the part of an id that stays.
func baseOf(id string) string {
	base, _, _ := strings.Cut(id, ".")
	return base
}

func (s *server) shape(hits []map[string]any) map[string]any {
	list := make([]any, len(hits))
	for i, h := range hits {
		list[i] = h
	}
	answer := map[string]any{
		"took": 1, "timed_out": false, "_shards": map[string]any{"total": 1, "successful": 1, "skipped": 0, "failed": 0},
		"hits": map[string]any{"total": map[string]any{"value": len(hits), "relation": "gte"}, "hits": list},
	}
	if s.edit != nil {
		s.edit(answer)
	}
	return answer
}

// find returns one page: documents sorted by time, then, within a point in time,
// by their number, which on OpenSearch repeats from shard to shard.
func (s *server) find(indices []*index, request map[string]any) []map[string]any {
	query, err := json.Marshal(request["query"])
	if err != nil {
		panic(err)
	}
	type ranked struct {
		sort []any
		hit  map[string]any
	}
	var all []ranked
	number := 0
	slice, _ := request["slice"].(map[string]any)
	for _, x := range indices {
		for _, d := range x.search(panics{}, query) {
			number++
			if slice != nil {
				max, _ := slice["max"].(json.Number).Int64()
				id, _ := slice["id"].(json.Number).Int64()
				if int64(number)%max != id {
					continue
				}
			}
			ms := int64(1<<63 - 1)
			if at := d.values["@timestamp"]; len(at) > 0 {
				ms = at[0].(interface{ UnixMilli() int64 }).UnixMilli()
			}
			place := int64(number)
			if s.product == "opensearch" {
				place = int64(number / s.shards)
			}
			all = append(all, ranked{[]any{ms, place}, map[string]any{"_index": x.name, "_id": d.id, "_score": nil, "_source": d.source}})
		}
	}
	slices.SortStableFunc(all, func(a, b ranked) int {
		if c := compare(a.sort[0].(int64), b.sort[0].(int64)); c != 0 {
			return c
		}
		return compare(a.sort[1].(int64), b.sort[1].(int64))
	})
	size, _ := request["size"].(json.Number).Int64()
	var out []map[string]any
	for _, r := range all {
		if after, ok := request["search_after"].([]any); ok && len(after) == 2 && !beyond(r.sort, after) {
			continue
		}
		r.hit["sort"] = r.sort
		if int64(len(out)) < size {
			out = append(out, r.hit)
		}
	}
	return out
}

func beyond(sort, after []any) bool {
	for i := range sort {
		want, ok := after[i].(int64)
		if n, isNumber := after[i].(json.Number); isNumber {
			want, _ = n.Int64()
			ok = true
		}
		if !ok {
			panic("no sort value")
		}
		if c := compare(sort[i].(int64), want); c != 0 {
			return c > 0
		}
	}
	return false
}

// panics ends what has no test to end.
type panics struct{}

func (panics) Helper()                           {}
func (panics) Fatal(args ...any)                 { panic(fmt.Sprint(args...)) }
func (panics) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

func (s *server) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.asked)
}

func (s *server) leftOpen() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}
