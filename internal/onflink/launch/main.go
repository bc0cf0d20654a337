// Command launch becomes another program of the same machine, the one that FRESHET_ON_FLINK_PROGRAM names, with its own arguments and environment.
//
// It is what tests send to a cluster in place of themselves: a binary of a test has 40 MB, of which Flink makes hashes several times for each job.
package main

import (
	"log"
	"os"
	"syscall"
)

func main() {
	program := os.Getenv("FRESHET_ON_FLINK_PROGRAM")
	log.Fatal(syscall.Exec(program, append([]string{program}, os.Args[1:]...), os.Environ()))
}
