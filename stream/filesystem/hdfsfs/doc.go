// Package hdfsfs is HDFS for [source.FilesIn] and [sink.FilesIn], by the protocol of its NameNodes and DataNodes, on
// github.com/colinmarc/hdfs v2.4.0. It lies beside [webhdfsfs], which goes over HTTP and brings no modules: this one is faster
// with small files and needs no HTTP; that one sees what others are still writing, passes proxies, and has TLS.
//
// # The model
//
// A [Client] has the addresses of one HDFS and its connections; the caller closes it. [Client.Dir] is a directory, as package
// filesystem describes it:
//
//	client := hdfsfs.New([]string{"namenode1:8020", "namenode2:8020"})
//	defer client.Close()
//	p.From(source.FilesIn(client.Dir("/orders"), "2026/*.jsonl", codec.JSON[Order]())).
//		To(sink.FilesIn(client.Dir("/sales"), "sales-*.jsonl", codec.JSON[Sale]()))
//
// # What is guaranteed
//
// All that package filesystem asks for, so that sources and sinks are exactly once with checkpoints. A rename never overwrites:
// the NameNode decides that in one step. Sync closes the file, until the NameNode says that it is complete, and the next Write appends to it: a
// process that dies there leaves no lease, and a checkpoint is worth what HDFS's replication is. A file is a filesystem.Flusher, too: its Flush is HDFS's hflush,
// which leaves the file open. DataNodes write to their disks when they like,
// unless dfs.datanode.synconclose is set. The lease of a writer that died in between is recovered at once where a hidden file is opened, and where any is
// renamed or cut. That takes a heartbeat of the DataNode, 3 s by default.
//
// # Failures
//
// What is likely to pass is waited for, see [Patience]: safe mode, a NameNode that restarts or hands over, a DataNode that is away. A file that is being
// read is opened again at its place. So is one that is being written: its lease is recovered, by which HDFS decides how much of it there is, and the rest is
// written again, of which up to 2 MiB are kept in memory for each file. Where more than the last MiB is lost with a DataNode, that is an error: the
// run ends, and goes on by stream.Restarts. So does one in which no answer comes to the call that makes a file.
// Errors are *fs.PathError; what a user may not do is [fs.ErrPermission].
//
// # Limits
//
//   - The last block of a file that another program still has open is not shown: the file is empty, or an error says so where that block begins.
//     Follow such files by webhdfsfs.
//   - Names with a colon, which HDFS has not, are refused. Files of erasure coding and encryption zones cannot be read.
//   - With Kerberos, files can be read where dfs.data.transfer.protection is authentication.
//   - Each open file and each call has a connection to the NameNode, of which [Idle] are kept; the library renews leases over each once a second.
//   - A write that fails may leave a goroutine of the library behind that waits for ever, a few KiB.
//
// Do not use it to copy directories: hdfs dfs -cp does that, and distcp.
//
// [source.FilesIn]: https://pkg.go.dev/github.com/freshet-go/freshet/source#FilesIn
// [sink.FilesIn]: https://pkg.go.dev/github.com/freshet-go/freshet/sink#FilesIn
// [webhdfsfs]: https://pkg.go.dev/github.com/freshet-go/freshet/stream/filesystem/webhdfsfs
package hdfsfs
