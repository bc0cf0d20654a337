package logfile

import (
	"encoding/binary"
	"hash/fnv"
)

// An inode is which file of the machine something is, as long as it exists.
type inode struct{ dev, ino uint64 }

// A fingerprint stands for some bytes of a file. That of none is zero.
type fingerprint struct {
	bytes int
	hash  uint64
}

const (
	headBytes = 1 << 10 // of the first bytes of a file, which tell what file it is
	tailBytes = 512     // of those before the place that has been come to
)

// printOf is FNV-1a of the length and the bytes. It finds what was exchanged by
// accident: 64 bits of it are no match for somebody who means to deceive.
func printOf(data []byte) fingerprint {
	if len(data) == 0 {
		return fingerprint{}
	}
	h := fnv.New64a()
	var n [8]byte
	binary.LittleEndian.PutUint64(n[:], uint64(len(data)))
	h.Write(n[:])
	h.Write(data)
	return fingerprint{len(data), h.Sum64()}
}

// begins reports whether data, which may go on, begins as p has it.
func (p fingerprint) begins(data []byte) bool {
	return len(data) >= p.bytes && printOf(data[:p.bytes]) == p
}

// whole reports whether a head will not grow any more.
func (p fingerprint) whole() bool { return p.bytes == headBytes }

// An identity is which generation of a log a file is. A file keeps it while it
// grows: the head is of as many bytes as there were when it was last looked at.
// A copy and a compressed file have the same head, and another inode. An inode alone
// may have been given to a new file.
type identity struct {
	inode
	head  fingerprint
	mtime int64 // when it was last written to, in nanoseconds since 1970, as last seen
}

// A generation is a file that has had the log's name, and how far it has been read.
type generation struct {
	identity
	at   int64       // behind the last record that was delivered, in bytes of the file, decompressed
	tail fingerprint // of the bytes before at
}
