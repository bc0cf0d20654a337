// Package programs finds the servers and senders that examples start, and room for them.
package programs

import (
	"fmt"
	"net"
	"os/exec"
)

// Find returns the path of a program, wherever Debian has it. Where it is not installed, the error says
// which command would do that.
func Find(name, install string) (string, error) {
	for _, path := range []string{name, "/usr/sbin/" + name} {
		if found, err := exec.LookPath(path); err == nil {
			return found, nil
		}
	}
	return "", fmt.Errorf("%s is not installed: %s", name, install)
}

// FreeAddr returns an address of this machine that nobody listens on.
func FreeAddr() string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "127.0.0.1:0" // who listens there is told why
	}
	defer l.Close()
	return l.Addr().String()
}
