package flink

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// supportedVersions are what versions of Flink may begin with: those on which the shim is tested, which is linked with classes that are not for everybody.
var supportedVersions = []string{"1.19.", "1.20.", "2.0.", "2.1.", "2.2.", "2.3."}

// supported returns how many slots of the cluster are free, and an error if it is none that a job can be run on.
func (j *job) supported(ctx context.Context) (slots int, err error) {
	var about struct {
		Version  string `json:"flink-version"`
		Features struct {
			Submit bool `json:"web-submit"`
		} `json:"features"`
	}
	if err := j.api.call(ctx, http.MethodGet, "/config", nil, &about); err != nil {
		return 0, err
	}
	switch {
	case !slices.ContainsFunc(supportedVersions, func(v string) bool { return strings.HasPrefix(about.Version, v) }):
		return 0, fmt.Errorf("the cluster at %s is of version %q of Flink, and this library runs on 1.19, 1.20 and 2.0 to 2.3", j.api.shown(), about.Version)
	case !about.Features.Submit:
		return 0, fmt.Errorf("the cluster at %s takes no jars: set web.submit.enable to true in its configuration", j.api.shown())
	}
	var overview struct {
		Free int `json:"slots-available"`
	}
	err = j.api.call(ctx, http.MethodGet, "/overview", nil, &overview)
	return overview.Free, err
}
