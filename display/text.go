// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package display

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"

	"github.com/kestrelhunt/kestrel/diag"
)

// A Text shows lines of text, such as a plan.
type Text struct{ Text string }

// An HTML shows a fragment that an analytics returned.
type HTML struct{ Source string }

// A Figure shows an SVG image that an analytics returned.
type Figure struct{ SVG string }

// A Warning tells the hunter something about the block.
type Warning struct{ Message string }

func (*Text) display()    {}
func (*HTML) display()    {}
func (*Figure) display()  {}
func (*Warning) display() {}

// Kind returns "text".
func (*Text) Kind() string { return "text" }

// Kind returns "html".
func (*HTML) Kind() string { return "html" }

// Kind returns "figure".
func (*Figure) Kind() string { return "figure" }

// Kind returns "warning".
func (*Warning) Kind() string { return "warning" }

// MarshalJSON writes the text as a string.
func (t *Text) MarshalJSON() ([]byte, error) { return marshalString(t.Kind(), t.Text) }

// MarshalJSON writes the source as a string.
func (h *HTML) MarshalJSON() ([]byte, error) { return marshalString(h.Kind(), h.Source) }

// MarshalJSON writes the SVG source as a string.
func (f *Figure) MarshalJSON() ([]byte, error) { return marshalString(f.Kind(), f.SVG) }

// MarshalJSON writes the message as a string.
func (n *Warning) MarshalJSON() ([]byte, error) { return marshalString(n.Kind(), n.Message) }

// WriteText writes the text.
func (t *Text) WriteText(w io.Writer, _ Style) error { return writeLines(w, t.Text) }

// WriteText writes the source.
func (h *HTML) WriteText(w io.Writer, _ Style) error { return writeLines(w, h.Source) }

// WriteText writes the SVG source.
func (f *Figure) WriteText(w io.Writer, _ Style) error { return writeLines(w, f.SVG) }

// WriteText writes the message.
func (n *Warning) WriteText(w io.Writer, _ Style) error { return writeLines(w, n.Message) }

// WriteHTML writes the text with its lines and blanks as they are.
func (t *Text) WriteHTML(w io.Writer, target Target) error {
	_, err := fmt.Fprintf(w, "<pre>%s</pre>\n", markup(diag.EscapeText(t.Text), target))
	return err
}

// WriteHTML writes the fragment in a frame of its own, where it can neither run
// scripts nor reach the page around it: an analytics may have put values into
// it as they came.
func (h *HTML) WriteHTML(w io.Writer, _ Target) error {
	_, err := fmt.Fprintf(w, "<iframe sandbox=\"\" style=\"width: 100%%; height: 30em; border: 0\" srcdoc=\"%s\"></iframe>\n",
		attribute(h.Source))
	return err
}

// WriteHTML writes the figure as an image: browsers run no scripts of an image
// and load nothing for it.
func (f *Figure) WriteHTML(w io.Writer, _ Target) error {
	_, err := fmt.Fprintf(w, "<img alt=\"figure\" src=\"data:image/svg+xml;base64,%s\">\n",
		base64.StdEncoding.EncodeToString([]byte(f.SVG)))
	return err
}

// WriteHTML writes the message with the word WARNING in front.
func (n *Warning) WriteHTML(w io.Writer, target Target) error {
	_, err := fmt.Fprintf(w, "<div class=\"warning\">[WARNING] %s</div>\n", markup(diag.Escape(n.Message), target))
	return err
}

// writeLines writes text of any origin as lines that are safe to show.
func writeLines(w io.Writer, text string) error {
	text = diag.EscapeText(text)
	if text == "" {
		text = "\n"
	}
	_, err := io.WriteString(w, text)
	return err
}

func marshalString(kind, text string) ([]byte, error) {
	data, err := json.Marshal(text)
	if err != nil {
		return nil, fmt.Errorf("display: marshal %s: %w", kind, err)
	}
	return marshal(kind, data, "")
}
