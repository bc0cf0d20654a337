// Install builds a program of package javaserver:
//
//	go run ./internal/javaserver/install internal/minihdfs/testdata/java /tmp/freshet-java/minihdfs
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/freshet-go/freshet/internal/javaserver"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: install SOURCES FOLDER")
		os.Exit(2)
	}
	if err := javaserver.Build(context.Background(), os.DirFS(os.Args[1]), os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
