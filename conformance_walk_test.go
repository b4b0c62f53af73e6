// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package kestrel_test

// conformanceOfFind are the cases of FIND.
var conformanceOfFind = []conformance{
	{"C43", `n = GET network-traffic FROM {DK} WHERE src_ref.value = '127.0.0.1'
p = FIND process CREATED n WHERE name = 'vmware.exe'`, "n 193/203\np 1/1", ""},
	{"C85", `conns = GET network-traffic FROM {TB} WHERE dst_port = 22
procs = FIND process CREATED conns`, "conns 29/29\nprocs 0/0\nshows *Number of related records cached.", ""},
	{"C86", `conns = GET network-traffic FROM {TB} WHERE dst_port = 22
a = FIND ipv4-addr CREATED conns
b = FIND ipv4-addr CREATED conns LIMIT 1`, "a 24\nb 1", ""},
	{"C87-accepted", `conns = GET network-traffic FROM {TB} WHERE dst_port = 22
a = FIND ipv4-addr ACCEPTED conns`, "a 10/100", ""},
	{"C87-linked", `conns = GET network-traffic FROM {TB} WHERE dst_port = 22
a = FIND ipv4-addr LINKED conns`, "a 34/150", ""},
	{"C87-users", `conns = GET network-traffic FROM {TB} WHERE dst_port = 22
u = FIND user-account LINKED conns`, "u 12/29", ""},
	{"C88", `conns = GET network-traffic FROM {TB} WHERE dst_port = 22
sources = FIND ipv4-addr CREATED conns
n = FIND network-traffic CREATED BY sources`, "sources 24/50\nn 50/50", ""},
	{"C89", `p = GET process FROM {DK} WHERE name = 'svchost.exe'
a = FIND ipv4-addr LINKED p LIMIT 1
b = FIND ipv4-addr LINKED p LIMIT 10`, "p 704\na 2\nb 5", "LIMIT counts the records that the step finds, and what completion brings adds no entities; the original took 10 of the records that it asked for, which hold 6"},
	{"C90", `w = GET process FROM {DK} WHERE command_line LIKE 'wmic%'
a = FIND file LOADED BY w
b = FIND file LINKED w`, "w 7/7\na 1/7\nb 2/14\nb.name ~ WMIC.exe, cmd.exe", ""},
	{"C91", `w = GET process FROM {DK} WHERE command_line LIKE 'wmic%'
p = FIND process CREATED w
g = GROUP p BY pid WITH COUNT(*) AS n`, "p 7\ng.pid = 6792, 7216, 8972, 10468, 10520, 13008, 14076", ""},
	{"C92", `w = GET process FROM {DK} WHERE command_line LIKE 'wmic%'
p = FIND process CREATED w
c = FIND process CREATED BY p`, "c 7\nc.name ~ WMIC.exe, WMIC.exe, WMIC.exe, WMIC.exe, WMIC.exe, WMIC.exe, WMIC.exe", ""},
	{"C93", `w = GET process FROM {DK} WHERE command_line LIKE 'wmic%'
u = FIND user-account OWNED w`, "u 1\nu.user_id = John", ""},
	{"C94", `n = GET network-traffic FROM {DK} WHERE src_port > 0
p = FIND process CREATED n
q = FIND process CREATED n LIMIT 10`, "p 948\nq 10", ""},
	{"C95", `p = GET process FROM {DK} WHERE name LIKE '%'
a = FIND network-traffic CREATED BY p
b = FIND network-traffic CREATED BY p LIMIT 10`, "a 853\nb 10", "the limit counts records, with completion or without (Q34)"},
	{"C96", `p = GET process FROM {DK} WHERE name LIKE '%'
a = FIND network-traffic CREATED BY p
DISP p ATTR name, parent_ref.name, command_line`, "shows name parent_ref.name command_line", ""},
	{"C97", `n = GET network-traffic FROM {DK} WHERE src_ref.value = '127.0.0.1'
p = FIND process CREATED n`, "p 203/203", "a process without a unique id is one in each record (2.3); the original's 471 are other records' processes of the same pid"},
	{"C98", `n = GET network-traffic FROM {DK} WHERE src_ref.value = '127.0.0.1'
p = FIND process CREATED n WHERE ipv4-addr:value = '192.168.1.1'
q = FIND process CREATED n WHERE ipv4-addr:value = '127.0.0.1'`, "p 0\nq 203", "WHERE always applies (Q34): no record of those connections has that address"},
	{"C99", `n = GET network-traffic FROM {DK} WHERE src_ref.value = '127.0.0.1'
p = FIND process CREATED n LIMIT 100`, "p 100/100", ""},
	{"C100", `n = GET network-traffic FROM {DK} WHERE src_ref.value = '100.0.0.1'
p = FIND process CREATED n
q = FIND process CREATED n WHERE name = 'x'`, "p 0/0\nq 0/0", ""},
	{"C101", `f = GET file FROM {DK} WHERE name = 'svchost.exe'
d = FIND directory CONTAINED f`, "d 1", ""},
	{"C102", `d = GET directory FROM {DK} WHERE path = r'C:\Windows\System32'
f = FIND file CONTAINED BY d`, "f 10", ""},
	{"C103", `f = GET file FROM {DK} WHERE name = 'svchost.exe'
p = FIND process LOADED f`, "p 704", ""},
	{"C104", `p = GET process FROM {DK} WHERE name = 'svchost.exe'
n = FIND network-traffic CREATED BY p`, "n 624/703", ""},
	{"C105", `x = GET process FROM {PS} WHERE name = 'powershell.exe'
p = FIND process CREATED x
c = FIND process CREATED BY p`, "p.pid ~ 1544, 2080, 5700, 6744, 7036\nc.pid ~ 2776, 4464, 4976, 6032, 7276", ""},
	{"C106", `x = GET process FROM {PS} WHERE name = 'powershell.exe'
f = FIND file LOADED BY x
u = FIND user-account OWNED x
d = FIND directory CONTAINED f`, "f 1\nu 1\nd 1", ""},
	{"C107", `p = NEW process ["a"]
f = FIND process LOADED p`, "fails UnsupportedRelation", ""},
	{"C107-unknown", `p = NEW process ["a"]
f = FIND process BOGUS p`, "fails UnsupportedRelation", ""},
	{"C108", `p = NEW process ["a"]
f = FIND process CREATED p`, "f 0", ""},
	{"C109", `n = GET network-traffic FROM {DK} WHERE src_ref.value = '127.0.0.1'
a = FIND process CREATED n START 2001-01-01T00:00:00Z STOP 2001-01-02T00:00:00Z
b = FIND process CREATED n LAST 1 d`, "a 0\nb 0", ""},
	{"C167", `c = GET network-traffic FROM {TB} WHERE dst_port = 22
c3 = c WHERE dst_ref.value NOT LIKE '10.0.0.1%'
i = FIND ipv4-addr CREATED c3
m = c + c3`, "c3 14\ni 12\nm 29", "the specification asks for more than none"},
}
