package hdfsfs

import (
	"fmt"
	"io/fs"
	"time"

	krb "github.com/jcmturner/gokrb5/v8/client"
)

// An Option says how HDFS is reached.
type Option func(*Client)

// User sets who the process is, where HDFS believes that. The default is HADOOP_USER_NAME, or else the user of the process.
func User(name string) Option { return func(c *Client) { c.options.User = name } }

// A Protection is what connections to DataNodes are guarded by, in a cluster with Kerberos.
type Protection string

const (
	Authentication Protection = "authentication" // both sides know each other
	Integrity      Protection = "integrity"      // and nobody changes data on the way
	Privacy        Protection = "privacy"        // or reads it
)

// Kerberos has the client log in by a ticket. Service is the first part of dfs.namenode.kerberos.principal, without the realm:
// "nn/_HOST" or "nn/namenode.example.com". Protection is that of dfs.data.transfer.protection. With version v2.4.0 of the library files can
// be read under Authentication alone. The caller logs in by a keytab or a password, and calls Destroy in the end.
func Kerberos(client *krb.Client, service string, protection Protection) Option {
	return func(c *Client) {
		c.options.KerberosClient, c.options.KerberosServicePrincipleName = client, service
		c.options.DataTransferProtection = string(protection)
	}
}

// DataNodeNames has DataNodes reached by their host names, as dfs.client.use.datanode.hostname does, and not by their addresses.
func DataNodeNames() Option { return func(c *Client) { c.options.UseDatanodeHostname = true } }

// Timeout sets how long a read from, or a write to, a connection may take. The default is a minute. It panics if d is not positive.
func Timeout(d time.Duration) Option {
	if d <= 0 {
		panic(fmt.Sprintf("hdfsfs: Timeout(%v): want a positive duration", d))
	}
	return func(c *Client) { c.timeout = d }
}

// Patience sets how long a call is repeated while a NameNode is in safe mode, restarts or hands over, a DataNode is away or a lease is
// being recovered. The default is two minutes. The end of a file is waited for as long, and at least for Timeout: a DataNode has to report it. It panics
// if d is negative.
func Patience(d time.Duration) Option {
	if d < 0 {
		panic(fmt.Sprintf("hdfsfs: Patience(%v): want no negative duration", d))
	}
	return func(c *Client) { c.patience = d }
}

// Idle sets how many connections to the NameNode are kept while nobody uses them, for 20 seconds. The default is 4.
func Idle(n int) Option { return func(c *Client) { c.most = max(n, 0) } }

// Modes sets the modes of the files and directories that are made: 0o640 and 0o750 let the group of the directory above read them. The default is
// 0600 and 0700. It panics if one has more than the bits of permission, or keeps their owner out.
func Modes(files, dirs fs.FileMode) Option {
	if (files|dirs)&^fs.ModePerm != 0 || files&0o600 != 0o600 || dirs&0o700 != 0o700 {
		panic(fmt.Sprintf("hdfsfs: Modes(%#o, %#o): want permissions that have 0600 and 0700", files, dirs))
	}
	return func(c *Client) { c.files, c.dirs = files, dirs }
}
