// Package doortest runs pipelines through package door, as another engine does it: it has a
// goroutine for each instance, an exchange, barriers and checkpoints of its own, and
// knows nothing of what it moves. It is for tests.
package doortest
