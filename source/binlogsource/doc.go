// Package binlogsource captures the changes of tables of a MySQL or a MariaDB: what is in them, and
// then each insert, update and delete, as the server's binary log has them.
//
//	type Order struct {
//		ID    int64     `sql:"id"`
//		Total string    `sql:"total"` // a DECIMAL
//		Paid  *time.Time `sql:"paid"`  // NULL is nil
//	}
//
//	src := binlogsource.New(binlogsource.Server{DB: db, Addr: "db:3306", User: "freshet", Password: secret},
//		binlogsource.Table[Order]("shop.orders"))
//	p.From(src) // a Stream[binlogsource.Event[Order]]
//
// # The model
//
// A [Server] is one that keeps a log, and a [Captured] are tables of it, each with a struct for
// its rows. The source gives an [Event] for each row that changes, a [stream.Change] with the row before and
// after it and the transaction, and for each statement that changes a table itself. It has one
// partition, in the order of the log; several tables share it, and one connection.
//
// # What is guaranteed
//
// A run that begins without an offset reads the tables, without locks and while others write
// to them. Each row comes once, as a Read or an Insert, and then each of its changes, once and in their order:
// who applies the events to an empty table has the server's table as it was at some transaction, after
// each of them. Rows that are changed and have not been read yet come later as they are then.
//
// Only transactions that were committed are in the log. Their rows come as they are read, so a large
// one needs no more memory than a small one; the event that is a transaction's last says so, unless that row was rejected. One that MySQL has compressed,
// with binlog_transaction_compression=ON, is the exception: it is unpacked whole, whatever [Buffer] says.
//
// The offset is in the checkpoint: the GTIDs, or the place in the log, how many rows of the next
// transaction have been given, and how far each snapshot is. Nothing is stored on the server. A run that goes on from a checkpoint
// gives what follows, from the middle of a transaction or of a snapshot if need be, so with a transactional sink the results are exact. A connection that
// breaks is made again, and nothing repeated. Read returns within a second of its context, whatever the
// server does.
//
// # How tables are read
//
// By their primary key, in chunks of [Chunk] rows. On MariaDB a chunk is a consistent
// snapshot, of which the server tells the GTIDs: the log is read up to them, and then the chunk is given. On MySQL, which
// has to have gtid_mode=ON for it, the log between the GTIDs before and after the chunk is applied to the chunk itself. Both cost
// nothing when nobody writes. The key has to be one whose order is known: of integers, dates, binary columns or text of utf8mb4, utf8 or
// ascii in a _bin collation. A key that is altered meanwhile has the table read again, behind an event [Restarted]. A table with another key or none is read as a whole, on MariaDB only: the log waits meanwhile, and a run that ends before
// that begins the table again, with an event Restarted.
//
// MariaDB finds the GTIDs of a chunk by reading the current file of its log, unless nobody has written since the last chunk. With much larger files than the default of 1 GiB
// it is that which takes the time; take larger chunks then.
//
// # When settings change
//
// A run may go on from the checkpoint of one with other settings. A table that is captured only now is read first, unless
// [NoSnapshot] is set, and its changes come from where the run goes on. A table that is captured no more is forgotten: what has become
// of it meanwhile is not in the events, so it is read again, without an event [Restarted], when it is captured once more. The order of the tables, [Server].ID, [Chunk]
// and [Buffer] change nothing. Another server, of which the log is not the one that was read, is a [*LostError] where the server or the GTIDs show it.
//
// # Types
//
// A field takes a column if all values of the column's type could fit it in principle; a value that
// does not is a rejected record with a [*RowError], of which the pipeline disposes.
//
//	TINYINT ... BIGINT     any integer, float or bool; unsigned ones are read as such, whatever the log says
//	FLOAT, DOUBLE          float32, float64
//	DECIMAL                string, with all digits; a float; an integer where there are no decimals; a TextUnmarshaler such as big.Float
//	CHAR, VARCHAR, TEXT    string, []byte; utf8mb4, utf8, ascii and latin1 as UTF-8, other charsets are an error
//	BINARY, BLOB, POINT    []byte, string; BINARY(n) has n bytes, a geometry its SRID and WKB
//	ENUM, SET              string, "red,blue" of a set; an integer for the ordinal of an enum, the bits of a set
//	BIT                    an unsigned integer; bool
//	DATE, DATETIME         time.Time, of UTC or of the field's tag zone:"Europe/Berlin"; string, as the server prints it
//	TIMESTAMP              time.Time in UTC; string, in UTC
//	TIME                   time.Duration; string
//	YEAR                   an integer
//	JSON                   string, []byte; MariaDB has the text that was inserted, MySQL one of its own, in the log without spaces
//	UUID, INET4, INET6     string, or a TextUnmarshaler such as netip.Addr
//
// All of them fit a string and a [database/sql.Scanner]. 0000-00-00 is the zero time.Time; a date with a month or a day of 0
// fits a string only. Generated columns come as the log has them, virtual ones of MariaDB too.
//
// # When tables change
//
// The log names the columns of each row where the server has binlog_row_metadata=FULL, and so a row is
// always read as the table was then. Columns that no field names are left out, one that is added is seen
// if a field waits for it with the tag `missing:"zero"`, one that is dropped or renamed away is an error unless its field is such a one, and
// one of another type is fine if that fits, too. With the defaults, MINIMAL or NO_LOG, names come from the table as it is now: rows from before
// an ALTER that was not read yet are an error where the types show it. Renames and swaps of columns do not show it: set FULL.
//
// An event [Altered], [Truncated] or [Dropped] stands among the rows where the statement stands. What ALTER does to rows, as to fill in a default, is in
// no log. A table that another was renamed to, as online schema changes do, one that has lost or exchanged a partition or got a tablespace, and one that
// ALTER IGNORE was for, is read again, behind an event [Restarted]. CREATE OR REPLACE is Dropped and Altered. Temporary tables give no events, whatever their names.
//
// A table that is dropped ends no run, if the log names columns: one that is made under its name later is read from its beginning. With the defaults, rows from before the
// DROP that were not read yet are an error, and a source without the table gets past them. A partition that is discarded is Altered, and the table is read again when it is imported. A run that begins with a table that is not there is an error.
//
// # What is refused
//
// At the beginning, with an error that is [ErrSetup] and says what to set: a server without a log or in another format than ROW with full
// images, missing rights, a server id that is taken (which is seen if the user of DB may SHOW REPLICA HOSTS), tables without transactions, columns that do not fit. Later: a write that a session has
// logged as a statement, LOAD DATA too, since it has set another format for itself: whatever its text names, as triggers, views and foreign keys may stand between
// it and a table, and only the server's own databases are excepted; rows of an XA transaction, which the log has before it is
// decided; rows of a transaction of MariaDB whose number is lower than one before it in its domain, which gtid_strict_mode=ON keeps from being; a log that the server has deleted, or left torn when it crashed, with a [*LostError]. [SnapshotWhenLost] has the tables read again then.
//
// # Who it is
//
// [Server].Login is asked for the user and the password of each connection, and again when they are refused: a password that is changed, or
// comes from a vault, needs no restart. Without TLS who is in between reads the log, and may learn the password.
//
// # What to set
//
//	[mariadb]                        # or [mysqld]
//	server_id                = 1
//	log_bin                  = bin
//	binlog_format            = ROW
//	binlog_row_image         = FULL
//	binlog_row_metadata      = FULL
//	binlog_expire_logs_seconds = 604800   # longer than a pipeline may be down, and a snapshot lasts
//	gtid_mode                = ON    # MySQL only, with
//	enforce_gtid_consistency = ON
//
//	CREATE USER freshet IDENTIFIED BY '...';
//	GRANT REPLICATION SLAVE ON *.* TO freshet;
//	GRANT SELECT ON shop.* TO freshet;
//	GRANT REPLICATION CLIENT ON *.* TO freshet;   -- MySQL without GTIDs only
//
// # When not to use it
//
// For a report once a day a query is simpler. For a queue that only takes inserts, polling by key needs no rights and no
// log. A table without a key on MySQL cannot be read. Servers that fail over need GTIDs, on all of them.
//
// It is tested with MariaDB 10.11 and MySQL 5.6, with GTIDs. What later ones of MySQL have in their log, names of columns and the other metadata, JSON, generated
// columns and compressed transactions, is tested with events that are written byte by byte as the protocol has them, and positions without GTIDs with events of the client library: no
// newer server was at hand.
package binlogsource
