//go:build !race

package bayes_test

const underRace = false
