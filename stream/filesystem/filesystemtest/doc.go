// Package filesystemtest helps who connects a file system: [Suite] checks each
// sentence of the contract of package filesystem, over
//
//	func TestFileSystem(t *testing.T) {
//		filesystemtest.Suite{
//			System: func(t testing.TB) func() filesystem.Writable {
//				addr := server(t)
//				return func() filesystem.Writable { return hdfs.Dir(addr, "/"+t.Name()) }
//			},
//		}.Run(t)
//	}
//
// [Memory] is a file system in memory that can lose what was not synced, and
// [Faulty] has the calls of any file system fail: before they happen, behind that, in the
// midst, or late.
package filesystemtest
