//go:build !race

package beatssource_test

const underRace = false
