// Package shimjar makes the jars that packages flink and spark embed, of the Java sources in their folders shim and those that they have in common. The
// same sources give the same bytes, with a JDK of the same number: entries have no time, stand in the order of their names, and are not compressed.
package shimjar

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// JDK is the number of the JDK whose javac has made the jars that are embedded.
const JDK = "17"

// A Spec says how a jar is made.
type Spec struct {
	Sources []string // folders
	Release string   // the oldest Java that the classes are for
	Main    string   // the class that is run
}

// Install is the command that brings the JDK.
const Install = "apt-get install openjdk-" + JDK + "-jdk-headless"

// Compiler returns the javac of the JDK: that of the PATH, or one that Debian has put beside it.
func Compiler(ctx context.Context) (string, error) {
	beside, err := filepath.Glob("/usr/lib/jvm/*-" + JDK + "-*/bin/javac")
	if err != nil {
		return "", err
	}
	var found []string
	for _, javac := range append([]string{"javac"}, beside...) {
		out, err := exec.CommandContext(ctx, javac, "-version").CombinedOutput()
		text := strings.TrimSpace(string(out))
		if err != nil {
			text = err.Error()
		} else if strings.HasPrefix(text, "javac "+JDK+".") {
			return javac, nil
		}
		found = append(found, text)
	}
	return "", fmt.Errorf("there is no javac of JDK %s (%s), and another one compiles otherwise: %s brings it", JDK, strings.Join(found, ", "), Install)
}

// Make compiles sources against the jars that a file names as Maven writes it, and
// returns the jar.
func Make(ctx context.Context, s Spec, classpath string) ([]byte, error) {
	jars, err := os.ReadFile(classpath)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, folder := range s.Sources {
		all, err := filepath.Glob(filepath.Join(folder, "*.java"))
		if err == nil && len(all) == 0 {
			err = fmt.Errorf("folder %s has no sources of Java", folder)
		}
		if err != nil {
			return nil, err
		}
		names = append(names, all...)
	}
	javac, err := Compiler(ctx)
	if err != nil {
		return nil, err
	}
	to, err := os.MkdirTemp("", "shim-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(to)
	args := []string{"-encoding", "UTF-8", "--release", s.Release, "-g:source,lines", "-Xlint:all,-serial,-processing,-classfile,-try", "-Werror", "-d", to, "-cp", strings.TrimSpace(string(jars))}
	if out, err := exec.CommandContext(ctx, javac, append(args, names...)...).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("javac: %w\n%s", err, out)
	}
	return pack(os.DirFS(to), "Manifest-Version: 1.0\r\nMain-Class: "+s.Main+"\r\n\r\n")
}

// pack makes a jar of classes.
func pack(classes fs.FS, manifest string) ([]byte, error) {
	var names []string
	err := fs.WalkDir(classes, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var b bytes.Buffer
	jar := zip.NewWriter(&b)
	add := func(name string, text []byte) error {
		size := uint64(len(text))
		w, err := jar.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(text), CompressedSize64: size, UncompressedSize64: size})
		if err == nil {
			_, err = w.Write(text)
		}
		return err
	}
	if err := add("META-INF/MANIFEST.MF", []byte(manifest)); err != nil {
		return nil, err
	}
	for _, name := range names {
		text, err := fs.ReadFile(classes, name)
		if err == nil {
			err = add(name, text)
		}
		if err != nil {
			return nil, err
		}
	}
	err = jar.Close()
	return b.Bytes(), err
}
