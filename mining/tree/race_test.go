//go:build race

package tree_test

const underRace = true
