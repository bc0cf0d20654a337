// Package programs finds the servers and senders that examples start, and room for them.
package programs

import (
	"fmt"
	"os/exec"

	"github.com/freshet-go/freshet/internal/freeport"
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
	ports, err := freeport.Find(1)
	if err != nil {
		return "127.0.0.1:0" // of which nobody is told
	}
	return fmt.Sprintf("127.0.0.1:%d", ports[0])
}
