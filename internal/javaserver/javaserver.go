// Package javaserver runs servers that are written in Java, HDFS, HBase and Kafka, for tests and
// examples: each a single process on 127.0.0.1 that ends with the process which started it.
//
// A program is a folder of sources with a pom.xml that names what Maven has to fetch. It prints a line
// that begins with READY once it serves, takes commands as lines of its standard input, answers each by
// OK or by ERR and a reason, and ends where its standard input does.
package javaserver

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// A Server is a Java program that runs. Its methods may be called from any goroutine.
type Server struct {
	Ready string // the line that it was ready with

	cmd   *exec.Cmd
	ended chan struct{} // closed behind Wait
	lines chan string   // its answers; closed where its output ends

	commands sync.Mutex // one command at a time
	stdin    io.WriteCloser

	mu   sync.Mutex
	said []string // the last lines it printed, for errors
}

// Classpath returns where java finds all that Build has put into a folder.
func Classpath(folder string) (string, error) {
	jars, err := os.ReadFile(filepath.Join(folder, "classpath"))
	return folder + string(filepath.ListSeparator) + strings.TrimSpace(string(jars)), err
}

// flags halve the time to start.
var flags = []string{"-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"}

// Start runs a class of what Build has put into a folder, with dir as its working directory, and waits
// until it is ready, for two minutes at most. The caller stops it; it ends with the caller's process
// too. Args are those of the JVM, -Xmx512m and -Dname=value among them, as the class reads properties.
func Start(ctx context.Context, folder, class, dir string, args ...string) (*Server, error) {
	classpath, err := Classpath(folder)
	if err != nil {
		return nil, fmt.Errorf("%s is not built: %w", class, err)
	}
	args = append(append(append([]string{}, flags...), args...), "-cp", classpath, class)
	s := &Server{cmd: exec.Command("java", args...), ended: make(chan struct{}), lines: make(chan string, 16)}
	s.cmd.Dir = dir
	out, in := io.Pipe()
	s.cmd.Stdout, s.cmd.Stderr = in, in
	if s.stdin, err = s.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w: a JDK is needed: apt-get install default-jdk-headless", class, err)
	}
	go s.read(out)
	go func() {
		_ = s.cmd.Wait() // what it printed says more
		in.Close()
		close(s.ended)
	}()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	if s.Ready, err = s.answer(ctx, "READY"); err != nil {
		s.Kill()
		return nil, fmt.Errorf("%s does not start: %w", class, err)
	}
	return s, nil
}

// read keeps what is printed, and hands answers on: nobody asks two things at once, so that they find room.
func (s *Server) read(out io.Reader) {
	defer close(s.lines)
	scan := bufio.NewScanner(out)
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		line := scan.Text()
		s.mu.Lock()
		if s.said = append(s.said, line); len(s.said) > 200 {
			s.said = s.said[100:]
		}
		s.mu.Unlock()
		if word, _, _ := strings.Cut(line, " "); word == "READY" || word == "OK" || word == "ERR" {
			select {
			case s.lines <- line:
			default:
			}
		}
	}
	_, _ = io.Copy(io.Discard, out) // behind a line of a megabyte
}

// answer waits for a line that begins with a word.
func (s *Server) answer(ctx context.Context, word string) (string, error) {
	for {
		select {
		case line, ok := <-s.lines:
			switch {
			case !ok:
				return "", fmt.Errorf("it has ended:\n%s", s.Output())
			case strings.HasPrefix(line, word):
				return line, nil
			case strings.HasPrefix(line, "ERR"):
				return "", fmt.Errorf("it says %s", line)
			}
		case <-ctx.Done():
			return "", fmt.Errorf("%w before it said %s:\n%s", ctx.Err(), word, s.Output())
		}
	}
}

// Do sends a command, and waits for its answer, a minute at most.
func (s *Server) Do(command string) error {
	s.commands.Lock()
	defer s.commands.Unlock()
	if _, err := io.WriteString(s.stdin, command+"\n"); err != nil {
		return fmt.Errorf("%s: %w:\n%s", command, err, s.Output())
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if _, err := s.answer(ctx, "OK"); err != nil {
		return fmt.Errorf("%s: %w", command, err)
	}
	return nil
}

// PID returns the number of the process.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Kill ends the server at once, as a crash would, and waits.
func (s *Server) Kill() {
	_ = s.cmd.Process.Kill() // it may have ended
	<-s.ended
}

// Output returns the last lines that the server printed.
func (s *Server) Output() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.said, "\n")
}
