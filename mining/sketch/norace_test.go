//go:build !race

package sketch_test

const underRace = false
