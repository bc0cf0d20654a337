package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestProgram(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out, t.TempDir()))
	require.Equal(t, `of what is the customers' 0 words are on disk in the clear

before:
  17  Ada Lovelace, 12 Mill Lane: 1200 cents
  18  Grace Hopper, 7 Hill Road: 4200 cents
  17  Ada Lovelace, 12 Mill Lane: 2000 cents

when customer 17 is forgotten:
  17  is forgotten: 1200 cents
  17  is forgotten: 2000 cents
  18  Grace Hopper, 7 Hill Road: 4200 cents
`, out.String())
}
