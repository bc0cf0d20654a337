package main

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/freshet-go/freshet/examples/internal/programs"
)

const rsyslogConf = `global(workDirectory="DIR/rsyslog")
module(load="imfile")
module(load="omrelp")
input(type="imfile" file="DIR/syslog.log" tag="access:" freshStartTail="off")
action(type="omrelp" target="HOST" port="PORT" template="RSYSLOG_SyslogProtocol23Format"
	windowSize="2000" action.resumeRetryCount="-1" action.resumeInterval="1"
	queue.type="LinkedList" queue.size="100000" queue.timeoutEnqueue="600000")
`

// rsyslog sends what is written to a file.
func rsyslog(dir string, d *doors) (send, string, error) {
	path, err := programs.Find("rsyslogd", "apt-get install rsyslog rsyslog-relp")
	if err != nil {
		return nil, "", err
	}
	if found, _ := filepath.Glob("/usr/lib/*/rsyslog/omrelp.so"); len(found) == 0 {
		return nil, "", errors.New("rsyslog has no RELP: apt-get install rsyslog-relp")
	}
	d.RELP = programs.FreeAddr()
	host, port, err := net.SplitHostPort(d.RELP)
	if err != nil {
		return nil, "", err
	}
	conf := filepath.Join(dir, "rsyslog.conf")
	text := strings.NewReplacer("DIR", dir, "HOST", host, "PORT", port).Replace(rsyslogConf)
	if err := errors.Join(os.WriteFile(conf, []byte(text), 0o644), os.Mkdir(filepath.Join(dir, "rsyslog"), 0o755)); err != nil {
		return nil, "", err
	}
	return func(ctx context.Context, hits iter.Seq[hit]) error {
		log, err := os.Create(filepath.Join(dir, "syslog.log"))
		if err != nil {
			return err
		}
		defer log.Close()
		ctx, cancel := context.WithCancel(ctx)
		_, wait, err := background(ctx, path, "-n", "-f", conf, "-i", filepath.Join(dir, "rsyslog.pid"))
		if err != nil {
			cancel()
			return err
		}
		defer wait()
		defer cancel()
		var last hit
		write := func(h hit) error {
			last = h
			_, err := fmt.Fprintf(log, "%s %s %d %d\n", h.ID, h.Host, h.Status, h.At)
			return err
		}
		for h := range paced(ctx, hits) {
			if err := write(h); err != nil {
				return err
			}
		}
		// rsyslog sends until it is told to stop. It learns that a collector has gone when it sends the next message,
		// and keeps what it sent to it last until then: so there is a next one, and the pipeline drops what it has.
		for every := time.NewTicker(time.Second); ; {
			select {
			case <-every.C:
				if err := write(last); err != nil {
					return err
				}
			case <-ctx.Done():
				return nil
			}
		}
	}, "rsyslog", nil
}
