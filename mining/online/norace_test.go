//go:build !race

package online_test

const underRace = false
