// Package minispark runs a real Spark 3.5 for tests, as a stand-alone cluster: a master and two workers, each a process of its own as
// Spark's scripts start them, and a folder that is what SPARK_HOME names. They are built by package javaserver, which needs mvn and javac.
package minispark

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/freshet-go/freshet/internal/freeport"
	"github.com/freshet-go/freshet/internal/javaserver"
)

// Sources is where the program lies in the project.
const Sources = "internal/minispark/testdata/java"

// A Cluster is one that runs.
type Cluster struct {
	Master string // spark://127.0.0.1:7077
	Home   string // where spark-submit is, and all that the cluster keeps

	servers []*javaserver.Server
}

// submit is spark-submit. Spark's own finds its folders and Java beside that, and says which Scala it has.
const submit = `#!/bin/sh
export SPARK_LOCAL_IP=127.0.0.1 SPARK_HOME=%s
exec java -Xmx512m %s -cp "$SPARK_HOME/jars/*" org.apache.spark.deploy.SparkSubmit --conf spark.executorEnv.SPARK_SCALA_VERSION=2.13 "$@"
`

// Home makes what SPARK_HOME names, in a folder. Program is where javaserver.Build has put the program.
func Home(program, folder string) error {
	classpath, err := javaserver.Classpath(program)
	if err != nil {
		return err
	}
	for _, d := range []string{"bin", "jars"} {
		if err := os.Mkdir(filepath.Join(folder, d), 0o700); err != nil {
			return err
		}
	}
	for _, jar := range filepath.SplitList(classpath)[1:] {
		if err := os.Symlink(jar, filepath.Join(folder, "jars", filepath.Base(jar))); err != nil {
			return err
		}
	}
	text := fmt.Sprintf(submit, folder, strings.Join(flags(), " "))
	return os.WriteFile(filepath.Join(folder, "bin", "spark-submit"), []byte(text), 0o700)
}

// flags are what Spark needs of Java 17, and what halves the time to start.
func flags() []string {
	all := []string{"-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+IgnoreUnrecognizedVMOptions", "-Djdk.reflect.useDirectMethodHandle=false"}
	for _, p := range []string{
		"java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio", "java.util", "java.util.concurrent",
		"java.util.concurrent.atomic", "jdk.internal.ref", "sun.nio.ch", "sun.nio.cs", "sun.security.action", "sun.util.calendar",
	} {
		all = append(all, "--add-opens=java.base/"+p+"=ALL-UNNAMED")
	}
	return all
}

// Start starts a cluster that keeps its files in dir. Each worker has room for one executor with two tasks. They are of two hosts, as Spark has it: it runs no task a
// second time where it is running. Program is where javaserver.Build has put the program.
func Start(ctx context.Context, program, dir string) (*Cluster, error) {
	ports, err := freeport.Find(3)
	if err != nil {
		return nil, err
	}
	if err := Home(program, dir); err != nil {
		return nil, err
	}
	c := &Cluster{Master: fmt.Sprintf("spark://127.0.0.1:%d", ports[0]), Home: dir, servers: make([]*javaserver.Server, 3)}
	var starting sync.WaitGroup
	failed := make([]error, 3)
	for i, port := range ports {
		args := append(flags(), "-Xmx128m", fmt.Sprint("-Dport=", port), "-Dhost=127.0.0.1")
		if i > 0 { // which looks for its master until that is there
			args = append(args, fmt.Sprintf("-Dhost=127.0.0.%d", i+1), "-Dmaster="+c.Master, "-Dfolder="+filepath.Join(dir, fmt.Sprint("work-", i)))
		}
		starting.Go(func() { c.servers[i], failed[i] = javaserver.Start(ctx, program, "Standalone", dir, args...) })
	}
	starting.Wait()
	if err := errors.Join(failed...); err != nil {
		c.Kill()
		return nil, err
	}
	return c, nil
}

// Output returns the last lines that the processes have printed, those of executors among them.
func (c *Cluster) Output() (text string) {
	for _, s := range c.servers {
		if s != nil {
			text += s.Output() + "\n"
		}
	}
	executors, _ := filepath.Glob(filepath.Join(c.Home, "work-*", "app-*", "*", "stderr")) // the pattern is right
	for _, name := range executors {
		printed, err := os.ReadFile(name)
		if err != nil {
			printed = []byte(err.Error())
		}
		text += fmt.Sprintf("%s:\n%s\n", name, printed[max(len(printed)-8<<10, 0):])
	}
	return text
}

// Kill ends all at once, as a crash would.
func (c *Cluster) Kill() {
	for _, s := range c.servers {
		if s != nil {
			s.Kill()
		}
	}
}
