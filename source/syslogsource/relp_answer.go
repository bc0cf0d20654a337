package syslogsource

import "strconv"

// answersOf packs what answers a parcel into its Seq: the numbers of its transactions, from first on. None is the command close.
func answersOf(first, n int) int64 { return int64(first)<<32 | int64(n) }

// appendAnswers appends the answers of a parcel.
func appendAnswers(dst []byte, seq int64) []byte {
	number, n := int(seq>>32), int(uint32(seq))
	if n == 0 {
		dst = appendAnswer(dst, number, "200 OK")
		return append(dst, "0 serverclose 0\n"...)
	}
	for range n {
		dst = appendAnswer(dst, number, "200 OK")
		number = number%lastNumber + 1
	}
	return dst
}

// appendAnswer appends the answer of a transaction.
func appendAnswer(dst []byte, number int, text string) []byte {
	dst = strconv.AppendInt(dst, int64(number), 10)
	dst = append(dst, " rsp "...)
	dst = strconv.AppendInt(dst, int64(len(text)), 10)
	dst = append(dst, ' ')
	dst = append(dst, text...)
	return append(dst, '\n')
}
