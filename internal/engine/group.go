// SPDX-FileCopyrightText: 2026 The Kestrel Authors
// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"context"

	"github.com/kestrelhunt/kestrel/diag"
	"github.com/kestrelhunt/kestrel/entity"
	"github.com/kestrelhunt/kestrel/internal/rewrite"
	"github.com/kestrelhunt/kestrel/plan"
	"github.com/kestrelhunt/kestrel/stix"
)

// group computes the rows of a GROUP, and warns of bins that nothing is in: all
// rows are then in the group of those without a value.
func (b *block) group(ctx context.Context, n *plan.Group) (plan.SnapshotID, error) {
	id, err := b.cfg.Store.Materialize(ctx, rewrite.Apply(n))
	if err != nil {
		return 0, err
	}
	if info, _ := b.cfg.Store.Info(id); info.Rows == 0 {
		return id, nil
	}
	for _, k := range n.Keys {
		if k.Size == 0 {
			continue
		}
		var path stix.Path
		for _, piece := range entity.SplitAttr(k.Name) {
			path.Steps = append(path.Steps, stix.Step{Kind: stix.Key, Name: piece})
		}
		bins, err := b.cfg.Store.Values(ctx, id, path)
		if err != nil {
			return 0, err
		}
		if len(bins) == 0 {
			b.report(emptyBins(k))
		}
	}
	return id, nil
}

func emptyBins(k plan.GroupKey) diag.Diagnostic {
	d := diag.Diagnostic{
		Code:     diag.InvalidAttribute,
		Severity: diag.Warning,
		Span:     k.Attr.At,
		Message:  "no value of " + k.Attr.Attr() + " is a number: none is in a bin",
		Hint:     "bins of moments have a unit, as in BIN(first_observed, 5 minutes)",
	}
	if k.Unit > 0 {
		d.Message = "no value of " + k.Attr.Attr() + " is a moment: none is in a bin"
		d.Hint = "bins of numbers have no unit, as in BIN(src_port, 1000)"
	}
	return d
}
