package guide_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	link    = regexp.MustCompile(`\]\(([^()\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	noRune  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// TestLinks follows the links of all pages to files of the repository and to their headings.
func TestLinks(t *testing.T) {
	for _, page := range pages(t) {
		text := prose(t, page)
		for _, found := range link.FindAllStringSubmatch(text, -1) {
			if strings.Contains(found[1], "://") {
				continue
			}
			path, anchor, _ := strings.Cut(found[1], "#")
			if path == "" {
				path = page
			}
			_, err := os.Stat(filepath.FromSlash(path))
			require.NoError(t, err, "%s links to %s", page, found[1])
			if anchor != "" {
				require.Contains(t, anchors(t, path), anchor, "%s links to %s", page, found[1])
			}
		}
	}
}

// prose returns a page without its blocks.
func prose(t *testing.T, page string) string {
	t.Helper()
	all, err := os.ReadFile(page)
	require.NoError(t, err)
	return regexp.MustCompile("(?ms)^```.*?^```$|^<!--.*?^-->$|`[^`\n]*`").ReplaceAllString(string(all), "")
}

// anchors returns those of the headings of a page, as GitHub names them.
func anchors(t *testing.T, page string) (all []string) {
	t.Helper()
	for _, h := range heading.FindAllStringSubmatch(prose(t, page), -1) {
		all = append(all, strings.ReplaceAll(noRune.ReplaceAllString(strings.ToLower(h[1]), ""), " ", "-"))
	}
	return all
}
