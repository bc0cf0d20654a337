package webhdfsfs

import (
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/freshet-go/freshet/stream/filesystem"
	"github.com/freshet-go/freshet/stream/filesystem/internal/hdfsdir"
)

// calls are those of WebHDFS.
type calls struct{ *Client }

// A status tells of a file as JSON.
type status struct {
	PathSuffix string `json:"pathSuffix"`
	Type       string `json:"type"`
	Length     int64  `json:"length"`
	FileID     int64  `json:"fileId"`
}

func (s status) info() filesystem.Info {
	i := filesystem.Info{Name: s.PathSuffix, Dir: s.Type == "DIRECTORY", Size: s.Length}
	if s.FileID != 0 {
		i.ID = strconv.FormatInt(s.FileID, 10)
	}
	return i
}

// ask makes a call that a NameNode answers by JSON, or by nothing.
func (c calls) ask(ctx context.Context, what call, answer any) error {
	resp, err := c.namenode(ctx, what)
	if err != nil {
		return err
	}
	defer resp.Body.Close() // it is read to its end
	text, err := io.ReadAll(io.LimitReader(resp.Body, longest))
	if err != nil {
		return clean(err)
	}
	if len(text) == 0 {
		return nil
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return &hdfsdir.Lasting{Err: fmt.Errorf("%s answers %s what is not WebHDFS's JSON: %w", resp.Request.URL.Host, what.op, err)}
	}
	return nil
}

func (c calls) Stat(ctx context.Context, path string) (filesystem.Info, error) {
	var answer struct{ FileStatus *status }
	err := c.ask(ctx, call{method: "GET", op: "GETFILESTATUS", path: path}, &answer)
	if err == nil && answer.FileStatus == nil {
		err = &hdfsdir.Lasting{Err: errors.New("GETFILESTATUS is answered by no FileStatus: is this WebHDFS?")}
	}
	if err != nil {
		return filesystem.Info{}, err
	}
	info := answer.FileStatus.info()
	if c.unclosed && !info.Dir {
		from := max(info.Size-1, 0)
		body, left, err := c.download(ctx, path, from)
		if err != nil {
			return filesystem.Info{}, err
		}
		body.Close() // how long it is, is all that is asked for
		info.Size = max(info.Size, from+left)
	}
	return info, nil
}

func (c calls) List(ctx context.Context, dir, after string, yield func(filesystem.Info) bool) error {
	for {
		var answer struct {
			DirectoryListing struct {
				PartialListing struct {
					FileStatuses struct{ FileStatus []status }
				} `json:"partialListing"`
				RemainingEntries int64 `json:"remainingEntries"`
			}
		}
		query := url.Values{}
		if after != "" {
			query.Set("startAfter", after)
		}
		if err := c.ask(ctx, call{method: "GET", op: "LISTSTATUS_BATCH", path: dir, query: query}, &answer); err != nil {
			return err
		}
		page := answer.DirectoryListing.PartialListing.FileStatuses.FileStatus
		for _, s := range page {
			after = s.PathSuffix
			if !yield(s.info()) {
				return nil
			}
		}
		if answer.DirectoryListing.RemainingEntries == 0 || len(page) == 0 {
			return nil
		}
	}
}

// A yes is the answer of most calls that change something.
type yes struct {
	Boolean *bool `json:"boolean"`
}

func octal(mode fs.FileMode) string { return strconv.FormatUint(uint64(mode), 8) }

func (c calls) Mkdir(ctx context.Context, dir string) error {
	var made yes
	err := c.ask(ctx, call{method: "PUT", op: "MKDIRS", path: dir, query: url.Values{"permission": {octal(c.dirs)}}}, &made)
	if err == nil && (made.Boolean == nil || !*made.Boolean) {
		err = &hdfsdir.Lasting{Err: errors.New("MKDIRS is answered by false")}
	}
	return err
}

func (c calls) Create(ctx context.Context, at string) error {
	if c.gateway { // it does not heed createparent
		if err := c.dirAbove(ctx, at); err != nil {
			return err
		}
	}
	s, err := c.upload(ctx, call{method: "PUT", op: "CREATE", path: at, query: url.Values{
		"overwrite": {"false"}, "createparent": {"false"}, "permission": {octal(c.files)},
	}})
	if err != nil {
		return err
	}
	if err = s.Close(ctx); err != nil {
		s.Abort()
	}
	return err
}

// dirAbove is an error where the directory that a file is to be in is not there.
func (c calls) dirAbove(ctx context.Context, at string) error {
	info, err := c.Stat(ctx, path.Dir(at))
	if err == nil && !info.Dir {
		err = hdfsdir.NewAnswer("org.apache.hadoop.fs.ParentNotDirectoryException", path.Dir(at)+" is no directory")
	}
	return err
}

func (c calls) Remove(ctx context.Context, path string) error {
	var done yes
	err := c.ask(ctx, call{method: "DELETE", op: "DELETE", path: path, query: url.Values{"recursive": {"false"}}}, &done)
	if err == nil && done.Boolean != nil && !*done.Boolean {
		err = hdfsdir.NewAnswer("java.io.FileNotFoundException", "")
	}
	return err
}

