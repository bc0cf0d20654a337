//go:build !race

package recommend_test

const raced = false
