//go:build race

package neighbors_test

const underRace = true