// Recover waits for a file that is being written, and has HDFS end the lease of a writer that has died when it has run out, a minute later: what
// asks for that is a Truncate that is refused, as no file is so long. A DataNode writes for callers, and closes the file when the
// caller has gone. A gateway that does not tell of blocks is not asked.
func (c calls) Recover(ctx context.Context, path string) (closed bool, err error) {
	var answer struct {
		LocatedBlocks struct {
			Open bool `json:"isUnderConstruction"`
		}
	}
	err = c.ask(ctx, call{method: "GET", op: "GET_BLOCK_LOCATIONS", path: path, query: url.Values{}}, &answer)
	if c.gateway && err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, fs.ErrPermission) && !hdfsdir.Passes(err) {
		_, err = c.Stat(ctx, path)
		return err == nil, err
	}
	if err != nil || !answer.LocatedBlocks.Open {
		return err == nil, err
	}
	_, err = c.Truncate(ctx, path, 1<<62)
	a, ok := errors.AsType[*hdfsdir.Answer](err)
	switch {
	case !ok:
		return false, err
	case strings.Contains(a.Message, "larger file size"):
		return true, nil
	case a.Exception == unwrapped:
		return false, nil // a gateway says it, and not which exception it is
	}
	return false, err
}

// Fences is false: what a DataNode has been sent it may write later.
func (c calls) Fences() bool { return false }

func (c calls) Truncate(ctx context.Context, path string, size int64) (done bool, err error) {
	var answer yes
	err = c.ask(ctx, call{method: "POST", op: "TRUNCATE", path: path, query: url.Values{"newlength": {strconv.FormatInt(size, 10)}}}, &answer)
	return answer.Boolean != nil && *answer.Boolean, err
}

// Open asks from the last byte on that is certain to be there, if it is asked for one behind: the NameNode refuses that, and does not know how
// long a file is that is still being written. A DataNode does.
func (c calls) Open(ctx context.Context, path string, at int64, info filesystem.Info) (io.ReadCloser, error) {
	from := at
	if info.Size > 0 {
		from = min(at, info.Size-1)
	}
	body, _, err := c.download(ctx, path, from)
	if err != nil {
		if at > 0 && isBehind(err) {
			return io.NopCloser(strings.NewReader("")), nil
		}
		return nil, err
	}
	if from < at {
		if _, err := io.CopyN(io.Discard, body, at-from); err != nil && err != io.EOF {
			body.Close() // it was only read from
			return nil, clean(err)
		}
	}
	return body, nil
}

// isBehind reports whether an answer says that a file is not so long. That it is an EOFException says nothing: so is a connection that broke
// between the server and another one.
func isBehind(err error) bool {
	a, ok := errors.AsType[*hdfsdir.Answer](err)
	return ok && (strings.Contains(a.Message, "out of the range") || strings.Contains(a.Message, "seek after EOF"))
}

// A download is the body of an answer, and its errors without addresses.
type download struct{ io.ReadCloser }

func (d download) Read(p []byte) (int, error) {
	n, err := d.ReadCloser.Read(p)
	if err != nil && err != io.EOF {
		err = clean(err)
	}
	return n, err
}

// download returns what a file has from a byte on, and how much that is, -1 if nobody says.
func (c calls) download(ctx context.Context, path string, at int64) (io.ReadCloser, int64, error) {
	resp, err := c.namenode(ctx, call{method: "GET", op: "OPEN", path: path, query: url.Values{"offset": {strconv.FormatInt(at, 10)}}})
	if err != nil {
		return nil, 0, err
	}
	if resp.StatusCode != http.StatusOK { // a gateway gives the data itself
		to, err := redirect(resp)
		if err != nil {
			return nil, 0, err
		}
		req, err := c.follow(ctx, "GET", resp, to, nil)
		if err != nil {
			return nil, 0, err
		}
		if resp, err = c.do(req); err != nil {
			return nil, 0, err
		}
	}
	return download{resp.Body}, resp.ContentLength, nil
}

// follow returns the request to an address that an answer sends the caller to. A gateway, which sends to itself, wants to know once more who that is.
func (c *Client) follow(ctx context.Context, method string, from *http.Response, to string, body io.Reader) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, to, body)
	if err != nil {
		return nil, &hdfsdir.Lasting{Err: clean(err)}
	}
	if asked := from.Request.URL; req.URL.Host == asked.Host && req.URL.Scheme == asked.Scheme {
		err = c.authorized(req)
	}
	return req, err
}

// redirect returns where an answer sends the caller, and closes it. The address may hold a token.
func redirect(resp *http.Response) (string, error) {
	resp.Body.Close() // nothing is in it
	to, err := resp.Location()
	if err != nil || resp.StatusCode/100 != 3 {
		return "", &hdfsdir.Lasting{Err: fmt.Errorf("%s answers %s, and names no DataNode", resp.Request.URL.Host, resp.Status)}
	}
	if to.Scheme != resp.Request.URL.Scheme && resp.Request.URL.Scheme == "https" {
		return "", &hdfsdir.Lasting{Err: fmt.Errorf("%s sends to %s, which is not encrypted", resp.Request.URL.Host, to.Host)}
	}
	return to.String(), nil
}
