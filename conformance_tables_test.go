// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package kestrel_test

// conformanceOfTables are the cases of SORT, GROUP, JOIN, merge, transformers and
// displays.
var conformanceOfTables = []conformance{
	{"C120", `c = GET network-traffic FROM {TB} WHERE dst_port < 10000
g = GROUP c BY dst_port
DISP TIMESTAMPED(g)`, "fails MissingEntityAttribute", ""},
	{"C120-assigned", `c = GET network-traffic FROM {TB} WHERE dst_port < 10000
g = GROUP c BY dst_port
ts = TIMESTAMPED(g)`, "fails MissingEntityAttribute", ""},
	{"C126", `a = NEW ipv4-addr ["1.1.1.1"]
b = NEW domain-name ["x.com"]
c = a + b`, "fails NonUniformEntityType", ""},
	{"C127", `c = GET network-traffic FROM {TB} WHERE dst_port = 22
DISP TIMESTAMPED(c) ATTR dst_port, src_port LIMIT 5
t = TIMESTAMPED(c)
l = t LIMIT 5`, "t 29\nl 5\nshows first_observed dst_port src_port", ""},
	{"C129", `c = GET network-traffic FROM {TB} WHERE dst_port = 22
r = RECORDS(c)
DISP RECORDS(c) ATTR dst_port LIMIT 1`, "r 29\nshows number_observed first_observed last_observed observation_id dst_port", ""},
	{"C130", `c = GET network-traffic FROM {TB} WHERE dst_port = 22
DISP c ATTR src_port, dst_port`, "shows src_port dst_port", ""},
	{"C131", `p = NEW process [{"name": "cmd.exe", "pid": 123}, {"name": "explorer.exe", "pid": 99}]
a = p SORT BY name ASC
b = p SORT BY name DESC
c = p SORT BY pid ASC LIMIT 5 OFFSET 0
d = p SORT BY pid ASC LIMIT 1 OFFSET 0
e = p SORT BY pid ASC LIMIT 2 OFFSET 1
f = p SORT BY pid ASC LIMIT 1 OFFSET 1
DISP p ATTR pid, name`, "a.pid = 123, 99\nb.pid = 99, 123\nc.pid = 99, 123\nd.pid = 99\ne.pid = 123\nf.pid = 123\nshows pid name\nshows 123 cmd.exe", ""},
	{"C132", `p = NEW process [{"name": "cmd.exe", "pid": "123", "x_foo": "bar"}, {"name": "explorer.exe", "pid": "99"}]
a = p WHERE pid = 99
b = p WHERE [pid < 100]
c = p WHERE pid >= 100
d = p WHERE x_foo IS NULL
e = p WHERE [x_foo IS NOT NULL]
f = p WHERE x_foo = 'bar'`, "a.pid = 99\nb.pid = 99\nc.pid = 123\nd.pid = 99\ne.pid = 123\nf.pid = 123", ""},
	{"C133", `c = GET network-traffic FROM {DK} WHERE src_port > 0
DISP c ATTR src_ref.value, src_port LIMIT 1
DISP TIMESTAMPED(c) ATTR src_ref.value, src_port LIMIT 1`, "shows src_ref.value src_port\nshows first_observed src_ref.value src_port", ""},
	{"C134", `DISP nothing`, "fails VariableNotExist", ""},
	{"C134-empty", `c = GET network-traffic FROM {TB} WHERE dst_port = 1
DISP c`, "c 0\nshows (no entities)", "an empty variable says that it is empty (Q23)"},
	{"C135", `p = GET process FROM {DK} WHERE name IN ('conhost.exe', 'services.exe', 'taskhost.exe')
s = SORT p BY binary_ref.name DESC
g = GROUP s BY binary_ref.name WITH COUNT(*) AS n
x = s LIMIT 1`, "x.binary_ref.name = taskhost.exe\ng.binary_ref.name = conhost.exe, services.exe, taskhost.exe", ""},
	{"C136", `x = GET process FROM {PS} WHERE name = 'powershell.exe'
DISP x ATTR binary_ref.hashes.'SHA-256'`, "shows de96a6e69944335375dc1ac238336066889d9ffc7d73628ef4fe1b1b160ab32c", ""},
	{"C139", `p = NEW process [{"name": "cmd.exe", "pid": 123}, {"name": "explorer.exe", "pid": 99}, {"name": "explorer.exe", "pid": 200}]
DESCRIBE p.name
DESCRIBE p.pid`, "shows count 3\nshows unique 2\nshows top explorer.exe\nshows freq 2\nshows mean 140.666667\nshows min 99\nshows max 200", ""},
	{"C140", `c = GET network-traffic FROM {TB} WHERE dst_port = 22
INFO c`, "shows Entity Type network-traffic\nshows Number of Entities 29\nshows Number of Records 29\nshows Birth Command get", ""},
	{"C141", `proclist = NEW process [{"name": "cmd.exe", "pid": "123"}, {"name": "explorer.exe", "pid": "99"}, {"name": "firefox.exe", "pid": "201"}, {"name": "chrome.exe", "pid": "205"}]
browsers = GET process FROM proclist WHERE [process:name IN ('firefox.exe', 'chrome.exe')]
DISP browsers ATTR name, pid`, "shows firefox.exe 201\nshows chrome.exe 205\nshows proclist process 4 4 0\nshows browsers process 2 2 0\nshows *Number of related records cached.", ""},
	{"C142", `a = NEW process ["x", "y"]`, "shows a process 2 2 0", ""},
	{"C142-two", `a = NEW process ["a", "b", "c", "d"]
b = GET process FROM a WHERE name != 'a'`, "shows a process 4 4 0\nshows b process 3 3 0", ""},
	{"C144", `p = NEW process [{"name": "cmd.exe", "pid": "123"}, {"name": "explorer.exe", "pid": "99"}]
x = p WHERE pid > 100`, "x 1\nshows x process 1 1 0", ""},
	{"C146", `p = NEW process ["a"]
DISP p ATTR nosuch`, "fails MissingEntityAttribute", ""},
	{"C146-sort", `p = NEW process ["a"]
s = SORT p BY nosuch`, "fails MissingEntityAttribute", ""},
}
