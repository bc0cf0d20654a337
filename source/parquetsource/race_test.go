//go:build race

package parquetsource_test

const underRace = true
