package webhdfsfs

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/freshet-go/freshet/stream/filesystem/internal/hdfsdir"
)

func (c calls) Append(ctx context.Context, path string) (hdfsdir.Segment, error) {
	s, err := c.upload(ctx, call{method: "POST", op: "APPEND", path: path, query: url.Values{}})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// An upload is a request whose body is being written. The request is made in a goroutine that ends with Close or Abort.
type upload struct {
	body   *io.PipeWriter
	cancel context.CancelFunc
	done   chan struct{} // closed when the answer is there
	err    error         // behind done
	late   time.Duration
}

// upload asks a NameNode for a DataNode, and begins to send to it.
func (c calls) upload(ctx context.Context, what call) (*upload, error) {
	resp, err := c.namenode(ctx, what)
	if err != nil {
		return nil, err
	}
	to, err := redirect(resp)
	if err != nil {
		return nil, err
	}
	out, in := io.Pipe()
	u := &upload{body: in, done: make(chan struct{}), late: c.timeout}
	// The calls that follow have contexts of their own.
	ctx, u.cancel = context.WithCancel(context.WithoutCancel(ctx))
	req, err := c.follow(ctx, what.method, resp, to, out)
	if err != nil {
		u.cancel()
		return nil, err
	}
	req.Header.Set("Content-Type", "application/octet-stream")
	go func() {
		defer close(u.done)
		resp, err := c.http.Do(req)
		switch {
		case err != nil:
			u.err = unanswered(err)
		case resp.StatusCode >= 300:
			u.err = refusal(resp)
		default:
			_, u.err = io.Copy(io.Discard, io.LimitReader(resp.Body, longest))
			resp.Body.Close() // it is read
		}
		out.CloseWithError(io.ErrClosedPipe) // nobody reads it any more
	}()
	return u, nil
}

func (u *upload) Write(ctx context.Context, p []byte) error {
	stop := context.AfterFunc(ctx, u.cancel)
	late := time.AfterFunc(u.late, u.cancel)
	_, err := u.body.Write(p)
	stopped, inTime := stop(), late.Stop()
	switch {
	case err == nil && stopped && inTime:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case !inTime:
		return fmt.Errorf("the DataNode has taken no data for %v", u.late)
	}
	return u.answer(ctx, err)
}

// answer returns why the request has failed, or else err.
func (u *upload) answer(ctx context.Context, err error) error {
	select {
	case <-u.done:
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(u.late):
		return err
	}
	if u.err != nil {
		return u.err
	}
	return err
}

func (u *upload) Close(ctx context.Context) error {
	u.body.Close() // there is no error of it
	late := time.AfterFunc(u.late, u.cancel)
	defer late.Stop()
	select {
	case <-u.done:
		u.cancel()
		if u.err != nil && !late.Stop() {
			return fmt.Errorf("the DataNode has not ended the file in %v", u.late)
		}
		return u.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Abort breaks the connection off, and waits.
func (u *upload) Abort() {
	u.cancel()
	u.body.CloseWithError(context.Canceled)
	<-u.done
}
