// Make writes shim.jar, which a package embeds. It is run in the package's folder, and needs javac and FRESHET_JAVA, where
// Maven has noted the engine's jars:
//
//	go generate ./stream/flink
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/freshet-go/freshet/stream/internal/shimjar"
)

func main() {
	engine := flag.String("engine", "", "the `name` of the folder of FRESHET_JAVA that has the engine")
	spec := shimjar.Spec{}
	flag.StringVar(&spec.Release, "release", "11", "the oldest `version` of Java that is to run it")
	flag.StringVar(&spec.Main, "main", "", "the `class` that is run")
	flag.Parse()
	spec.Sources = flag.Args()
	if err := run(context.Background(), spec, *engine); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, spec shimjar.Spec, engine string) error {
	jar, err := shimjar.Make(ctx, spec, filepath.Join(os.Getenv("FRESHET_JAVA"), engine, "classpath"))
	if err != nil {
		return err
	}
	return os.WriteFile("shim.jar", jar, 0o644)
}
