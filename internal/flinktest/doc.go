// Package flinktest runs pipelines in a real Flink: a mini cluster, in one Java process, whose tasks drive
// workers of package internal/worker. testdata/java has the Java side.
//
// It shows that the door, the messages and Flink's own machinery fit: its exchange, barriers, raw keyed state, restarts and
// restores. It is no way to run a pipeline yet: there is nothing that submits a job to a cluster, and sinks that commit are
// refused.
package flinktest
