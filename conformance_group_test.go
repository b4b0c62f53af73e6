// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package kestrel_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kestrelhunt/kestrel/display"
)

// TestGroupConformance runs the conformance cases of SORT, GROUP, JOIN, merge and
// transformers that are about the original's test bundles. Each hunt shows tables;
// what they must be is written one row a line, the columns separated by "|".
func TestGroupConformance(t *testing.T) {
	t.Parallel()
	data := os.Getenv("KESTREL_TESTDATA")
	if data == "" {
		t.Skip("KESTREL_TESTDATA names no folder: the original's test data is not here")
	}
	const (
		conns = "conns = GET network-traffic FROM file://test_bundle.json WHERE dst_port < 10000\n"
		ssh   = "conns = GET network-traffic FROM file://test_bundle.json WHERE dst_port = 22\n"
		wmic  = "w = GET process FROM file://doctored-1k.json WHERE name = 'WMIC.exe'\n"
	)
	tests := []struct{ name, hunt, want string }{
		{"C111", conns + "s = SORT conns BY dst_port ASC  DISP s ATTR dst_port LIMIT 1  g = GROUP conns BY dst_port  DISP g ATTR dst_port",
			"dst_port\n22\n\ndst_port\n22\n80\n514\n3128\n8080\n"},
		{"C112", conns + "g = GROUP conns BY src_ref.value, dst_ref.value WITH COUNT(*) AS n  h = GROUP g BY BIN(n, 100) WITH COUNT(*), SUM(n)  DISP h",
			"n_bin|count|sum_n\n0|94|100\n"},
		{"C113", ssh + "g = GROUP conns BY src_ref.value WITH MAX(dst_ref.value), COUNT(dst_ref.value) AS c, NUNIQUE(dst_ref.value)  DISP g LIMIT 2",
			"src_ref.value|max_dst_ref.value|c|nunique_dst_ref.value\n192.168.104.15|10.0.0.197|1|1\n192.168.107.220|10.0.0.134|1|1\n"},
		{"C114", conns + "ts = TIMESTAMPED(conns)  g = GROUP ts BY BIN(first_observed, 1m) WITH COUNT(dst_port) AS count  DISP g",
			"first_observed_bin|count\n2020-06-30T19:25:00Z|20\n2020-06-30T19:26:00Z|26\n2020-06-30T19:27:00Z|16\n2020-06-30T19:28:00Z|22\n2020-06-30T19:29:00Z|16\n"},
		{"C115", conns + "g = GROUP conns BY BIN(src_port, 10000) WITH COUNT(*) AS count  DISP g",
			"src_port_bin|count\n40000|4\n50000|69\n60000|27\n"},
		{"C116", conns + "g = GROUP conns BY dst_port WITH COUNT(src_port), SUM(src_port), AVG(src_port) AS a  DISP g WHERE dst_port = 22  DISP g ATTR count_src_port",
			"dst_port|count_src_port|sum_src_port|a\n22|29|1637407|56462.31034482759\n\ncount_src_port\n29\n9\n40\n14\n8\n"},
		{"C117", conns + "ts = TIMESTAMPED(conns)  g = GROUP ts BY dst_port, BIN(first_observed, 5m) WITH COUNT(*)  DISP g LIMIT 1  h = GROUP g BY BIN(dst_port, 10000) WITH COUNT(*)  DISP h",
			"dst_port|first_observed_bin|count\n22|2020-06-30T19:25:00Z|29\n\ndst_port_bin|count\n0|5\n"},
		{"C118", wmic + "g = GROUP w BY parent_ref.name WITH COUNT(pid)  DISP g", "parent_ref.name|count_pid\ncmd.exe|7\n"},
		{"two references deep", wmic + "g = GROUP w BY binary_ref.parent_directory_ref.path WITH COUNT(*) AS n  DISP g",
			"binary_ref.parent_directory_ref.path|n\n" + `C:\Windows\SysWOW64\wbem` + "|7\n"},
		{"C119", ssh + "g = GROUP conns BY src_ref.value, dst_ref.value WITH COUNT(*) AS count  DISP g ATTR count, src_ref.value, dst_ref.value LIMIT 1",
			"count|src_ref.value|dst_ref.value\n1|192.168.104.15|10.0.0.197\n"},
		{"C121", "p = NEW process [{'name': 'a', 'pid': 1}, {'name': 'b', 'pid': 2}, {'name': 'a', 'pid': 3}]  g = GROUP p BY name  DISP g",
			"name|unique_name|unique_pid\na|1|2\nb|1|1\n"},
		{"C122", "c = NEW network-traffic [{'src_ref.value': '1.2.3.4', 'dst_ref.value': '4.3.2.1'}, {'src_ref.value': '1.2.3.4', 'dst_ref.value': '5.3.2.1'}, {'src_ref.value': '2.2.3.4', 'dst_ref.value': '4.3.2.1'}]  g = GROUP c BY dst_ref.value  DISP g",
			"dst_ref.value|unique_src_ref|unique_dst_ref\n4.3.2.1|2|1\n5.3.2.1|1|1\n"},
		{"C123", "ips = LOAD test_input_data_ips.csv AS ipv4-addr  assets = NEW ipv4-addr ['192.168.1.2', '192.168.1.3']  j = JOIN ips, assets BY value, value  DISP j ATTR value, risk",
			"value|risk\n192.168.1.2|2\n"},
		{"C124", "ip1 = NEW ipv4-addr ['1.1.1.1', '1.1.1.2']  ip2 = ip1  ip3 = NEW ipv4-addr ['1.1.1.3', '1.1.1.4', '1.1.1.5']  all = ip2 + ip3  DISP all ATTR value",
			"value\n1.1.1.1\n1.1.1.2\n1.1.1.3\n1.1.1.4\n1.1.1.5\n"},
		{"C125", "p = GET process FROM file://doctored-1k.json WHERE name = 'cmd.exe'  q = p SORT BY pid LIMIT 3  a = p + q  b = q + p  ga = GROUP a BY name WITH COUNT(*)  gb = GROUP b BY name WITH COUNT(*)  DISP ga  DISP gb",
			"name|count\ncmd.exe|14\n\nname|count\ncmd.exe|14\n"},
		{"C128", "i = GET ipv4-addr FROM file://test_bundle.json WHERE value ISSUBSET '10.0.0.0/8'  t = TIMESTAMPED(i)  r = RECORDS(i)  gt = GROUP t BY BIN(first_observed, 1d) WITH COUNT(*)  gr = GROUP r BY number_observed WITH COUNT(*)  DISP gt  DISP gr",
			"first_observed_bin|count\n2020-06-30T00:00:00Z|100\n\nnumber_observed|count\n1|100\n"},
		{"C137", wmic + "DISP w ATTR name", "name\nWMIC.exe\n"},
		{"C138", ssh + "DISP conns ATTR src_ref.value, src_port, dst_ref.value, dst_port SORT BY src_port ASC LIMIT 3",
			"src_ref.value|src_port|dst_ref.value|dst_port\n192.168.203.101|49468|10.0.0.134|22\n192.168.52.133|50070|10.0.0.197|22\n192.168.249.36|50411|10.0.0.139|22\n"},
		{"C127", ssh + "a = TIMESTAMPED(conns)  n = GROUP a BY dst_port WITH COUNT(*), NUNIQUE(first_observed)  DISP n  DISP TIMESTAMPED(conns) ATTR dst_port, src_port, first_observed LIMIT 2",
			"dst_port|count|nunique_first_observed\n22|29|29\n\nfirst_observed|dst_port|src_port\n2020-06-30T19:25:09.447726Z|22|52983\n2020-06-30T19:25:26.91646Z|22|55606\n"},
		{"C129", ssh + "DISP RECORDS(conns) ATTR dst_port LIMIT 1",
			"number_observed|first_observed|last_observed|observation_id|dst_port\n1|2020-06-30T19:25:09.447726Z|2020-06-30T19:28:49.692424Z|observed-data--358db13c-3591-4b2d-b0fc-a055dfe4d818|22\n"},
		{"C131", "p = NEW process [{'name': 'cmd.exe', 'pid': 123}, {'name': 'explorer.exe', 'pid': 99}]\n" +
			"DISP p ATTR pid SORT BY pid ASC  DISP p ATTR name, pid SORT BY name DESC  DISP p ATTR pid SORT BY pid ASC LIMIT 1 OFFSET 0  DISP p ATTR pid SORT BY pid ASC LIMIT 2 OFFSET 1  DISP p ATTR pid SORT BY pid ASC LIMIT 1 OFFSET 1",
			"pid\n99\n123\n\nname|pid\nexplorer.exe|99\ncmd.exe|123\n\npid\n99\n\npid\n123\n\npid\n123\n"},
		{"C132", "p = NEW process [{'name': 'cmd.exe', 'pid': 123}, {'name': 'explorer.exe', 'pid': 99, 'x_foo': 'bar'}]\n" +
			"DISP p WHERE pid < 100 ATTR pid  DISP p WHERE [pid >= 100] ATTR pid  DISP p WHERE x_foo IS NULL ATTR pid  DISP p WHERE x_foo IS NOT NULL ATTR pid  DISP p WHERE x_foo = 'bar' ATTR pid",
			"pid\n99\n\npid\n123\n\npid\n123\n\npid\n99\n\npid\n99\n"},
		{"C133", "c = GET network-traffic FROM file://doctored-1k.json WHERE src_port > 0  g = GROUP c BY src_ref.value WITH COUNT(*)  DISP g WHERE src_ref.value LIKE '%:%' OR src_ref.value LIKE '10.%' LIMIT 3  DISP TIMESTAMPED(c) ATTR src_ref.value, src_port LIMIT 1",
			"src_ref.value|count\n0:0:0:0:0:0:0:1|7\nfe80:0:0:0:5d67:4a8:1e69:54d8|55\nfe80:0:0:0:6cba:509b:55b2:f1be|4\n\nfirst_observed|src_ref.value|src_port\n2019-11-16T12:55:28.101Z|192.168.1.156|60842\n"},
		{"C135", "p = GET process FROM file://doctored-1k.json WHERE name IN ('conhost.exe', 'services.exe', 'taskhost.exe')  s = SORT p BY binary_ref.name DESC  DISP s ATTR binary_ref.name",
			"binary_ref.name\ntaskhost.exe\nservices.exe\nconhost.exe\n"},
		{"C136", "x = GET process FROM file://powershell_search_stix_result.json WHERE name = 'powershell.exe'  DISP x ATTR binary_ref.hashes.'SHA-256'",
			"binary_ref.hashes.'SHA-256'\nde96a6e69944335375dc1ac238336066889d9ffc7d73628ef4fe1b1b160ab32c\n"},
		{"C144", "p = NEW process [{'name': 'cmd.exe', 'pid': 123}, {'name': 'explorer.exe', 'pid': 99}]  x = p WHERE pid > 100  g = GROUP x BY name WITH COUNT(*)  DISP g", "name|count\ncmd.exe|1\n"},
		{"a reference meets an id", "c = GET process FROM file://doctored-1k.json WHERE name = 'cmd.exe'\n" + wmic +
			"j = JOIN w, c BY parent_ref, id  k = JOIN w, c BY parent_ref.pid, pid  DISP j ATTR name SORT BY pid  g = GROUP j BY parent_ref.name WITH COUNT(*)  DISP g  h = GROUP k BY name WITH COUNT(*)  DISP h",
			"name\nWMIC.exe\n\nparent_ref.name|count\ncmd.exe|7\n\nname|count\nWMIC.exe|14\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			session := openIn(t, filepath.Join(data, "stix", "kestrel-v1-test-data"))
			res, err := session.Execute(t.Context(), tt.hunt)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, tablesOf(res.Displays)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// tablesOf writes the tables among displays, one row a line.
func tablesOf(displays []display.Display) string {
	var out []string
	for _, d := range displays {
		table, ok := d.(*display.Table)
		if !ok {
			continue
		}
		text := strings.Join(table.Columns, "|") + "\n"
		for _, row := range table.Rows {
			cells := make([]string, len(row))
			for i, v := range row {
				cells[i] = v.String()
			}
			text += strings.Join(cells, "|") + "\n"
		}
		out = append(out, text)
	}
	return strings.Join(out, "\n")
}
