package timer

// push adds a number to a binary heap, the least one first.
func push(heap *[]int64, number int64) {
	s := append(*heap, number)
	for i := len(s) - 1; i > 0; {
		parent := (i - 1) / 2
		if s[i] >= s[parent] {
			break
		}
		s[i], s[parent] = s[parent], s[i]
		i = parent
	}
	*heap = s
}

// pop removes the least number of a heap.
func pop(heap *[]int64) int64 {
	s := *heap
	least, last := s[0], len(s)-1
	s[0], s = s[last], s[:last]
	for i := 0; ; {
		child := 2*i + 1
		if child >= last {
			break
		}
		if right := child + 1; right < last && s[right] < s[child] {
			child = right
		}
		if s[child] >= s[i] {
			break
		}
		s[i], s[child] = s[child], s[i]
		i = child
	}
	*heap = s
	return least
}
