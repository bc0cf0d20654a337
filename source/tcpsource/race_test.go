//go:build race

package tcpsource_test

const underRace = true // the detector takes several times the memory
