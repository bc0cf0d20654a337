package tune

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Report returns the best trials as a table for people, the best first, no more than top, and what became of the others.
func (f *Found) Report(top int) string {
	var b strings.Builder
	ok := 0
	for _, r := range f.Results {
		if r.OK() {
			ok++
		}
	}
	fmt.Fprintf(&b, "%d trials: %d with a value, %d failed, %d pruned, %d skipped\n", len(f.Results), ok, f.Failed, f.Pruned, f.Skipped)
	for _, r := range f.leading(top) {
		fmt.Fprintf(&b, "%10.5g  trial %d", r.Value, r.Number)
		if r.Budget > 0 {
			fmt.Fprintf(&b, ", budget %.4g", r.Budget)
		}
		fmt.Fprintf(&b, ": %s\n", r.Settings)
	}
	for _, r := range f.Results {
		if r.Failed != "" {
			fmt.Fprintf(&b, "trial %d failed: %s: %s\n", r.Number, r.Settings, r.Failed)
			break
		}
	}
	return b.String()
}

// leading returns the best trials: those of the greatest budget first.
func (f *Found) leading(top int) []Result {
	var ok []Result
	for _, r := range f.Results {
		if r.OK() {
			ok = append(ok, r)
		}
	}
	slices.SortStableFunc(ok, func(a, b Result) int {
		return cmp.Or(cmp.Compare(b.Budget, a.Budget), better(a, b, f.sign))
	})
	return ok[:min(top, len(ok))]
}
