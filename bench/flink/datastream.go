package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json/v2"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// compile makes the jar of the jobs of the DataStream API, with the jars that the cluster was built of.
func compile(ctx context.Context, sources, cluster, to string) (jar string, err error) {
	jars, err := os.ReadFile(filepath.Join(cluster, "classpath"))
	if err != nil {
		return "", err
	}
	classes := filepath.Join(to, "classes")
	args := []string{"-nowarn", "--release", "11", "-d", classes, "-cp", strings.TrimSpace(string(jars)), filepath.Join(sources, "DataStreamJob.java")}
	if out, err := exec.CommandContext(ctx, "javac", args...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("javac: %w\n%s", err, out)
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	if err := w.AddFS(os.DirFS(classes)); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	jar = filepath.Join(to, "datastream.jar")
	return jar, os.WriteFile(jar, b.Bytes(), 0o600)
}

// call asks the cluster, and reads its answer.
func call(ctx context.Context, method, url, kind string, body io.Reader, answer any) error {
	r, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", kind)
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer reply.Body.Close()
	if reply.StatusCode >= 300 {
		text, _ := io.ReadAll(reply.Body)
		return fmt.Errorf("%s %s: %s: %.2000s", method, url, reply.Status, text)
	}
	return json.UnmarshalRead(reply.Body, answer)
}

// datastream runs a job of the DataStream API to its end, with a checkpoint every so often, which is saved there, if that is not zero.
func datastream(ctx context.Context, base, jar, do string, events int64, to, saved string, keys int64, every time.Duration) (id string, err error) {
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	text, err := os.ReadFile(jar)
	if err != nil {
		return "", err
	}
	part, err := w.CreateFormFile("jarfile", filepath.Base(jar))
	if err == nil {
		_, err = part.Write(text)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return "", err
	}
	var uploaded struct {
		Filename string `json:"filename"`
	}
	if err := call(ctx, http.MethodPost, base+"/jars/upload", w.FormDataContentType(), &form, &uploaded); err != nil {
		return "", err
	}
	settings := map[string]string{"restart-strategy.type": "none", "execution.checkpointing.storage": "filesystem", "execution.checkpointing.dir": saved}
	if every > 0 {
		settings["execution.checkpointing.interval"] = fmt.Sprintf("%d ms", every.Milliseconds())
	} else {
		settings["execution.checkpointing.interval"] = "1000 h" // the cluster's own is for who says nothing
	}
	body, err := json.Marshal(map[string]any{
		"entryClass": "DataStreamJob", "programArgsList": []string{do, fmt.Sprint(events), to, fmt.Sprint(keys)}, "parallelism": 2, "flinkConfiguration": settings,
	})
	if err != nil {
		return "", err
	}
	var begun struct {
		ID string `json:"jobid"`
	}
	if err := call(ctx, http.MethodPost, base+"/jars/"+path.Base(uploaded.Filename)+"/run", "application/json", bytes.NewReader(body), &begun); err != nil {
		return "", err
	}
	for {
		var x struct {
			State string `json:"state"`
		}
		if err := call(ctx, http.MethodGet, base+"/jobs/"+begun.ID, "", nil, &x); err != nil {
			return "", err
		}
		switch x.State {
		case "FINISHED":
			return begun.ID, nil
		case "FAILED", "CANCELED":
			return "", fmt.Errorf("job %s of the DataStream API is %s", begun.ID, x.State)
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Taken are the checkpoints that a job has completed.
type taken struct {
	count int
	size  int64         // bytes of one, in the middle
	took  time.Duration // of one, in the middle
}

func checkpoints(ctx context.Context, base, id string) (t taken, err error) {
	var x struct {
		Counts struct {
			Completed int `json:"completed"`
		} `json:"counts"`
		Summary struct {
			Size middle `json:"state_size"`
			Took middle `json:"end_to_end_duration"`
		} `json:"summary"`
	}
	err = call(ctx, http.MethodGet, base+"/jobs/"+id+"/checkpoints", "", nil, &x)
	return taken{x.Counts.Completed, int64(x.Summary.Size.P50), time.Duration(float64(x.Summary.Took.P50) * float64(time.Millisecond))}, err
}

// A middle is of several numbers.
type middle struct {
	P50 number `json:"p50"`
}

// A number is 0 where Flink has none, and says "NaN": a job may have ended before its first checkpoint.
type number float64

func (n *number) UnmarshalJSON(text []byte) error {
	if string(text) == `"NaN"` {
		*n = 0
		return nil
	}
	return json.Unmarshal(text, (*float64)(n))
}

// lasted returns for how long a job was there, by the cluster's clock, and how many bytes went over its exchanges.
func lasted(ctx context.Context, base, id string) (d time.Duration, bytes int64, err error) {
	var x struct {
		Duration int64 `json:"duration"`
		Vertices []struct {
			Metrics struct {
				Written int64 `json:"write-bytes"`
			} `json:"metrics"`
		} `json:"vertices"`
	}
	err = call(ctx, http.MethodGet, base+"/jobs/"+id, "", nil, &x)
	for _, v := range x.Vertices {
		bytes += v.Metrics.Written
	}
	return time.Duration(x.Duration) * time.Millisecond, bytes, err
}
