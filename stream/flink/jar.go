package flink

import (
	"archive/zip"
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"os"
)

// The shim is what runs in Flink's processes: the classes of folder shim. A test compares it with what the sources give.
//
//go:generate go run ../internal/shimjar/make -engine miniflink -release 11 -main org.freshet.Job shim ../internal/shim
//go:embed shim.jar
var shimJar []byte

// writeJar writes the jar of a job: the shim's classes, what is to be run, and the program. Nothing is compressed: that would
// take longer than a network within a cluster does.
func writeJar(w io.Writer, job, program string) error {
	jar := zip.NewWriter(w)
	classes, err := zip.NewReader(bytes.NewReader(shimJar), int64(len(shimJar)))
	if err != nil {
		return fmt.Errorf("the embedded classes: %w", err)
	}
	for _, f := range classes.File {
		if err := jar.Copy(f); err != nil {
			return err
		}
	}
	part, err := jar.CreateHeader(&zip.FileHeader{Name: "freshet/job", Method: zip.Store})
	if err == nil {
		_, err = io.WriteString(part, job)
	}
	if err != nil {
		return err
	}
	from, err := os.Open(program)
	if err != nil {
		return fmt.Errorf("the program of workers: %w", err)
	}
	defer from.Close()
	if part, err = jar.CreateHeader(&zip.FileHeader{Name: "freshet/program", Method: zip.Store}); err == nil {
		_, err = io.Copy(part, from)
	}
	if err != nil {
		return err
	}
	return jar.Close()
}
