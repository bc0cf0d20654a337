package webhdfsfs

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"time"
)

// An Option says how HDFS is reached.
type Option func(*Client)

// User sets who the process is, where HDFS believes that. The default is HADOOP_USER_NAME, or else the user of the process.
func User(name string) Option { return func(c *Client) { c.user = name } }

// Token has calls authorized by a delegation token, as hdfs fetchdt prints it. It is part of addresses, which no message and
// no log shows. An empty one is none.
func Token(token string) Option {
	return func(c *Client) {
		if c.tokens = nil; token != "" {
			c.tokens = &tokens{current: token}
		}
	}
}

// Tokens has f asked for the delegation token: when there is none yet, and again when HDFS refuses the one that there is, as it has expired, was
// cancelled, or is not known any more. The call is made once more then, with what f has said. An error of f is one of the call, which is repeated as
// Patience says. F is called by one goroutine at a time. It panics if f is nil.
func Tokens(f func(ctx context.Context) (string, error)) Option {
	if f == nil {
		panic("webhdfsfs: Tokens(nil)")
	}
	return func(c *Client) { c.tokens = &tokens{ask: f} }
}

// Authorize has f put what proves who the process is into each request to a NameNode or gateway, such as a password, or a ticket of Kerberos.
// It may be called by several goroutines at once. When it is refused, by a status of 401, it is called once more, for what it says may have changed. Requests to DataNodes are authorized by what the NameNode answers;
// a gateway that sends the caller to itself has f called for that request, too.
func Authorize(f func(*http.Request) error) Option { return func(c *Client) { c.authorize = f } }

// HTTP sets the client by which requests are made: with certificates of its own, a proxy, limits of connections. The default is
// http.DefaultClient. It must have no Timeout, which would end long reads. The caller closes its idle connections.
func HTTP(client *http.Client) Option {
	if client == nil || client.Timeout != 0 {
		panic("webhdfsfs: HTTP: the client is nil, or has a Timeout")
	}
	return func(c *Client) { c.http = client }
}

// Timeout sets how long an answer may take to begin, and a write. The default is a minute. It panics if d is not positive.
func Timeout(d time.Duration) Option {
	if d <= 0 {
		panic(fmt.Sprintf("webhdfsfs: Timeout(%v): want a positive duration", d))
	}
	return func(c *Client) { c.timeout = d }
}

// Patience sets how long a call is repeated while a NameNode is in safe mode, restarts or hands over, a DataNode is away, or a lease has to
// run out. The default is two minutes. It panics if d is negative.
func Patience(d time.Duration) Option {
	if d < 0 {
		panic(fmt.Sprintf("webhdfsfs: Patience(%v): want no negative duration", d))
	}
	return func(c *Client) { c.patience = d }
}

// Unclosed is for files that other programs are still writing: Stat asks a DataNode how much of a file there is, as the NameNode does
// not know what its writer has flushed. A source with source.Growing goes on there, run by run. It costs two requests more for each file that is
// asked for.
func Unclosed() Option { return func(c *Client) { c.unclosed = true } }

// HttpFS says that the addresses are of HttpFS, the gateway through which files are read and written where DataNodes are not reached. It is told
// from a NameNode, as it renames no file over another one, and makes directories that are missing: calls are made in other steps.
func HttpFS() Option { return func(c *Client) { c.gateway = true } }

// Modes sets the modes of the files and directories that are made: 0o640 and 0o750 let the group of the directory above read them. The default is
// 0600 and 0700. It panics if one has more than the bits of permission, or keeps their owner out.
func Modes(files, dirs fs.FileMode) Option {
	if (files|dirs)&^fs.ModePerm != 0 || files&0o600 != 0o600 || dirs&0o700 != 0o700 {
		panic(fmt.Sprintf("webhdfsfs: Modes(%#o, %#o): want permissions that have 0600 and 0700", files, dirs))
	}
	return func(c *Client) { c.files, c.dirs = files, dirs }
}
