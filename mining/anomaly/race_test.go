//go:build race

package anomaly

const underRace = true
