package state

import "github.com/freshet-go/freshet/internal/keyhash"

// Groups is how many groups keys fall into, by hash. A group is the unit
// in which keys are spread over shards and state is saved; the number is
// fixed, so that it outlives any number of shards.
const Groups = 128

// ShardOf returns the shard of n that a key hash belongs to.
func ShardOf(hash uint64, n int) int { return OwnerOf(keyhash.Group(hash, Groups), n) }

// OwnerOf returns the shard of n that a key group belongs to.
func OwnerOf(group, n int) int { return group * n / Groups }
