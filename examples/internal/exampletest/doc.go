// Package exampletest has what the tests of the example programs share: the
// comparison with a report that is known to be right, and the runs that must
// not change it.
package exampletest

import (
	"fmt"
	"strings"
)

// Diff returns the lines in which two texts differ.
func Diff(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	var d strings.Builder
	for i := range max(len(a), len(b)) {
		var x, y string
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x != y {
			fmt.Fprintf(&d, "line %d\n  want %s\n  got  %s\n", i+1, x, y)
		}
	}
	return d.String()
}
