// Package webhdfsfs is HDFS for [source.FilesIn] and [sink.FilesIn] over HTTP: WebHDFS, which every NameNode serves, and HttpFS, a gateway.
// It brings no modules. Package [hdfsfs] has HDFS's own protocol, and says when which is better.
//
// # The model
//
// A [Client] has the addresses of one HDFS, and [Client.Dir] is a directory, as package filesystem describes it:
//
//	client := webhdfsfs.New([]string{"http://namenode1:9870", "http://namenode2:9870"})
//	p.From(source.FilesIn(client.Dir("/orders"), "2026/*.jsonl", codec.JSON[Order]())).To(...)
//
// # What is guaranteed
//
// All that package filesystem asks for. A file is written by requests to append, each of which ends with a Sync; a DataNode writes for the caller and closes
// the file when the caller has gone, so that no lease stays unless that DataNode dies: then calls are repeated until it has run out, a minute later.
// A file that others still write is not renamed or cut, and is an error when [Patience] ends; a gateway that does not tell of blocks does not keep that.
//
// A request that fails in the midst of a write is an error, as the DataNode may still write what it has been sent: the run ends, and goes on by
// stream.Restarts. All other calls are repeated as [Patience] says.
//
// # HttpFS
//
// Where DataNodes are not reached, HttpFS, a server of Hadoop's own, hands on what is read and written. [HttpFS] says that the addresses are of such gateways:
//
//	client := webhdfsfs.New([]string{"http://gateway:14000"}, webhdfsfs.HttpFS(), webhdfsfs.User("shop"))
//
// The same holds, with these differences:
//
//   - It renames nothing over a file. Put, by which a sink notes its checkpoint, first writes the new file whole beside the old one, then removes the
//     old one and renames. Whoever finds no file has the last step done, so that a process may die at any moment. One process puts; a Remove that the gateway
//     carries out when it has been given up for minutes can take the new file away.
//   - A directory that is missing is looked for before a file is made. One that is removed in that very moment is made again.
//   - A file whose writer dies is closed by the gateway. When the gateway dies itself, calls are repeated until the lease has run out, a minute later.
//   - What a connection that breaks between the gateway and a NameNode leaves open is found out as if no answer had come.
//   - [Unclosed] shows no more than HDFS itself tells.
//
// # Security
//
// [User] where HDFS believes names, [Token] and [Tokens] for a delegation token, [Authorize] for tickets of Kerberos (SPNEGO) or a password, [HTTP] for
// certificates. With https:// addresses a redirect to a DataNode without TLS is refused. Addresses of redirects have tokens in them: no error and no log shows one.
//
// # Limits
//
//   - A Sync that has something to write is a request of some 10 ms, and more where dfs.client.block.write.locateFollowingBlock.initial.delay.ms of the DataNode is what
//     it is by default, 400 ms: the DataNode waits as long when it closes a file.
//   - Stat does not know how long a file is that others are still writing, unless [Unclosed] is set.
//   - To read behind the end of a file that is known, as a source does that goes on, a byte of it is fetched; behind that of one that is still being written, what
//     has come since its last block was begun.
//   - Hadoop 3.0 is the oldest that will do.
//
// [source.FilesIn]: https://pkg.go.dev/github.com/freshet-go/freshet/source#FilesIn
// [sink.FilesIn]: https://pkg.go.dev/github.com/freshet-go/freshet/sink#FilesIn
// [hdfsfs]: https://pkg.go.dev/github.com/freshet-go/freshet/stream/filesystem/hdfsfs
package webhdfsfs
