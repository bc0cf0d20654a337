// Make writes shim.jar, which package flink embeds. It is run in the package's folder, and needs javac and FRESHET_JAVA, where
// Maven has noted Flink's jars:
//
//	go generate ./stream/flink
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/freshet-go/freshet/stream/flink/internal/shimjar"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	jar, err := shimjar.Make(ctx, "shim", filepath.Join(os.Getenv("FRESHET_JAVA"), "miniflink", "classpath"))
	if err != nil {
		return err
	}
	return os.WriteFile("shim.jar", jar, 0o644)
}
