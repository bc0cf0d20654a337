//go:build !race

package hostiletest

const underRace = false
