package flink

import (
	"bytes"
	"context"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"github.com/freshet-go/freshet/stream/internal/shim"
)

// An api is a cluster's REST interface.
type api struct {
	base   string
	client *http.Client
}

func newAPI(c Cluster, client *http.Client) *api {
	base := strings.TrimSuffix(string(c), "/")
	if !strings.Contains(base, "://") {
		base = "http://" + base
	}
	own := *client
	before := client.CheckRedirect
	own.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		switch {
		case via[0].Method != http.MethodGet: // it would become a GET, whose answer says nothing of what was asked for
			return http.ErrUseLastResponse
		case before != nil:
			return before(r, via)
		case len(via) >= 10:
			return errors.New("stopped after 10 redirects")
		}
		return nil
	}
	return &api{base, &own}
}

// shown is the cluster's address as it may be printed.
func (a *api) shown() string {
	u, err := url.Parse(a.base)
	if err != nil {
		return "an address that is none"
	}
	return u.Redacted()
}

// patience is how long a request may take that moves no jar.
const patience = 30 * time.Second

// mostAnswer bounds an answer.
const mostAnswer = 16 << 20

// A statusError is an answer that is none.
type statusError struct {
	Code int
	What string // the request
	Text string // what the cluster says
}

func (e *statusError) Error() string {
	text := fmt.Sprintf("%s: status %d: %s", e.What, e.Code, e.Text)
	if e.Code == http.StatusUnauthorized || e.Code == http.StatusForbidden {
		text += ": the option Client sets what makes requests, by which the cluster knows who asks"
	}
	return text
}

// refusing reports whether err is an answer by which the cluster refuses what was asked for.
func refusing(err error) bool {
	e, ok := errors.AsType[*statusError](err)
	return ok && e.Code/100 == 4
}

// hasStatus reports whether err is an answer of a status.
func hasStatus(err error, code int) bool {
	e, ok := errors.AsType[*statusError](err)
	return ok && e.Code == code
}

// do makes a request, and decodes the answer.
func (a *api) do(ctx context.Context, method, at string, body io.Reader, kind string, size int64, answer any) error {
	r, err := http.NewRequestWithContext(ctx, method, a.base+at, body)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err // without the address, which may have a password
		}
		return fmt.Errorf("the address of the cluster: %w", err)
	}
	if body != nil {
		r.Header.Set("Content-Type", kind)
		r.ContentLength = size
	}
	reply, err := a.client.Do(r)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	text, err := io.ReadAll(io.LimitReader(reply.Body, mostAnswer))
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, at, err)
	}
	if reply.StatusCode/100 == 3 {
		to, _ := reply.Location() // nil prints as no address
		if to != nil {
			to = &url.URL{Scheme: to.Scheme, Host: to.Host}
		}
		return &statusError{reply.StatusCode, method + " " + at, fmt.Sprintf("it leads to %v: give Run that address", to)}
	}
	if reply.StatusCode/100 != 2 {
		return &statusError{reply.StatusCode, method + " " + at, saidBy(text)}
	}
	if answer == nil {
		return nil
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("%s %s: this is no answer of Flink's: %w", method, at, err)
	}
	return nil
}

// saidBy returns what an answer with an error says: of Flink's the causes, without the Java code that they went through.
func saidBy(text []byte) string {
	var said struct {
		Errors []string `json:"errors"`
	}
	if err := json.Unmarshal(text, &said); err != nil || len(said.Errors) == 0 {
		return strings.TrimSpace(string(text[:min(len(text), 1000)]))
	}
	return shim.Cause(said.Errors[len(said.Errors)-1])
}

func (a *api) call(ctx context.Context, method, at string, body, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if body == nil {
		return a.do(ctx, method, at, nil, "", 0, answer)
	}
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return a.do(ctx, method, at, bytes.NewReader(text), "application/json", int64(len(text)), answer)
}

// upload sends a jar, and returns its id.
func (a *api) upload(ctx context.Context, jar *os.File, name string) (id string, err error) {
	var around bytes.Buffer
	form := multipart.NewWriter(&around)
	header := map[string][]string{
		"Content-Disposition": {fmt.Sprintf("form-data; name=%q; filename=%q", "jarfile", name)},
		"Content-Type":        {"application/x-java-archive"},
	}
	if _, err := form.CreatePart(header); err != nil {
		return "", err
	}
	head := bytes.Clone(around.Bytes())
	around.Reset()
	if err := form.Close(); err != nil {
		return "", err
	}
	size, err := jar.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = jar.Seek(0, io.SeekStart)
	}
	if err != nil {
		return "", err
	}
	var answer struct {
		Filename string `json:"filename"`
	}
	body := io.MultiReader(bytes.NewReader(head), io.LimitReader(jar, size), &around)
	size += int64(len(head) + around.Len())
	if err := a.do(ctx, http.MethodPost, "/jars/upload", body, form.FormDataContentType(), size, &answer); err != nil {
		return "", err
	}
	return path.Base(answer.Filename), nil
}

// remove deletes a jar. The job has a copy.
func (a *api) remove(ctx context.Context, jar string) {
	_ = a.call(ctx, http.MethodDelete, "/jars/"+url.PathEscape(jar), nil, nil) // what stays takes only room
}

// A runRequest asks for a job.
type runRequest struct {
	EntryClass            string            `json:"entryClass"`
	JobID                 string            `json:"jobId"`
	Parallelism           int               `json:"parallelism"`
	SavepointPath         string            `json:"savepointPath,omitzero"`
	AllowNonRestoredState bool              `json:"allowNonRestoredState,omitzero"`
	Configuration         map[string]string `json:"flinkConfiguration"`
}

// submission is how long the cluster may take to make a job of a jar.
const submission = 5 * time.Minute

func (a *api) start(ctx context.Context, jar string, r runRequest) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, submission)
	defer cancel()
	var answer struct {
		ID string `json:"jobid"`
	}
	at := "/jars/" + url.PathEscape(jar) + "/run"
	if err := a.do(ctx, http.MethodPost, at, bytes.NewReader(text), "application/json", int64(len(text)), &answer); err != nil {
		return err
	}
	if answer.ID != r.JobID {
		return fmt.Errorf("POST %s: the answer is of job %q instead of %s", at, answer.ID, r.JobID)
	}
	return nil
}

func (a *api) cancel(ctx context.Context, id string) error {
	return a.call(ctx, http.MethodPatch, "/jobs/"+id+"?mode=cancel", nil, nil)
}
