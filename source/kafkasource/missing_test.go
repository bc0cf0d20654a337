package kafkasource_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/source/kafkasource"
)

// A topic that comes when the run is under way is read from its beginning, also by one that began at the end of all topics, and by the member of a group.
func TestTopicThatComes(t *testing.T) {
	for name, opt := range map[string]kafkasource.Option{
		"all":      kafkasource.AllowMissing(),
		"from end": kafkasource.FromEnd(),
		"by group": kafkasource.Group("books"),
	} {
		t.Run(name, func(t *testing.T) {
			cluster, client := fake(t)
			m := joined(t, kafkasource.Topics(client, []string{"orders"}, values(), kafkasource.AllowMissing(), kafkasource.Refresh(20*time.Millisecond), opt))
			require.NoError(t, cluster.CreateTopic("orders", 1, nil))
			fill(t, client, "orders", 0, orders(0, 5))
			first, _ := m.reads(m.gets(), 5)
			require.Zero(t, first)
		})
	}
}
