package binlogsource

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/go-mysql-org/go-mysql/client"
	"github.com/go-mysql-org/go-mysql/mysql"
	"github.com/go-mysql-org/go-mysql/replication"
	"golang.org/x/sync/semaphore"
)

// A link is one connection that reads the log. The client library reconnects by itself
// and repeats the last transaction then, so it is not let: a link ends with its connection.
type link struct {
	ctx    context.Context
	cancel context.CancelFunc
	syncer *replication.BinlogSyncer
	events chan logEvent
	failed chan error // capacity 1
	memory *semaphore.Weighted
	most   int64
	goes   sync.WaitGroup
	login  login
}

// A logEvent is one of the log, with the memory that it takes.
type logEvent struct {
	*replication.BinlogEvent
	size int64
}

const (
	heartbeat = time.Second // how often a server that has nothing says so
	silence   = 10 * time.Second
	waiting   = 1024 // events between the connection and the reader
)

// connect begins to read behind a position.
func connect(parent context.Context, s Server, name string, p position, most int64) (_ *link, err error) {
	l := &link{events: make(chan logEvent, waiting), failed: make(chan error, 1), memory: semaphore.NewWeighted(most), most: most}
	l.ctx, l.cancel = context.WithCancel(parent)
	l.login.plain = s.TLS == nil
	defer func() { // the library does not look whether a packet is as long as it should be
		if wrong := recover(); wrong != nil {
			l.close()
			err = fmt.Errorf("what the server says cannot be read: %v", wrong)
		}
	}()
	c := replication.BinlogSyncerConfig{
		ServerID: s.ID, Flavor: mysql.MySQLFlavor, Host: s.Addr, User: s.User, Password: s.Password, TLSConfig: s.TLS,
		Localhost: name, Logger: slog.New(slog.DiscardHandler), Dialer: l.dialer(s.Dial),
		HeartbeatPeriod: heartbeat, DisableRetrySync: true, DiscardGTIDSet: true,
		RowsEventDecodeFunc: undecoded, PayloadDecoderConcurrency: 1, SynchronousEventHandler: l, EventCacheCount: 1,
	}
	c.Option = func(*client.Conn) error { return l.login.done() }
	var streamer *replication.BinlogStreamer
	switch p := p.(type) {
	case mariaPosition:
		// StartSyncGTID would copy its set of GTIDs twice for each transaction.
		c.Flavor = mysql.MariaDBFlavor
		c.Option = func(conn *client.Conn) error {
			if err := l.login.done(); err != nil {
				return err
			}
			if _, err := conn.Execute("SET @slave_connect_state='" + p.String() + "'"); err != nil {
				return err
			}
			_, err := conn.Execute("SET @slave_gtid_strict_mode=1")
			return err
		}
		l.syncer = replication.NewBinlogSyncer(c)
		streamer, err = l.syncer.StartSync(mysql.Position{})
	case mysqlPosition:
		l.syncer = replication.NewBinlogSyncer(c)
		streamer, err = l.syncer.StartSyncGTID(p.set.Clone())
	case filePosition:
		l.syncer = replication.NewBinlogSyncer(c)
		streamer, err = l.syncer.StartSync(mysql.Position{Name: p.file, Pos: uint32(p.pos)})
	}
	if err != nil {
		l.close()
		return nil, l.login.explained(err)
	}
	l.goes.Go(func() {
		_, err := streamer.GetEvent(l.ctx)
		l.failed <- err
	})
	return l, nil
}

// undecoded keeps the bytes of the rows, which the reader decodes into their type. They are
// put where the library has those of NDB Cluster, which nobody needs.
func undecoded(e *replication.RowsEvent, data []byte) error {
	n, err := e.DecodeHeader(data)
	if err != nil {
		return err
	}
	e.NdbData = data[n:]
	return nil
}

