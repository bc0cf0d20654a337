package compression

import (
	"bytes"
	"path"
	"slices"
	"strings"
)

// A foreign way of compressing is one that nothing here reads or writes. What is compressed so must be told from text all the same.
type foreign struct {
	ext   []string
	magic string // that a file begins with, if that cannot be the beginning of a text
}

var others = []foreign{
	{[]string{".bz2"}, "BZh"},
	{[]string{".xz"}, "\xfd7zXZ\x00"},
	{[]string{".lz4"}, "\x04\x22\x4d\x18"},
	{[]string{".zip"}, "PK\x03\x04"},
	{[]string{".7z"}, "7z\xbc\xaf\x27\x1c"},
	{[]string{".z"}, "\x1f\x9d"}, // compress of Unix
	{[]string{".br", ".lzma", ".lzo", ".sz", ".snappy"}, ""},
}

// Foreign returns the extension of a name whose file would be compressed in a way that nothing here knows, or "".
func Foreign(name string) string {
	ext := path.Ext(name)
	for _, f := range others {
		if slices.Contains(f.ext, strings.ToLower(ext)) {
			return ext
		}
	}
	return ""
}

// ForeignBegins returns the extension of what data begins as, where that is compressed in a way that nothing here reads, or "". Of bzip2, whose
// first bytes are letters, the first block has to begin, too.
func ForeignBegins(data []byte) string {
	for _, f := range others {
		if f.magic == "" || !bytes.HasPrefix(data, []byte(f.magic)) {
			continue
		}
		if f.magic == "BZh" && (len(data) < 10 || string(data[4:10]) != "1AY&SY") {
			continue
		}
		return f.ext[0]
	}
	return ""
}
