// Package option applies the options that a source or sink is made with.
package option

import "fmt"

// Apply has each option change c. It panics in the name of who was called if one of them is nil.
func Apply[C any, O ~func(*C)](who string, c *C, opts []O) {
	for i, o := range opts {
		if o == nil {
			panic(fmt.Sprintf("%s: option %d of %d is nil", who, i+1, len(opts)))
		}
		o(c)
	}
}
