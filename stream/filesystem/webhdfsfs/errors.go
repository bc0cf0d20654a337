package webhdfsfs

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json/v2"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/freshet-go/freshet/stream/filesystem/internal/hdfsdir"
)

// clean returns an error without the address that was asked: a redirect's has a token in it.
func clean(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	if strings.Contains(err.Error(), "Location header") { // which net/http quotes
		return errors.New("the answer redirects to what is no address")
	}
	return err
}

// unanswered returns the error of a request that got no answer.
func unanswered(err error) error {
	err = clean(err)
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return &hdfsdir.Lasting{Err: err}
	}
	if _, ok := errors.AsType[x509.UnknownAuthorityError](err); ok {
		return &hdfsdir.Lasting{Err: err}
	}
	if e, ok := errors.AsType[*net.OpError](err); ok && e.Op == "dial" {
		return &hdfsdir.Unreached{Err: err}
	}
	return err
}

// remote is an exception as JSON.
type remote struct {
	RemoteException struct {
		Exception     string `json:"exception"`
		JavaClassName string `json:"javaClassName"`
		Message       string `json:"message"`
	}
}

// longest bounds what is read of an answer that is to be JSON.
const longest = 64 << 20

// refusal returns the exception that an answer holds, and closes it.
func refusal(resp *http.Response) error {
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	var r remote
	if err == nil && json.Unmarshal(text, &r) == nil && r.RemoteException.Exception != "" {
		class := r.RemoteException.JavaClassName
		if class == "" {
			class = r.RemoteException.Exception
		}
		answer := hdfsdir.NewAnswer(named(class, r.RemoteException.Message), r.RemoteException.Message)
		if isBroken(answer) {
			return errors.New(answer.Error())
		}
		return answer
	}
	err = fmt.Errorf("%s answers %s", resp.Request.URL.Host, resp.Status)
	switch {
	case resp.StatusCode == http.StatusUnauthorized:
		return &hdfsdir.Lasting{Err: fmt.Errorf("%w: it asks for a login: see Authorize, Token and Tokens", errNobody{err})}
	case resp.StatusCode == http.StatusNotFound:
		return &hdfsdir.Lasting{Err: fmt.Errorf("%w and no reason: is WebHDFS there, dfs.webhdfs.enabled?", err)}
	case resp.StatusCode == http.StatusServiceUnavailable:
		return &hdfsdir.Unreached{Err: err}
	case resp.StatusCode == http.StatusBadRequest || resp.StatusCode == http.StatusMethodNotAllowed || resp.StatusCode == http.StatusNotImplemented:
		return fmt.Errorf("%w to %s, and no reason: a gateway or a proxy that does not know this call? Name the NameNodes themselves, or a newer gateway", err, resp.Request.URL.Query().Get("op"))
	}
	return err
}

// unwrapped is the class of an exception of the NameNode that a gateway's client has not unwrapped.
const unwrapped = "org.apache.hadoop.ipc.RemoteException"

// named returns the class of an exception, also of one that a gateway's client has not unwrapped: of that its message alone tells.
func named(class, message string) string {
	if class != unwrapped {
		return class
	}
	for words, name := range map[string]string{
		"is not supported in state":      "org.apache.hadoop.ipc.StandbyException",
		"in safe mode":                   "org.apache.hadoop.hdfs.server.namenode.SafeModeException",
		"lease is currently owned by":    "org.apache.hadoop.hdfs.protocol.AlreadyBeingCreatedException",
		"already the current lease hold": "org.apache.hadoop.hdfs.protocol.AlreadyBeingCreatedException",
		"is being truncated":             "org.apache.hadoop.hdfs.protocol.AlreadyBeingCreatedException",
		"recovery is in progress":        "org.apache.hadoop.hdfs.protocol.RecoveryInProgressException",
	} {
		if strings.Contains(message, words) {
			return name
		}
	}
	return class
}

// isBroken reports whether an answer tells of no more than a connection that broke between a gateway and a NameNode: what was asked for has
// happened there or not.
func isBroken(a *hdfsdir.Answer) bool {
	switch a.Exception {
	case "java.net.SocketException", "java.net.SocketTimeoutException", "java.nio.channels.ClosedChannelException", "java.io.InterruptedIOException":
		return true
	}
	return strings.Contains(a.Message, "End of File Exception between") || strings.Contains(a.Message, "Failed on local exception")
}
