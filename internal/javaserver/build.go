package javaserver

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Build compiles the Java files and the pom.xml of sources into a folder, with all that Maven has to
// fetch, and leaves a folder as it is for which Check has nothing to say. Other files are copied. It needs mvn and javac, and takes
// a minute the first time.
func Build(ctx context.Context, sources fs.FS, folder string) error {
	version, err := versionOf(sources)
	if err == nil {
		if isBuilt(folder, version) == nil {
			return nil
		}
		folder, err = filepath.Abs(folder)
	}
	if err == nil {
		err = os.MkdirAll(folder, 0o755)
	}
	if err == nil { // what is begun now may not be ended
		err = os.Remove(filepath.Join(folder, "built"))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	names, err := namesOf(sources)
	if err != nil {
		return err
	}
	compile := []string{"-nowarn", "-encoding", "UTF-8", "-d", folder, "-cp", ""}
	options := len(compile)
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
	if compile[options-1] = strings.TrimSpace(string(classpath)); len(compile) > options {
		if err := run("javac", compile...); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(folder, "built"), []byte(version), 0o644)
}

// Check returns nil if a folder is built of these sources and all that it was built with is there, or else why it is not.
func Check(sources fs.FS, folder string) error {
	version, err := versionOf(sources)
	if err != nil {
		return err
	}
	return isBuilt(folder, version)
}

// isBuilt returns nil if a folder has been built of the sources of that version, and the jars that Maven has fetched are there: they lie in
// Maven's own repository, which a folder may outlive.
func isBuilt(folder, version string) error {
	of, err := os.ReadFile(filepath.Join(folder, "built"))
	if err != nil {
		return err
	}
	if string(of) != version {
		return fmt.Errorf("%s is built of other sources", folder)
	}
	classpath, err := os.ReadFile(filepath.Join(folder, "classpath"))
	if err != nil {
		return err
	}
	for _, jar := range filepath.SplitList(strings.TrimSpace(string(classpath))) {
		if _, err := os.Stat(jar); err != nil {
			return fmt.Errorf("%s is built with a jar that has gone: %w", folder, err)
		}
	}
	return nil
}
