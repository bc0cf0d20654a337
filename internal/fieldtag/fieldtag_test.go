package fieldtag_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/freshet-go/freshet/internal/fieldtag"
)

func TestMissed(t *testing.T) {
	for _, tag := range []reflect.StructTag{
		`json:"a",mask:"redact"`, `json:"a"mask:"redact"`, `mask: "redact"`, `mask:redact`, `mask`, `mask:'redact'`, `Mask:"redact"`, `MASK:"redact"`,
		`json:"a;mask:"redact"`, `json:"a" mask:"redact`, "mask:`redact`", `json:"a"` + "\t" + `mask:"redact"`, `;mask:"redact"`, "mask\u00a0:\"redact\"",
	} {
		require.Error(t, fieldtag.Missed(tag, "mask"), string(tag))
	}
	for _, tag := range []reflect.StructTag{
		``, `mask:"redact"`, `json:"a" mask:"redact"`, `mask:"last=4"  json:"b"`, `json:"mask: it is one"`, `doc:"what \"mask:\" is for"`, `redis:"mask,omitempty"`,
		`a broken tag of somebody else`, `json:"a",xml:"b"`,
	} {
		require.NoError(t, fieldtag.Missed(tag, "mask"), string(tag))
	}
}
