//go:build !linux

package worker

import "os"

// standard takes standard input and output away from those who use package os.
func standard() (in, out *os.File, err error) {
	in, out = os.Stdin, os.Stdout
	os.Stdout = os.Stderr
	os.Stdin, err = os.Open(os.DevNull)
	return in, out, err
}
