// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package mapping

import (
	"encoding/base64"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
)

// A converter makes the value of an attribute of a native value. It reports
// false for a value that it cannot use: the rule is then left out.
type converter func(value) (value, bool)

// converters are all that rules may name.
var converters = map[string]converter{
	"keep_ipv4":           func(v value) (value, bool) { return keepAddr(v, netip.Addr.Is4) },
	"keep_ipv6":           func(v value) (value, bool) { return keepAddr(v, netip.Addr.Is6) },
	"filter_ipv4":         func(v value) (value, bool) { return keepAddr(v, netip.Addr.Is4) },
	"filter_ipv6":         func(v value) (value, bool) { return keepAddr(v, netip.Addr.Is6) },
	"int":                 toInt,
	"str":                 toText,
	"lower_list":          lowerList,
	"wrap_list":           wrapList,
	"first_of_list":       firstOfList,
	"base64":              toBase64,
	"basename":            onText(func(s string) string { return s[lastSeparator(s)+1:] }),
	"dirname":             onText(dirName),
	"domain_of":           onText(domainOf),
	"regkey_from_path":    onText(registryKey),
	"regkey_expand_hive":  onText(ExpandHive),
	"regvalues_from_path": registryValues,
}

func isConverter(name string) bool { return converters[name] != nil }

func unknownConverter(f *faults, r *Rule) {
	known := slices.Sorted(maps.Keys(converters))
	if near, ok := diag.Nearest(r.Conv, known); ok {
		f.add(r.line, "rule of %s has an unknown converter %s; did you mean %s?", r.Field, r.Conv, near)
		return
	}
	f.add(r.line, "rule of %s has an unknown converter %s, expected one of %s", r.Field, r.Conv, strings.Join(known, ", "))
}

// onText makes a converter of a function on texts; an empty result is none.
func onText(f func(string) string) converter {
	return func(v value) (value, bool) {
		s, ok := v.str()
		if !ok {
			return v, false
		}
		s = f(s)
		return textValue(s), s != ""
	}
}

// keepAddr keeps an address of one family; of a list, those elements.
func keepAddr(v value, family func(netip.Addr) bool) (value, bool) {
	if v.kind == '[' {
		var kept []value
		for _, item := range v.items {
			if _, ok := keepAddr(item, family); ok && item.kind == '"' {
				kept = append(kept, item)
			}
		}
		return listValue(kept...), len(kept) > 0
	}
	addr, err := netip.ParseAddr(v.text)
	return v, v.kind == '"' && err == nil && family(addr)
}

func toInt(v value) (value, bool) {
	n, ok := v.integer()
	return intValue(n), ok
}

func toText(v value) (value, bool) {
	v, ok := v.scalar()
	switch v.kind {
	case 't':
		v.text = "true"
	case 'f':
		v.text = "false"
	}
	return textValue(v.text), ok && v.kind != 'n'
}

// lowerList makes a list of texts in lower case; one text is taken apart at
// commas with a blank behind.
func lowerList(v value) (value, bool) {
	items := v.items
	if v.kind == '"' {
		items = nil
		for s := range strings.SplitSeq(v.text, ", ") {
			items = append(items, textValue(s))
		}
	}
	out := make([]value, 0, len(items))
	for _, item := range items {
		if item.kind == '"' && item.text != "" {
			out = append(out, textValue(strings.ToLower(item.text)))
		}
	}
	return listValue(out...), len(out) > 0
}

func wrapList(v value) (value, bool) {
	if v.kind == '[' {
		return v, true
	}
	return listValue(v), true
}

func firstOfList(v value) (value, bool) {
	if v.kind == '[' {
		v = v.items[0]
	}
	return v, !v.isBlank()
}

func toBase64(v value) (value, bool) {
	s, ok := v.str()
	return textValue(base64.StdEncoding.EncodeToString([]byte(s))), ok
}

// lastSeparator returns where the last separator of a path of Windows or Unix
// stands, or -1.
func lastSeparator(s string) int { return strings.LastIndexAny(s, `\/`) }

// dirName returns the directory of a path of Windows or Unix. The root of a
// file system or drive keeps its separator.
func dirName(s string) string {
	i := lastSeparator(s)
	if i < 0 {
		return ""
	}
	dir := strings.TrimRight(s[:i], `\/`)
	if dir == "" || len(dir) == 2 && dir[1] == ':' {
		return s[:len(dir)+1]
	}
	return dir
}

// domainOf returns the host of a URL in lower case.
func domainOf(s string) string {
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	}
	if i := strings.IndexAny(s, "?/"); i >= 0 {
		s = s[:i]
	}
	s, _, _ = strings.Cut(s, ":")
	return strings.ToLower(s)
}

// hives are the short names of the roots of the Windows registry.
var hives = map[string]string{
	"HKLM": "HKEY_LOCAL_MACHINE",
	"HKCU": "HKEY_CURRENT_USER",
	"HKCR": "HKEY_CLASSES_ROOT",
	"HKCC": "HKEY_CURRENT_CONFIG",
	"HKPD": "HKEY_PERFORMANCE_DATA",
	"HKU":  "HKEY_USERS",
	"HKDD": "HKEY_DYN_DATA",
}

// ExpandHive returns a registry path with the long name of its root:
// HKEY_LOCAL_MACHINE\Software for HKLM\Software.
func ExpandHive(path string) string {
	root, _, _ := strings.Cut(path, `\`)
	if long, ok := hives[strings.ToUpper(root)]; ok {
		return long + path[len(root):]
	}
	return path
}

// ShortHive is the inverse of ExpandHive; it reports false for a path that does
// not begin with the long name of a root.
func ShortHive(path string) (string, bool) {
	root, _, _ := strings.Cut(path, `\`)
	for short, long := range hives {
		if long == root {
			return short + path[len(root):], true
		}
	}
	return "", false
}

// InHive reports whether text stands in the long name of a root, or is empty.
func InHive(text string) bool {
	for _, long := range hives {
		if strings.Contains(long, text) {
			return true
		}
	}
	return text == ""
}

// registryKey returns the key of the path of a registry value.
func registryKey(path string) string {
	path = ExpandHive(path)
	i := strings.LastIndexByte(path, '\\')
	if i < 0 {
		return ""
	}
	return path[:i]
}

// registryValues returns the value of a registry path as the list of values
// that its key has.
func registryValues(v value) (value, bool) {
	s, ok := v.str()
	if !ok {
		return v, false
	}
	name := s[strings.LastIndexByte(s, '\\')+1:]
	return listValue(value{kind: '{', text: `{"name":` + string(appendQuoted(nil, name)) + `}`}), name != ""
}