// dialer returns one whose connections end with the link, and which makes none behind its end: the
// library would connect once more to say goodbye.
func (l *link) dialer(dial func(ctx context.Context, network, addr string) (net.Conn, error)) client.Dialer {
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		if err := l.ctx.Err(); err != nil {
			return nil, err
		}
		ctx, cancel := context.WithCancel(ctx)
		defer context.AfterFunc(l.ctx, cancel)()
		defer cancel()
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		context.AfterFunc(l.ctx, func() { conn.Close() })
		return heard{l.login.guard(conn)}, nil
	}
}

// A heard is a connection on which something has to come while it is read: a server that has nothing
// says so each second. The library's own deadline runs while the pipeline keeps it from reading, too.
type heard struct{ net.Conn }

// SetReadDeadline fails for no connection that is closed: the library would close it a second time then, beside its own reading.
func (c heard) SetReadDeadline(t time.Time) error {
	_ = c.Conn.SetReadDeadline(t)
	return nil
}

func (c heard) Read(b []byte) (int, error) {
	if err := c.Conn.SetReadDeadline(time.Now().Add(silence)); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}

// HandleEvent takes an event from the library.
func (l *link) HandleEvent(e *replication.BinlogEvent) error {
	if payload, ok := e.Event.(*replication.TransactionPayloadEvent); ok {
		for _, inner := range payload.Events {
			if err := l.HandleEvent(inner); err != nil {
				return err
			}
		}
		return nil
	}
	switch e.Event.(type) {
	case *replication.TableMapEvent, *replication.FormatDescriptionEvent, *replication.PreviousGTIDsEvent, *replication.HeartbeatEvent,
		*replication.MariadbGTIDListEvent, *replication.MariadbBinlogCheckPointEvent, *replication.MariadbAnnotateRowsEvent, *replication.RowsQueryEvent:
		return nil
	}
	size := min(int64(len(e.RawData)), l.most)
	if err := l.memory.Acquire(l.ctx, size); err != nil {
		return err
	}
	select {
	case l.events <- logEvent{e, size}:
		return nil
	case <-l.ctx.Done():
		return l.ctx.Err()
	}
}

// next returns the next event. Where wait is false it returns none rather than wait.
func (l *link) next(ctx context.Context, wait bool) (*replication.BinlogEvent, error) {
	select {
	case e := <-l.events:
		l.memory.Release(e.size)
		return e.BinlogEvent, nil
	default:
	}
	if !wait {
		return nil, nil
	}
	select {
	case e := <-l.events:
		l.memory.Release(e.size)
		return e.BinlogEvent, nil
	case err := <-l.failed:
		l.failed <- err // for the next call
		if len(l.events) > 0 {
			return l.next(ctx, false)
		}
		return nil, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// close ends the connection, and waits for the library.
func (l *link) close() {
	l.cancel()
	if l.syncer != nil {
		l.syncer.Close()
	}
	l.goes.Wait()
}

// isLost reports an error by which a server says that it has not the log any more. It has one
// number for several faults, and tells which by words alone.
func isLost(err error) bool {
	var e *mysql.MyError
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code {
	case 1236, 1945, 1955, 1789:
		for _, words := range []string{"has purged", "purged", "Could not find", "could not find", "not in the master's binlog", "too old", "ahead of", "which is not in", "diverged", "more GTIDs than", "impossible position", "truncated in the middle of event"} {
			if strings.Contains(e.Message, words) {
				return true
			}
		}
	}
	return false
}

// isTransient reports an error that may be over when the connection is made again.
func isTransient(err error) bool {
	if isDenied(err) {
		return false
	}
	var e *mysql.MyError
	if !errors.As(err, &e) {
		return true
	}
	switch e.Code {
	case 1040, 1053, 1077, 1079, 1158, 1159, 1160, 1161, 1184, 1203, 1317, 1927, 2006, 2013, 1878, 4031:
		return true
	case 1236:
		return strings.Contains(e.Message, "shutdown") || strings.Contains(e.Message, "killed") || strings.Contains(e.Message, "interrupted")
	}
	return false
}
