package spark

import _ "embed"

// The shim is what runs in Spark's processes: the classes of folder shim, and of stream/internal/shim. A test compares it with what the sources give.
//
//go:generate go run ../internal/shimjar/make -engine minispark -release 8 -main org.freshet.Batch shim ../internal/shim
//go:embed shim.jar
var shimJar []byte
