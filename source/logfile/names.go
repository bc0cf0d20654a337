package logfile

import (
	"path/filepath"
	"slices"
	"strings"
)

// otherCompressions are the extensions of files that are compressed, and not by what [decompress] reads.
var otherCompressions = []string{".xz", ".bz2", ".lz4", ".lzma", ".lz", ".lzo", ".z", ".zip", ".7z"}

// compressedOtherwise reports whether a file that matches is left alone, as its name says that it is compressed and nobody can
// read it. A pattern that ends with the same extension means it.
func (w *watch) compressedOtherwise(path string) bool {
	ext := strings.ToLower(filepath.Ext(path))
	if !slices.Contains(otherCompressions, ext) || strings.HasSuffix(strings.ToLower(w.glob), ext) {
		return false
	}
	if !w.otherwise[ext] {
		w.otherwise[ext] = true
		w.logger.Warn("files that are compressed so are not read, and only .gz and .zst are", "extension", ext, "path", nameOf(path))
	}
	return true
}

// rotatedOf returns a function that says which log a path is a rotated file of.
func (w *watch) rotatedOf(paths []string, exists func(string) bool) func(path string) (base string, ok bool) {
	if w.rotated == nil {
		return func(path string) (string, bool) {
			dir, name := filepath.Split(path)
			for _, r := range rotationsOf(name) {
				if base := dir + r.log; exists(base) || r.sure && w.matches(base) {
					return base, true
				}
			}
			return "", false
		}
	}
	type claim struct{ pattern, base string }
	var claims map[string][]claim // by directory, so that logs that are rotated to elsewhere cost nothing
	return func(path string) (string, bool) {
		if claims == nil {
			claims = map[string][]claim{}
			for _, base := range paths {
				for _, pattern := range w.rotated(base) {
					dir := filepath.Dir(pattern)
					if strings.ContainsAny(dir, `*?[\`) {
						dir = anyDir
					}
					claims[dir] = append(claims[dir], claim{pattern, base})
				}
			}
		}
		for _, dir := range []string{filepath.Dir(path), anyDir} {
			for _, c := range claims[dir] {
				if ok, _ := filepath.Match(c.pattern, path); ok && c.base != path {
					return c.base, true
				}
			}
		}
		return "", false
	}
}

// anyDir stands for directories that a pattern has to be asked about.
const anyDir = "*"
