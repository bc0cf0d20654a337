// Package hdfsfs is HDFS by its own protocol.
package hdfsfs
