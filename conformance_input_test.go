// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package kestrel_test

// conformanceOfInput are the cases of NEW, LOAD and SAVE, and of sessions.
var conformanceOfInput = []conformance{
	{"C25", "GET process FROM {TB4} WHERE pid = nope.pid", "fails VariableNotExist", ""},
	{"C27", `p = NEW [{"type": "process", "name": "cmd.exe", "pid": "123"}, {"type": "process", "name": "explorer.exe", "pid": "99"}]`, "p 2\np: process\np.pid = 123, 99", ""},
	{"C28", `p = NEW process [{"name": "cmd.exe", "pid": "123"}, {"name": "explorer.exe", "pid": "99"}]`, "p 2\np: process", ""},
	{"C29", `p = NEW [{"name": "cmd.exe"}]`, "fails MissingEntityType", ""},
	{"C30", `p = NEW process ["cmd.exe", "explorer.exe", "google-chrome.exe"]`, "p 3\np.name = cmd.exe, explorer.exe, google-chrome.exe", ""},
	{"C31", `p = NEW ["cmd.exe", "explorer.exe"]`, "fails MissingEntityType", ""},
	{"C32", `p = NEW process [{"name": "cmd.exe", "pid": 123}, {"name": "explorer.exe", "pid": 99}]
DESCRIBE p.pid`, "p.pid = 123, 99\nshows mean 111.0", "DESCRIBE of numbers shows that they are"},
	{"C33", `p = NEW process [{"name": "cmd.exe", "pid": "123"}, {"name": "explorer.exe"}]
q = NEW process [{"name": "cmd.exe"}, {"name": "explorer.exe", "pid": "99"}]`, "p.pid = 123,\nq.pid = , 99", ""},
	{"C34", `p = NEW [{"type": "process", "name": "cmd.exe"}, {"type": "file", "name": "a"}]`, "fails NonUniformEntityType", ""},
	{"C35", `p = NEW file [{"type": "process", "name": "cmd.exe"}]`, "p: process", ""},
	{"C36", `i = NEW ipv4-addr ["192.168.1.1", "192.168.1.2", "192.168.1.1"]`, "i 2", ""},
	{"C37", `p = NEW process ['a', 'é']
DISP p WHERE name = 'é' ATTR name
x = p WHERE name = 'é'`, "p 2\nx 1\nshows é", ""},
	{"C38", `a = LOAD {PROCS}.csv
b = LOAD {PROCS}.json
c = LOAD {PROCS}.parquet.gz
d = LOAD test_input_data_procs.csv`, "a 5\nb 5\nc 5\nd 5\na: process\nc: process\na.name = reg.exe, reg.exe, reg.exe, reg.exe, reg.exe", ""},
	{"C39-refused", `a = LOAD {PROCS}_no_type.json`, "fails MissingEntityType", ""},
	{"C39", `a = LOAD {PROCS}_no_type.json AS process`, "a 5", ""},
	{"C40-refused", `a = LOAD {PROCS}_list.json`, "fails MissingEntityType", ""},
	{"C40", `a = LOAD {PROCS}_list.json AS process`, "a 3\na.name ~ cmd.exe, explorer.exe, reg.exe", ""},
	{"C41", `a = LOAD {PROCS}.parquet.gz
SAVE a TO "{OUT}/copy.parquet.gz"
===
b = LOAD "{OUT}/copy.parquet.gz"`, "b 5", ""},
	{"C42", `a = GET network-traffic FROM {TB} WHERE dst_port > 0
b = GET network-traffic FROM {DK} WHERE src_port > 0
SAVE a TO "{OUT}/v4.csv"
SAVE b TO "{OUT}/mixed.csv"
---
c = LOAD "{OUT}/v4.csv"
d = LOAD "{OUT}/mixed.csv"
x = c WHERE src_ref.value = '192.168.121.121'
y = d WHERE src_ref.value = '127.0.0.1'`, "c 100\nd 853\nc: network-traffic\nx 1\ny 193", ""},
	{"C153", `i = GET ipv4-addr FROM {TB} WHERE value LIKE '%'
f = FIND network-traffic CREATED BY i
u = FIND user-account LINKED f`, "i 70\nf 100\nu 14", "which types are completed shows in no result: package complete's own tests do"},
	{"C158", `y = NEW user-account ["a", "b", "c"]
z = y`, "y 3\ny.user_id = a, b, c\nz 3", "NEW is the way to make a variable"},
	{"C165", `a = NEW process ["x"]
DISP a ATTR name
b = nope
c = a`, "fails VariableNotExist\na 1\nshows x", ""},
	{"C166", `p = GET process FROM {DK} WHERE name = 'cmd.exe'
x = p SORT BY pid DESC LIMIT 2
DISP x ATTR pid, name, id
===
p = GET process FROM {DK} WHERE name = 'cmd.exe'
x = p SORT BY pid DESC LIMIT 2
DISP x ATTR pid, name, id`, "x 2\nrepeats", ""},
}
