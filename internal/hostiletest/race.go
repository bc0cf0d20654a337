//go:build race

package hostiletest

const underRace = true // the detector takes several times the memory
