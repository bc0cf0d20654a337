// Package sample has long proofs of the tests play a part of their cases each time, and another part the next time.
//
//	FRESHET_LONG=1     all cases
//	FRESHET_SAMPLE=17  the part that a run has logged; CI takes it from the commit, and without it the clock decides
//
// It is for cases of which each has passed: a table of data sets and models, the bytes of a file, the crashes of a scene. A part that chance
// makes anew each time is no case of these.
package sample

import (
	"os"
	"strconv"
	"testing"
	"time"
)

// Long says whether tests are to play all that they have.
func Long() bool { return os.Getenv("FRESHET_LONG") != "" }

// Of returns one of n parts of the cases, each n-th of them: all cases where Long is true or n is 1.
func Of[T any](t testing.TB, n int, cases []T) []T {
	t.Helper()
	first, step := Part(t, n)
	var some []T
	for i := first; i < len(cases); i += step {
		some = append(some, cases[i])
	}
	return some
}

// Part returns the first case of one of n parts, and how far it is from each to the next: 0 and 1 where Long is true.
func Part(t testing.TB, n int) (first, step int) {
	t.Helper()
	if n <= 1 || Long() {
		return 0, 1
	}
	seed := uint64(time.Now().UnixNano())
	if s := os.Getenv("FRESHET_SAMPLE"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatalf("sample: FRESHET_SAMPLE: %v", err)
		}
	}
	first = int(seed % uint64(n))
	t.Logf("part %d of %d: FRESHET_SAMPLE=%d repeats it, FRESHET_LONG=1 plays all", first+1, n, seed)
	return first, n
}
