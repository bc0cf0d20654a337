//go:build race

package boost_test

const underRace = true
