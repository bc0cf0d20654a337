//go:build !race

package tune_test

const underRace = false
