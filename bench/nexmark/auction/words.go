package auction

import (
	"fmt"
	"math/bits"
)

// Words of the original generator. Strings are made once, as their making is
// no part of what is measured.
var (
	states  = []string{"AZ", "CA", "ID", "OR", "WA", "WY"}
	cities  = []string{"Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland", "Bend", "Redmond", "Seattle", "Kent", "Cheyenne"}
	names   = pairs([]string{"Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Sarah", "Deiter", "Walter"}, []string{"Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones", "Noris"})
	padding = letters(1 << 16)
	emails  = madeOf(1024, func(r *random) string { return r.text(7) + "@" + r.text(5) + ".com" })
	cards   = madeOf(1024, func(r *random) string {
		return fmt.Sprintf("%04d %04d %04d %04d", r.below(10_000), r.below(10_000), r.below(10_000), r.below(10_000))
	})
	hotChannels = []channel{{"Google", address(1)}, {"Facebook", address(2)}, {"Baidu", address(3)}, {"Apple", address(4)}}
	channels    = otherChannels(10_000)
)

// A channel is where bidders come from, with the address of the page.
type channel struct{ name, url string }

// otherChannels have their number in the address, nine in ten of them.
func otherChannels(n int) []channel {
	all := make([]channel, n)
	r := random{7}
	for i := range all {
		all[i] = channel{fmt.Sprint("channel-", i), address(uint64(100 + i))}
		if r.below(10) > 0 {
			all[i].url += fmt.Sprint("&channel_id=", bits.Reverse32(uint32(i))>>1)
		}
	}
	return all
}

func address(seed uint64) string {
	r := random{seed}
	return "https://www.nexmark.com/" + r.text(5) + "/" + r.text(5) + "/" + r.text(5) + "/item.htm?query=1"
}

func pairs(first, second []string) (all []string) {
	for _, a := range first {
		for _, b := range second {
			all = append(all, a+" "+b)
		}
	}
	return all
}

func letters(n int) string {
	r, text := random{3}, make([]byte, n)
	for i := range text {
		text[i] = byte('a' + r.below(26))
	}
	return string(text)
}

func madeOf(n int, one func(*random) string) []string {
	r, all := random{5}, make([]string, n)
	for i := range all {
		all[i] = one(&r)
	}
	return all
}
