//go:build !race

package tcpsource_test

const underRace = false
