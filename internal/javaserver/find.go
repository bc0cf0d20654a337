package javaserver

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Find returns the folder in which a program is built of these sources: where FRESHET_JAVA says that tests have it, or else one in the
// user's cache, into which Find builds it the first time.
func Find(ctx context.Context, name string, sources fs.FS) (folder string, err error) {
	version, err := versionOf(sources)
	if err != nil {
		return "", err
	}
	if all := os.Getenv("FRESHET_JAVA"); all != "" {
		if folder = filepath.Join(all, name); isBuilt(folder, version) == nil {
			return folder, nil
		}
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	folder = filepath.Join(cache, "freshet", name+"-"+version)
	if isBuilt(folder, version) != nil {
		fmt.Fprintln(os.Stderr, name, "is fetched into", folder)
	}
	return folder, Build(ctx, sources, folder)
}

// versionOf returns what tells one program from another.
func versionOf(sources fs.FS) (string, error) {
	names, err := namesOf(sources)
	if err != nil {
		return "", err
	}
	sum := sha256.New()
	for _, name := range names {
		text, err := fs.ReadFile(sources, name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%s %d\n", name, len(text))
		sum.Write(text)
	}
	return hex.EncodeToString(sum.Sum(nil)[:4]), nil
}

// namesOf returns the names of the files of sources, as go:embed has them: what an editor hides is none of them.
func namesOf(sources fs.FS) (names []string, err error) {
	all, err := fs.ReadDir(sources, ".")
	for _, f := range all {
		if !f.IsDir() && !strings.HasPrefix(f.Name(), ".") && !strings.HasPrefix(f.Name(), "_") {
			names = append(names, f.Name())
		}
	}
	return names, err
}
