//go:build !race

package experiment_test

const underRace = false
