// Package webhdfsfs is HDFS over HTTP.
package webhdfsfs
