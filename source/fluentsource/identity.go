package fluentsource

import "net"

// chunkID returns by what a chunk is recognised when it is sent again. Most clients make up an id for each chunk. Those of
// Fluent Bit are 32 hexadecimal digits of a hash of what is in the chunk, so two hosts, or two tags of one, may send different
// chunks of the same id; and in Message mode, which it takes where the tag is made from the record, they are the hash of
// nothing, which says nothing.
func chunkID(chunk, tag string, client net.Addr) string {
	switch {
	case chunk == hashOfNothing:
		return ""
	case !isHash(chunk):
		return chunk
	}
	host := ""
	if client != nil {
		host = client.String()
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
	}
	return chunk + " " + host + " " + tag
}

// hashOfNothing is how the SHA-512 of no bytes begins.
const hashOfNothing = "cf83e1357eefb8bdf1542850d66d8007"

func isHash(id string) bool {
	if len(id) != len(hashOfNothing) {
		return false
	}
	for i := range len(id) {
		if c := id[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
