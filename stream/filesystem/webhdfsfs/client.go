package webhdfsfs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/user"
	"path"
	"strings"
	"sync/atomic"
	"time"

	"github.com/freshet-go/freshet/internal/option"
	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/filesystem/internal/hdfsdir"
)

// A Client makes the calls of one HDFS. Its methods may be called by several goroutines at once.
type Client struct {
	addresses []*url.URL
	active    atomic.Int64 // the index of the address that has answered last
	http      *http.Client
	user      string
	tokens    *tokens // nil for none
	authorize func(*http.Request) error
	timeout   time.Duration
	patience  time.Duration
	unclosed  bool
	gateway   bool // the addresses are of HttpFS

	files, dirs fs.FileMode // of what is made
}

// New returns a client of the HDFS whose NameNodes, or whose gateway, are at addresses, "http://namenode:9870" or
// "https://namenode:9871": one, or all of those that stand by for each other. It panics if there is none, or one is no such address.
func New(addresses []string, opts ...Option) *Client {
	if len(addresses) == 0 {
		panic("webhdfsfs: New: no address of a NameNode")
	}
	c := &Client{http: http.DefaultClient, timeout: time.Minute, patience: 2 * time.Minute, files: 0o600, dirs: 0o700}
	for _, address := range addresses {
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" {
			panic("webhdfsfs: New: an address is not as http://namenode:9870 or https://namenode:9871 are") // it may hold a password
		}
		c.addresses = append(c.addresses, &url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimSuffix(u.Path, "/")})
	}
	option.Apply("webhdfsfs: New", c, opts)
	own := *c.http // a redirect is followed with what is known about the call
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.http = &own
	return c
}

// Dir returns the directory of that path, which need not be there until a call is made. It panics if the path is not absolute.
func (c *Client) Dir(at string) filesystem.Truncater {
	if !path.IsAbs(at) {
		panic(fmt.Sprintf("webhdfsfs: Dir(%q): the path does not begin with a slash", at))
	}
	at = path.Clean(at)
	scheme := "webhdfs"
	if c.addresses[0].Scheme == "https" {
		scheme = "swebhdfs"
	}
	var hosts []string
	for _, a := range c.addresses {
		hosts = append(hosts, a.Host)
	}
	return hdfsdir.New(calls{c}, scheme+"://"+strings.Join(hosts, ",")+at, at, c.patience)
}

// Format writes where the client calls, whatever the verb: a Client has a token.
func (c *Client) Format(f fmt.State, _ rune) { _, _ = fmt.Fprintf(f, "WebHDFS at %s", c.addresses) }

// A call is one of the protocol.
type call struct {
	method string
	op     string
	path   string
	query  url.Values
}

// namenode sends a call to a NameNode that is active, and returns its answer or the address that it sends the caller to.
func (c *Client) namenode(ctx context.Context, what call) (*http.Response, error) {
	first := c.active.Load()
	var err error
	for i := range int64(len(c.addresses)) {
		n := (first + i) % int64(len(c.addresses))
		var resp *http.Response
		if resp, err = c.send(ctx, what, c.addresses[n]); err == nil {
			c.active.Store(n)
			return resp, nil
		}
		if a, ok := errors.AsType[*hdfsdir.Answer](err); ok && !strings.HasSuffix(a.Exception, ".StandbyException") {
			return nil, err
		}
		if _, ok := errors.AsType[*hdfsdir.Unreached](err); !ok && !isAnswer(err) {
			return nil, err
		}
	}
	return nil, err
}

func isAnswer(err error) bool {
	_, ok := errors.AsType[*hdfsdir.Answer](err)
	return ok
}

// send sends a call to an address, and once more if it is refused as nobody's and there is somebody to ask who that is.
func (c *Client) send(ctx context.Context, what call, to *url.URL) (*http.Response, error) {
	token, err := c.tokens.get(ctx)
	if err != nil {
		return nil, err
	}
	resp, err := c.sendAs(ctx, token, what, to)
	if !isNobody(err) || !c.tokens.refused(token) && (c.authorize == nil || c.tokens != nil) {
		return resp, err
	}
	if token, err = c.tokens.get(ctx); err != nil {
		return nil, err
	}
	return c.sendAs(ctx, token, what, to)
}

func (c *Client) sendAs(ctx context.Context, token string, what call, to *url.URL) (*http.Response, error) {
	u := *to
	u.Path += "/webhdfs/v1" + what.path
	u.RawPath = to.EscapedPath() + "/webhdfs/v1" + escaped(what.path)
	query := url.Values{"op": {what.op}}
	for name, values := range what.query {
		query[name] = values
	}
	switch {
	case c.tokens != nil:
		query.Set("delegation", token)
	case c.authorize == nil:
		name, err := c.name()
		if err != nil {
			return nil, &hdfsdir.Lasting{Err: err}
		}
		query.Set("user.name", name)
	}
	u.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20")
	req, err := http.NewRequestWithContext(ctx, what.method, u.String(), nil)
	if err != nil {
		return nil, &hdfsdir.Lasting{Err: clean(err)}
	}
	if err := c.authorized(req); err != nil {
		return nil, err
	}
	return c.do(req)
}

// authorized has Authorize's function put into a request what proves who makes it.
func (c *Client) authorized(req *http.Request) error {
	if c.authorize == nil || c.tokens != nil {
		return nil
	}
	if err := c.authorize(req); err != nil {
		return &hdfsdir.Lasting{Err: fmt.Errorf("it cannot be authorized: %w", err)}
	}
	return nil
}

// escaped returns a path with all escaped that a server might take for something else.
func escaped(at string) string {
	all := strings.Split(at, "/")
	for i := range all {
		all[i] = strings.ReplaceAll(url.PathEscape(all[i]), "+", "%2B")
		all[i] = strings.ReplaceAll(all[i], ";", "%3B")
	}
	return strings.Join(all, "/")
}

// name returns who the process is to HDFS, as Hadoop's own programs decide it.
func (c *Client) name() (string, error) {
	if c.user != "" {
		return c.user, nil
	}
	if name := os.Getenv("HADOOP_USER_NAME"); name != "" {
		return name, nil
	}
	u, err := user.Current()
	if err != nil {
		return "", err
	}
	return u.Username, nil
}

// do makes a request whose answer begins within the timeout. The body of the answer is read under the request's context.
func (c *Client) do(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	late := time.AfterFunc(c.timeout, func() {
		cancel(fmt.Errorf("%s has not answered in %v", req.URL.Host, c.timeout))
	})
	resp, err := c.http.Do(req.WithContext(ctx))
	if !late.Stop() && err == nil {
		resp.Body.Close()
		err = context.Cause(ctx)
	}
	if err != nil {
		if cause := context.Cause(ctx); cause != nil && req.Context().Err() == nil {
			err = cause
		}
		cancel(nil)
		return nil, unanswered(err)
	}
	resp.Body = &cancelling{resp.Body, cancel}
	if resp.StatusCode >= 400 {
		return nil, refusal(resp)
	}
	return resp, nil
}

// A cancelling is the body of an answer, whose request ends with it.
type cancelling struct {
	io.ReadCloser
	cancel context.CancelCauseFunc
}

func (b *cancelling) Close() error {
	b.cancel(nil)
	return b.ReadCloser.Close()
}
