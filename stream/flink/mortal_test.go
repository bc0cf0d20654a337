package flink_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/stream"
)

// Orders is a folder by which a test has a worker die at a moment. What is committed is noted there, too.
type orders string

// give has the first process die that comes to the moment. What it returns reports whether one has.
func (o orders) give(t *testing.T, moment string) (died func() bool) {
	t.Helper()
	require.NoError(t, os.WriteFile(o.file(moment), nil, 0o600))
	return func() bool {
		_, err := os.Stat(o.file(moment))
		return errors.Is(err, fs.ErrNotExist)
	}
}

func (o orders) file(moment string) string { return filepath.Join(string(o), "die "+moment) }

// come is called at a moment. One process alone can take the order away.
func (o orders) come(moment string) {
	if os.Remove(o.file(moment)) == nil {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
}

// A commit is what a committer has noted behind it.
type commit struct {
	id       int64 // of the checkpoint
	prepared int   // how much there was to show
	pid      int
}

func (o orders) note(c commit) error {
	f, err := os.OpenFile(filepath.Join(string(o), "commits"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, c.id, c.prepared, c.pid)
	return errors.Join(err, f.Close())
}

// commits returns what was noted.
func (o orders) commits(t *testing.T) (all []commit) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(string(o), "commits"))
	if !errors.Is(err, fs.ErrNotExist) {
		require.NoError(t, err)
	}
	for line := range strings.Lines(string(text)) {
		var c commit
		if n, _ := fmt.Sscanln(line, &c.id, &c.prepared, &c.pid); n == 3 { // the last one may be being written
			all = append(all, c)
		}
	}
	return all
}

// A mortal is a sink whose writers and committer die by order.
type mortal struct {
	stream.TransactionalSink[string]
	orders
}

func (m mortal) Open(c *stream.SinkContext) (stream.Writer[string], error) {
	m.come("as a writer opens")
	inner, err := m.TransactionalSink.Open(c)
	return &mortalWriter{inner, m.orders}, err
}

func (m mortal) OpenCommitter(c *stream.SinkContext) (stream.Committer, error) {
	m.come("as a committer opens")
	inner, err := m.TransactionalSink.OpenCommitter(c)
	return &mortalCommitter{Committer: inner, orders: m.orders}, err
}

type mortalWriter struct {
	stream.Writer[string]
	orders
}

func (m *mortalWriter) Write(ctx context.Context, b *stream.Batch[string]) error {
	err := m.Writer.Write(ctx, b)
	m.come("behind rows that it has written")
	return err
}

func (m *mortalWriter) Prepare(ctx context.Context) ([]byte, error) {
	m.come("before it prepares a commit")
	prepared, err := m.Writer.(stream.Preparer).Prepare(ctx)
	m.come("behind what it has prepared")
	return prepared, err
}

type mortalCommitter struct {
	stream.Committer
	orders
	begun bool
	first int64 // the checkpoint that it has begun with
}

func (m *mortalCommitter) Abort(ctx context.Context, id int64) error {
	m.begun, m.first = true, id
	return m.Committer.Abort(ctx, id)
}

func (m *mortalCommitter) Commit(ctx context.Context, id int64, prepared [][]byte) error {
	m.come("before a commit")
	err := m.Committer.Commit(ctx, id, prepared)
	if err == nil {
		m.come("behind a commit")
	}
	if err == nil && m.begun && id > m.first { // and not one that the process before it has left
		err = m.note(commit{id, len(prepared), os.Getpid()})
	}
	return err
}
