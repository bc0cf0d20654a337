// Package minihttpfs runs a real HttpFS, the gateway by which programs that reach no DataNode use an HDFS over HTTP, for tests.
// It is built by package javaserver, which needs mvn and javac.
package minihttpfs

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/freshet-go/freshet/internal/javaserver"
)

// User is whom the gateway calls itself to NameNodes, which have to let it act for others: hadoop.proxyuser.httpfs.hosts and .groups.
const User = "httpfs"

// Settings are those of Hadoop, by their names, httpfs.… among them, and beside them those of the JVM, which begin with a "-".
type Settings map[string]string

// Start starts a gateway at address, host:port, to the HDFS that settings tell of. Folder is where javaserver.Build has put the program; dir is
// its own, for its settings. It takes no commands.
func Start(ctx context.Context, folder, dir, address string, settings Settings) (*javaserver.Server, error) {
	host, port, ok := strings.Cut(address, ":")
	if !ok {
		return nil, fmt.Errorf("minihttpfs: %s is not host:port", address)
	}
	args := []string{
		"-Xmx256m", "--add-opens=java.base/java.lang=ALL-UNNAMED", // for JAXB, which is older
		"-DHADOOP_USER_NAME=" + User, "-Dhttpfs.http.hostname=" + host, "-Dhttpfs.http.port=" + port,
	}
	var site strings.Builder
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		if strings.HasPrefix(name, "-") {
			args = append(args, name+settings[name])
			continue
		}
		fmt.Fprintf(&site, "<property><name>%s</name><value>%s</value></property>\n", name, settings[name])
	}
	for _, name := range []string{"core-site.xml", "httpfs-site.xml"} { // the client of HDFS reads the one, and the server the other
		text := "<configuration>\n" + site.String() + "</configuration>\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	return javaserver.Start(ctx, folder, "HttpFs", dir, args...)
}
