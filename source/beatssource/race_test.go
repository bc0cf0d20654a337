//go:build race

package beatssource_test

const underRace = true // the detector takes several times the memory
