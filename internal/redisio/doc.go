// Package redisio is what the Redis sources and sinks have in common: structs as
// fields and values by their tags, replies as they come from the server, and what
// is to be done about errors.
package redisio
