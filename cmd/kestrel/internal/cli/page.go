// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"bytes"
	"fmt"
	"html"
	"io"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/display"
)

// pageHead begins a page that stands alone: it loads nothing and runs nothing,
// whatever an analytics may have put into it.
const pageHead = `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>%[1]s</title>
<style>
body { font-family: system-ui, sans-serif; margin: 2em; color: #1f2328; background: #fff }
section { margin: 1.5em 0; overflow-x: auto }
table { border-collapse: collapse; border: 1px solid #d0d7de }
th, td { padding: 0.2em 0.7em; border: 1px solid #d0d7de; text-align: right; white-space: pre }
table:not(:has(thead)) td { vertical-align: top }
table:not(:has(thead)) td + td { text-align: left; white-space: pre-wrap; overflow-wrap: anywhere }
th { background: #f6f8fa }
pre { background: #f6f8fa; padding: 0.8em }
ul.tree { list-style: none; margin: 0; padding-left: 1.2em; border-left: 1px solid #d0d7de }
ul.tree dl { margin: 0.2em 0 0.4em 1.2em } ul.tree dt { float: left; margin-right: 0.5em } ul.tree dt::after { content: ":" }
ul.tree dd { margin-left: 12em }
.warning, .diagnostics { border-left: 0.3em solid #bf8700; padding-left: 0.8em }
@media (prefers-color-scheme: dark) {
	body { color: #e6edf3; background: #0d1117 }
	table, th, td { border-color: #30363d }
	th, pre { background: #161b22 }
}
</style>
</head>
<body>
<h1>%[1]s</h1>
`

// writePage writes a result as an HTML page.
func writePage(w io.Writer, title string, r Result) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, pageHead, html.EscapeString(diag.Escape(title)))
	for _, d := range r.Displays {
		b.WriteString("<section>\n")
		if err := d.WriteHTML(&b, display.Page); err != nil {
			return err
		}
		b.WriteString("</section>\n")
	}
	if account := accountText(r.Sources); len(r.Diagnostics) > 0 || account != "" {
		var text bytes.Buffer
		if err := diag.Render(&text, r.Diagnostics, diag.RenderOptions{}); err != nil {
			return err
		}
		text.WriteString(account)
		b.WriteString("<section class=\"diagnostics\">\n<pre>" + html.EscapeString(text.String()) + "</pre>\n</section>\n")
	}
	b.WriteString("</body>\n</html>\n")
	_, err := b.WriteTo(w)
	return err
}
