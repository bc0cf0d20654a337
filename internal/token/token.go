// Package token makes names that never recur.
package token

import (
	"fmt"
	"math/rand/v2"
)

// New returns 32 hexadecimal digits of which no two calls, in any process,
// return the same: 128 random bits. It is no secret. The generator is the
// runtime's, which is seeded by the operating system: crypto/rand would bring
// its certified one, and 32 MB for the linker, into each program.
func New() string { return fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64()) }
