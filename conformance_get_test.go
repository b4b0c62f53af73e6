// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package kestrel_test

// conformanceOfGet are the cases of GET, of time, of conditions, and of patterns
// over several types.
var conformanceOfGet = []conformance{
	{"C44", `a = GET process FROM {TB4} WHERE name = 'compattelrunner.exe'
b = GET process FROM {TB4} WHERE name = 'compattelrunner.exe' LIMIT 1
c = GET process FROM {TB4} WHERE name = 'compattelrunner.exe' LIMIT 10`, "a 2\nb 1\nc 2", ""},
	{"C45", `a = GET process FROM {TB4},{DATA}/test_bundle_5.json WHERE name = 'compattelrunner.exe'
b = GET process FROM {TB4},{DATA}/test_bundle_5.json WHERE name = 'compattelrunner.exe' LIMIT 3
c = GET process FROM {TB4},{DATA}/test_bundle_5.json WHERE name = 'compattelrunner.exe' LIMIT 4
d = GET process FROM {TB4},{DATA}/test_bundle_5.json WHERE name = 'compattelrunner.exe' LIMIT 8`, "a 5\nb 3\nc 4\nd 5", ""},
	{"C46", `a = GET process FROM {DK} WHERE name = "cmd.exe"
b = GET process WHERE name = 'svchost.exe'`, "a 14\nb 704", ""},
	{"C47", `a = GET process FROM file://doctored-1k.json WHERE name = 'cmd.exe'
b = GET process FROM file://./doctored-1k.json WHERE name = 'svchost.exe'`, "a 14\nb 704", ""},
	{"C48", `a = GET foo FROM {TB4} WHERE name = 'x'
b = GET x-foo FROM {TB4} WHERE name = 'x'`, "a 0\nb 0\nwarns foo", ""},
	{"C49", `a = GET process FROM {DK} WHERE name = 'cmd.exe'
b = GET process FROM {DK} WHERE name = 'cmd.exe'`, "a 14/14\nb 14/14", ""},
	{"C50", `a = GET file FROM {DK} WHERE name = 'cmd.exe'`, "a 3/14", "the specification asks for more than none"},
	{"C51", `a = GET process FROM {TB4} WHERE name = 'compattelrunner.exe' LAST 1 d
b = GET process FROM {TB4} WHERE name = 'compattelrunner.exe' LAST 24 hours
c = GET process FROM {TB4} WHERE name = 'compattelrunner.exe' LAST 50 minutes
d = GET process FROM {TB4} WHERE name = 'compattelrunner.exe' LAST 3650 DAYS`, "a 0\nb 0\nc 0\nd 2", ""},
	{"C52", `a = GET network-traffic FROM {TB} WHERE dst_port = 22 LIMIT 1
b = GET network-traffic FROM {TB} WHERE dst_port = 22`, "a 1\nb 29", ""},
	{"C53", `a = GET network-traffic FROM {TB} WHERE dst_port = 22 START 2020-06-30T19:25:00Z STOP 2020-06-30T19:26:00Z`, "a 7", ""},
	{"C54", `a = GET ipv4-addr FROM {TB} WHERE value = '192.168.121.121'
b = GET network-traffic FROM {TB} WHERE src_ref.value = '192.168.121.121'
c = GET network-traffic FROM {TB} WHERE dst_port = 22
d = GET user-account FROM {TB} WHERE account_login = 'henry'
e = GET user-account FROM {TB} WHERE account_login LIKE 'hen%'
f = GET user-account FROM {TB} WHERE account_login = 'zane'`, "a 1\nb 1\nc 29\nd 1\ne 1\nf 0", ""},
	{"C55", `a = GET network-traffic FROM {TB} WHERE dst_ref.value = '10.0.0.91' AND dst_port = 22
b = GET network-traffic FROM {TB} WHERE dst_ref.value = '10.0.0.91' OR dst_port = 22`, "a 3\nb 35", ""},
	{"C56", `a = GET network-traffic FROM {TB} WHERE dst_port < 10000
b = GET network-traffic FROM {TB} WHERE dst_port IN (22, 3128)
c = GET network-traffic FROM {TB} WHERE dst_port NOT IN (22, 3128)
d = GET network-traffic FROM {TB} WHERE dst_port != 22
e = GET network-traffic FROM {TB} WHERE dst_port >= 3128`, "a 100\nb 43\nc 57\nd 71\ne 22", ""},
	{"C57", `a = GET ipv4-addr FROM {TB} WHERE value ISSUBSET '10.0.0.0/8'
b = GET ipv4-addr FROM {TB} WHERE value NOT ISSUBSET '10.0.0.0/8'`, "a 10/100\nb 60/100", ""},
	{"C58", `a = GET user-account FROM {TB} WHERE account_login MATCHES '^h.*y$'
b = GET user-account FROM {TB} WHERE account_login LIKE '%'
c = GET url FROM {TB} WHERE value LIKE '%'`, "a 1/2\nb 14/100\nc 31", ""},
	{"C59", `p = GET process FROM {DK} WHERE pid > 0
n = GET network-traffic FROM {DK} WHERE src_port > 0
f = GET file FROM {DK} WHERE name LIKE '%'
d = GET directory FROM {DK} WHERE path LIKE '%'
u = GET user-account FROM {DK} WHERE user_id LIKE '%'
i = GET ipv4-addr FROM {DK} WHERE value LIKE '%'
j = GET ipv6-addr FROM {DK} WHERE value LIKE '%'`, "p 1000\nn 853/948\nf 24/851\nd 11/840\nu 4/974\ni 25/802\nj 35/886", ""},
	{"C60", `a = GET process FROM {DK} WHERE parent_ref.name = 'cmd.exe'
b = GET process FROM {DK} WHERE binary_ref.parent_directory_ref.path LIKE '%wbem'
c = GET process FROM {DK} WHERE opened_connection_refs[*].dst_port = 443
d = GET process FROM {DK} WHERE name LIKE 'CMD%'`, "a 7\nb 7\nc 17\nd 0", ""},
	{"C61", `a = GET directory FROM {DK} WHERE path = r'C:\Windows\System32'`, "a 1", ""},
	{"C62", `a = GET directory FROM {NT1} WHERE path MATCHES 'C:\\\\Windows.*'`, "a 1", ""},
	{"C63", `a = GET network-traffic FROM {NT1} WHERE dst_ref.value = '192.168.56.112'
b = GET network-traffic FROM {NT2} WHERE src_port = a.src_port
c = GET network-traffic FROM {NT2} WHERE src_ref.value = a.src_ref.value`, "a 4\nb 4\nc 7", "other offsets are a setting of sessions, tested there"},
	{"C64", `a = GET network-traffic FROM {NT1} WHERE dst_ref.value = '192.168.56.112'
---
b = GET network-traffic FROM {NT2} WHERE src_port = a.src_port`, "a 4\nb 4\nwarns 2022-07-27T14:29:52.025Z\nwarns 2022-07-27T14:39:58.006Z", ""},
	{"C65", `a = GET network-traffic FROM {NT1} WHERE dst_ref.value = '192.168.56.112'
---
b = GET network-traffic FROM {NT2} WHERE src_port = a.src_port START 2022-07-27T14:34:50Z STOP 2022-07-27T14:34:56Z
c = GET network-traffic FROM {NT2} WHERE src_port = a.src_port START 2022-07-27T14:30:00Z STOP 2022-07-27T14:34:00Z`, "b 2\nc 0", "the window shows in what is found"},
	{"C66", `a = GET network-traffic FROM {TB} WHERE dst_ref.value = '10.0.0.134'
b = GET network-traffic FROM {TB2} WHERE dst_port = a.dst_port
c = GET network-traffic FROM {TB3} WHERE dst_port = a.dst_port`, "b 0\nc 3", ""},
	{"C67", `i = NEW ipv4-addr ["192.168.1.1", "192.168.1.2"]
a = GET ipv4-addr FROM i WHERE value = '10.9.9.9'
b = GET ipv4-addr FROM i WHERE value = '10.9.9.8'
m = a + b
g = GROUP a BY value
x = a WHERE value = '1.1.1.1'
f = FIND network-traffic CREATED BY a`, "a 0/0\nb 0/0\nm 0/0\ng 0/0\nx 0/0\nf 0/0", ""},
	{"C68", `c = GET network-traffic FROM {TB} WHERE dst_port = 22
u = GET url FROM {TB} WHERE value LIKE '%' LIMIT 3
x = GET network-traffic FROM c WHERE src_ref.value ISSUBSET '192.168.0.0/16'`, "x 29", ""},
	{"C69", `c = GET network-traffic FROM {TB} WHERE dst_port = 22
u = GET url FROM {TB} WHERE value LIKE '%'
x = GET network-traffic FROM c WHERE src_ref.value = '192.168.121.121'`, "x 0", ""},
	{"C70", `p = NEW process [{"name": "cmd.exe", "pid": "123", "command_line": "cmd.exe /c x"}, {"name": "explorer.exe", "pid": "99"}]
x = p
a = p WHERE pid = 99
b = p WHERE command_line IS NULL
c = p WHERE command_line IS NOT NULL
d = p WHERE command_line LIKE '%cmd%'`, "x 2\na 1\nb 1\nc 1\nd 1", ""},
	{"C71", `p = GET process FROM {DK} WHERE pid > 0
x = p
a = p WHERE pid = 1380
b = p WHERE command_line IS NULL
c = p WHERE command_line IS NOT NULL
d = p WHERE command_line LIKE '%/node%'
e = p WHERE pid = 5960 OR name = 'taskeng.exe'
f = p WHERE (pid = 5960 OR name = 'taskeng.exe') AND command_line IS NULL`, "x 1000\na 106\nb 948\nc 52\nd 1\ne 2\nf 0", ""},
	{"C72", `p = GET process FROM {DK} WHERE pid > 0
ref = NEW process [{"name": "a", "pid": 4}, {"name": "b", "pid": 1380}]
a = p WHERE pid = ref.pid
b = p WHERE pid IN (ref.pid, 9240, 10020)
f = FIND file LOADED BY b`, "a 255\nb 257\nf 2", "that references are kept shows in what FIND walks to"},
	{"C73", `c = GET network-traffic FROM {TB} WHERE dst_port < 10000
a = c WHERE src_ref.value = '192.168.212.97'
b = c WHERE src_ref.value = '192.168.121.121' AND dst_ref.value = '10.0.0.134'`, "a 1\na.dst_port = 22\nb 1\nb.dst_port = 3128", ""},
	{"C74", `x = GET process FROM {PS} WHERE name = 'powershell.exe'
y = x WHERE parent_ref.pid = 1544`, "y 1\ny.pid = 2776", ""},
	{"C75", `c = GET network-traffic FROM {TB} WHERE dst_port > 0
d = c SORT BY dst_ref.value
SAVE d TO "{OUT}/d.csv"
e = LOAD "{OUT}/d.csv"`, "d 100\ne 100", ""},
	{"C76", `p = NEW process ["a", "b"]
q = NEW process ["c"]
a = p
p = q
DISP a ATTR name`, "a 2\na.name = a, b\np.name = c\nshows b", ""},
	{"C77", `p = GET process FROM {DK} WHERE name = 'cmd.exe'
a = p
b = a
a = b
DISP a ATTR name
n = FIND process CREATED p
n = FIND process CREATED BY n`, "a 14\nn 7", ""},
	{"C78", `p = NEW process ["it's", "its"]
x = p WHERE name = "it's"`, "x 1\nx.name = it's", ""},
	{"C79", `p = NEW process ["a", "b", "c"]
x = p LIMIT 1 OFFSET 1
y = p OFFSET 1`, "x.name = b\ny.name = b, c", ""},
	{"C80", `url = NEW url ["http://x"]`, "url 1", ""},
	{"C81", `p = GET process FROM {DK} WHERE name = 'svchost.exe' AND ipv4-addr:value = '127.0.0.1'`, "p 85", ""},
	{"C82", `a = GET process FROM {DK} WHERE name = 'svchost.exe' AND ipv4-addr:value = '192.168.1.1'
b = GET process FROM {DK} WHERE name = 'svchost.exe' AND ipv4-addr:value = '192.168.1.156'
c = GET process FROM {DK} WHERE name = 'svchost.exe' AND ipv4-addr:value = '239.255.255.250'`, "a 166\nb 123\nc 128", ""},
	{"C83", `a = GET network-traffic FROM {TB} WHERE dst_port = 22 AND user-account:account_login = 'henry'
b = GET network-traffic FROM {TB} WHERE dst_port = 22 AND user-account:account_login = 'frank'`, "a 1\nb 5", ""},
	{"C84", `a = GET network-traffic FROM {TB} WHERE dst_port = 22 OR url:value LIKE '%'`, "a 60", ""},
	{"C168", `w = GET process FROM {DK} WHERE command_line LIKE 'wmic%'
w2 = w WHERE parent_ref.name = 'cmd.exe'
f = FIND file LOADED BY w2`, "w 7\nw2 7\nf 1", ""},
	{"C169", `c = GET network-traffic FROM {TB} WHERE dst_port = 22
C = c LIMIT 1`, "c 29\nC 1", ""},
	{"C170", `a = GET network-traffic FROM {DK} WHERE src_ref.value ISSUBSET '127.0.0.0/8'
b = GET ipv6-addr FROM {DK} WHERE value ISSUBSET 'fe80::/10'
c = GET ipv6-addr FROM {DK} WHERE value LIKE 'fe80:%'`, "a 193/203\nb 31\nc 31", ""},
}
