// Package shim is what the Java sides of other engines have in common: the classes that drive a worker, the description of a
// job that they read, and how what they fail with is read here.
//
// Packages flink and spark have the rest, each in its folder shim, and embed a jar of both: see package shimjar.
package shim
