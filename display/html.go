// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package display

import (
	"bytes"
	"fmt"
	"html"
	"strings"

	"github.com/kestrelhunt/kestrel/diag"
)

// markup returns text, which is as safe to show as diag.Escape makes it, as
// HTML for target.
func markup(text string, target Target) string {
	text = html.EscapeString(text)
	if target == Notebook {
		text = strings.ReplaceAll(text, "$", `\$`)
	}
	return text
}

// attribute returns text of any origin as the value of an HTML attribute.
// Characters that a terminal would act on stand as character references, so
// that the page can be printed there.
func attribute(text string) string {
	var b strings.Builder
	for _, r := range html.EscapeString(text) {
		if r == '\n' || diag.Shown(r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "&#x%x;", r)
		}
	}
	return b.String()
}

// writeHTML writes l as an HTML table, with or without its header.
func (l layout) writeHTML(b *bytes.Buffer, target Target, header bool) {
	b.WriteString("<table border=\"1\" class=\"dataframe\">\n")
	if header {
		b.WriteString("  <thead>\n    <tr style=\"text-align: right;\">\n")
		for _, c := range l {
			b.WriteString("      <th>" + markup(c.head, target) + "</th>\n")
		}
		b.WriteString("    </tr>\n  </thead>\n")
	}
	b.WriteString("  <tbody>\n")
	if len(l) > 0 {
		for i := range l[0].cells {
			b.WriteString("    <tr>\n")
			for _, c := range l {
				b.WriteString("      <td>" + markup(c.cells[i], target) + "</td>\n")
			}
			b.WriteString("    </tr>\n")
		}
	}
	b.WriteString("  </tbody>\n</table>\n")
}
