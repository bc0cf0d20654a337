//go:build !race

package drift_test

const underRace = false
