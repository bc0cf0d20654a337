package hdfsfs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/colinmarc/hdfs/v2"

	"github.com/freshet-go/freshet/internal/option"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/filesystem/internal/hdfsdir"
)

// A Client holds the connections to one HDFS. It connects when the first call is made. Its methods may be called by several
// goroutines at once.
type Client struct {
	options  hdfs.ClientOptions
	timeout  time.Duration
	patience time.Duration
	most     int // links that are kept

	files, dirs fs.FileMode // of what is made

	mu     sync.Mutex
	closed bool
	free   []*link
}

// unused is for how long a link that nobody uses is kept. It renews leases once a second all the while.
const unused = 20 * time.Second

// New returns a client of the HDFS whose NameNodes are at addresses, "namenode:8020": one, or all of those that stand by for each
// other. It panics if there is none.
func New(addresses []string, opts ...Option) *Client {
	if len(addresses) == 0 {
		panic("hdfsfs: New: no address of a NameNode")
	}
	c := &Client{options: hdfs.ClientOptions{Addresses: addresses}, timeout: time.Minute, patience: 2 * time.Minute, most: 4, files: 0o600, dirs: 0o700}
	option.Apply("hdfsfs: New", c, opts)
	return c
}

// Dir returns the directory of that path, which need not be there until a call is made. It panics if the path is not absolute.
func (c *Client) Dir(at string) filesystem.Truncater {
	if !path.IsAbs(at) {
		panic(fmt.Sprintf("hdfsfs: Dir(%q): the path does not begin with a slash", at))
	}
	at = path.Clean(at)
	return hdfsdir.New(calls{c}, "hdfs://"+strings.Join(c.options.Addresses, ",")+at, at, c.patience)
}

// Close ends the connections that are not in use, and has those that are end with their use. Calls fail from then on.
func (c *Client) Close() error {
	c.mu.Lock()
	free := c.free
	c.free, c.closed = nil, true
	c.mu.Unlock()
	for _, l := range free {
		if l.idle.Stop() {
			l.close()
		}
	}
	return nil
}

// acquire returns a link that nobody uses.
func (c *Client) acquire(ctx context.Context) (*link, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c.mu.Lock()
	if c.closed {
		c.mu.Unlock()
		return nil, &hdfsdir.Lasting{Err: errors.New("the client is closed")}
	}
	for len(c.free) > 0 {
		l := c.free[len(c.free)-1]
		c.free = c.free[:len(c.free)-1]
		if !l.idle.Stop() {
			continue
		}
		c.mu.Unlock()
		if l.trouble() == nil {
			return l, nil
		}
		l.close() // it broke while nobody used it, as the NameNode has gone
		c.mu.Lock()
	}
	options := c.options
	c.mu.Unlock()
	if options.User == "" && options.KerberosClient == nil {
		var err error
		if options.User, err = name(); err != nil {
			return nil, &hdfsdir.Lasting{Err: err}
		}
	}
	return newLink(ctx, options, c.timeout)
}

// name returns who the process is to HDFS, as Hadoop's own programs decide it.
func name() (string, error) {
	if name := os.Getenv("HADOOP_USER_NAME"); name != "" {
		return name, nil
	}
	u, err := user.Current()
	if err != nil {
		return "", err
	}
	return u.Username, nil
}

// release takes a link back. One that has failed is closed: an answer may still be on its way in it.
func (c *Client) release(l *link, good bool) {
	c.mu.Lock()
	good = good && !c.closed && len(c.free) < c.most
	if good {
		c.free = append(c.free, l)
		l.idle = time.AfterFunc(unused, func() { c.expire(l) })
	}
	c.mu.Unlock()
	if !good {
		l.close()
	}
}

func (c *Client) expire(l *link) {
	c.mu.Lock()
	for i, other := range c.free {
		if other == l {
			c.free = append(c.free[:i], c.free[i+1:]...)
			break
		}
	}
	c.mu.Unlock()
	l.close()
}

// with calls f with a link, which is cut if ctx ends before f does.
func (c *Client) with(ctx context.Context, f func(l *link) error) error {
	l, err := c.acquire(ctx)
	if err != nil {
		return err
	}
	err = l.during(ctx, f)
	c.release(l, err == nil || isAnswer(err))
	return err
}

// during calls f, in which ctx cuts the link, and makes of its error what package hdfsdir asks for.
func (l *link) during(ctx context.Context, f func(l *link) error) error {
	stop := context.AfterFunc(ctx, l.sever)
	l.trouble()
	err := f(l)
	if !stop() && err == nil {
		return context.Cause(ctx) // it is cut, or about to be
	}
	return told(err)
}

func isAnswer(err error) bool {
	_, ok := errors.AsType[*hdfsdir.Answer](err)
	return ok
}

// told returns an error of the library as an answer, if it is one.
func told(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[interface {
		error
		hdfs.Error
	}](err); ok {
		return hdfsdir.NewAnswer(e.Exception(), e.Message())
	}
	cause := err
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		cause = e.Err
	}
	switch { // the library has translated them
	case errors.Is(cause, os.ErrNotExist):
		return hdfsdir.NewAnswer("java.io.FileNotFoundException", "")
	case errors.Is(cause, os.ErrExist):
		return hdfsdir.NewAnswer("org.apache.hadoop.fs.FileAlreadyExistsException", "")
	case errors.Is(cause, os.ErrPermission):
		return hdfsdir.NewAnswer("org.apache.hadoop.security.AccessControlException", "permission denied")
	case errors.Is(cause, os.ErrInvalid):
		return hdfsdir.NewAnswer("org.apache.hadoop.fs.InvalidPathException", "HDFS has no such names")
	case strings.HasPrefix(cause.Error(), "no available namenodes"):
		return &hdfsdir.Unreached{Err: cause}
	}
	return cause
}
