// Package onflink has tests run their pipelines on a cluster of Flink, one for all tests of a package, which the first job starts.
//
// The test's binary is what workers run. A worker is started with the name of the test, runs it, and comes to the same call of [Jobs], in which
// it serves and does not return. So a test has to make the same pipelines in each process, and has to do with the results what it does within the loop over Jobs.
//
// Most tests would take too long with all of their pipelines. So only some are run each time, as package sample says: FRESHET_LONG=1 runs all, at parallelism 1, 2 and 4.
package onflink
