package javaserver

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Build compiles the Java files and the pom.xml of sources into a folder, with all that Maven has to
// fetch, and leaves a folder that is built of the same ones as it is. It needs mvn and javac, and takes a minute the
// first time.
func Build(ctx context.Context, sources fs.FS, folder string) error {
	version, err := versionOf(sources)
	if err == nil {
		if isBuilt(folder, version) {
			return nil
		}
		folder, err = filepath.Abs(folder)
	}
	if err == nil {
		err = os.MkdirAll(folder, 0o755)
	}
	if err != nil {
		return err
	}
	names, err := fs.Glob(sources, "*")
	if err != nil {
		return err
	}
	compile := []string{"-nowarn", "-d", folder, "-cp", ""}
	for _, name := range names {
		text, err := fs.ReadFile(sources, name)
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, name), text, 0o644)
		}
		if err != nil {
			return err
		}
		if strings.HasSuffix(name, ".java") {
			compile = append(compile, name)
		}
	}
	run := func(name string, args ...string) error {
		cmd := exec.CommandContext(ctx, name, args...)
		cmd.Dir = folder
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s in %s: %w: apt-get install maven default-jdk-headless brings it\n%s", name, folder, err, out)
		}
		return nil
	}
	if err := run("mvn", "-q", "-B", "dependency:build-classpath", "-Dmdep.outputFile=classpath"); err != nil {
		return err
	}
	classpath, err := os.ReadFile(filepath.Join(folder, "classpath"))
	if err != nil {
		return err
	}
	if compile[4] = strings.TrimSpace(string(classpath)); len(compile) > 5 {
		if err := run("javac", compile...); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(folder, "built"), []byte(version), 0o644)
}

// isBuilt reports whether a folder has been built of the sources of that version.
func isBuilt(folder, version string) bool {
	of, err := os.ReadFile(filepath.Join(folder, "built"))
	return err == nil && string(of) == version
}
