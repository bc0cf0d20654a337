// Package hbasesource reads tables of HBase by its REST gateway.
//
// # The model
//
// [Table] reads a table to its end, its regions at once. [Poll] goes on: it looks for rows with cells that are newer than the
// look before. [Lookup] finds the row of a key, for enrichment. The caller brings an [net/http.Client], with its own TLS, SPNEGO and proxies, and
// the address of a gateway ("hbase rest start"); a user and a password in that are given as Basic authentication, or what [Authorize] says.
//
// Rows go into a struct, by its tags:
//
//	type Profile struct {
//		Customer string            `hbase:"@row"`              // the key
//		Name     string            `hbase:"d:name"`            // the column name of the family d, as text
//		Orders   int64             `hbase:"d:orders,bytes"`    // eight bytes, as Bytes.toBytes of HBase has them
//		Address  *Address          `hbase:"d:address,json"`    // nil where the row has none
//		Named    time.Time         `hbase:"d:name,time"`       // the time of a cell
//		Prices   []hbasesource.Version[int64] `hbase:"d:price,versions bytes"` // see Versions
//		Carts    map[string]string `hbase:"c:*"`               // all columns of the family c, by qualifier
//		At       time.Time         `hbase:"@time"`             // the time of the newest of these cells
//	}
//
// Fields are bools, numbers, strings, []byte, time.Time, types with MarshalText and UnmarshalText, pointers to them, and with json anything. As text a bool is 1 or
// 0, and a time RFC 3339, or with the options unix, unixmilli, unixmicro and unixnano a number. A column without a cell leaves its field zero. A value that
// does not fit its field is a failure of its row, for [stream.SkipFailures] and [stream.Divert]. The tags are those of package hbasesink.
//
// # What is guaranteed
//
//   - Delivery: Table gives each row once, also across restarts from a checkpoint, and where regions move and split, gateways restart and answers
//     are lost meanwhile. Poll gives each state of a row that it finds once; see there for what it cannot find.
//   - Order: that of the keys, byte by byte, in a partition.
//   - Failure: what passes is asked again for [Retry]; then the run ends with a [*source.ReadError]. Tokens and passwords are in no error.
//
// A gateway says that a scan has ended where it has failed, and an answer of its scanners is given only once. So an end is confirmed, and a scanner that has
// failed in any way is made again behind the last whole row. A confirmation is exact for keys that are UTF-8 and without [Filter]; for others each region
// is asked for a row, and what is left is scanned once more: a region that fails, and is back when it is asked, both times, is passed over.
//
// # Limits and options
//
//	Range, Prefix  all rows
//	Salted         of hbasesink.Salted
//	Filter         none
//	Versions       1
//	Ranges         16 partitions of Table at most
//	AnswerCells    10,000 cells an answer, of which a partition has two in memory
//	MaxAnswer      64 MiB an answer, and a row
//	Retry          30 s
//	Timeout        1 min for an answer
//	Every          5 s between two looks of Poll
//	Overlap        1 min of Poll
//
// Each partition has a connection under way: MaxIdleConnsPerHost of the client's Transport should be as many. Several gateways behind one address need sessions that stick to one, as a scanner lives in the memory of one. A proxy must not send a GET
// again by itself. Tables are read as protobuf. HBase 2.6 is what it was tested with.
//
// Do not use it to copy a table: snapshots and Export do that. Every change of a table, deletes too, only replication sees.
package hbasesource
