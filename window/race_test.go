//go:build race

package window_test

const underRace = true
