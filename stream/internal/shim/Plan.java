package org.freshet;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What is to be run: lines of words, beside which the client has put the JSON that workers understand. */
class Plan implements Serializable {
  private static final long serialVersionUID = 1;
  static final int GROUPS = 128;

  static class Stage implements Serializable {
    private static final long serialVersionUID = 1;
    int id;
    String kind;
    int instances;
    boolean keyed;
    /** Of the operator that it begins with: state is found by it. */
    String name;
    /** What the cluster's page shows. */
    String shown;
    /** Of each instance of a source, the JSON of the partitions that it reads. */
    List<List<String>> partitions = new ArrayList<>();

    /** It has appear what others have prepared, of one sink. */
    boolean commits() {
      return kind.equals("commit");
    }
  }

  static class Edge implements Serializable {
    private static final long serialVersionUID = 1;
    int id;
    int from;
    int to;
  }

  String name;
  /** What the program calls to be run there: flink.Run, say. */
  String run;
  String json;
  /** There may be checkpoints: workers keep what they would have to save. */
  boolean saves;
  /** What the program has been built for, in Go's words. */
  String system;
  String processor;
  /** Where the client was: workers are there, too, if there is such a folder. */
  String folder;
  List<String> arguments = new ArrayList<>();
  Map<String, String> environment = new LinkedHashMap<>();
  Map<Integer, Stage> stages = new LinkedHashMap<>();
  List<Edge> edges = new ArrayList<>();

  /** Reads the plan that the jar has. */
  static Plan read() throws IOException {
    try (InputStream in = Plan.class.getResourceAsStream("/freshet/job")) {
      if (in == null) {
        throw new IOException("the jar has no job: it is flink.Run that makes the jars which can be run");
      }
      return read(in);
    }
  }

  /** Reads a plan. */
  static Plan read(InputStream in) throws IOException {
    Plan p = new Plan();
    BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    for (String line; (line = lines.readLine()) != null;) {
      p.add(line.split(" ", -1));
    }
    return p;
  }

  private void add(String[] w) {
    switch (w[0]) {
      case "name":
        name = text(w[1]);
        break;
      case "run":
        run = w[1];
        break;
      case "plan":
        json = text(w[1]);
        break;
      case "saves":
        saves = true;
        break;
      case "platform":
        system = w[1];
        processor = w[2];
        break;
      case "folder":
        folder = text(w[1]);
        break;
      case "argument":
        arguments.add(text(w[1]));
        break;
      case "environment":
        environment.put(text(w[1]), text(w[2]));
        break;
      case "stage":
        Stage s = new Stage();
        s.id = Integer.parseInt(w[1]);
        s.kind = w[2];
        s.instances = Integer.parseInt(w[3]);
        s.keyed = w[4].equals("keyed");
        s.name = text(w[5]);
        s.shown = text(w[6]);
        for (int i = 0; i < s.instances; i++) {
          s.partitions.add(new ArrayList<>());
        }
        stages.put(s.id, s);
        break;
      case "partition":
        stages.get(Integer.parseInt(w[1])).partitions.get(Integer.parseInt(w[2])).add(text(w[3]));
        break;
      case "edge":
        Edge e = new Edge();
        e.id = Integer.parseInt(w[1]);
        e.from = Integer.parseInt(w[2]);
        e.to = Integer.parseInt(w[3]);
        edges.add(e);
        break;
      default:
        throw new IllegalArgumentException("line " + w[0]);
    }
  }

  private static String text(String base64) {
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
  }

  /** Throws where the program cannot run on this machine, which is that of a task manager or an executor. */
  void fits(String machine) throws WorkerException {
    String s = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    s = s.startsWith("mac") ? "darwin" : s.startsWith("windows") ? "windows" : s;
    String p = System.getProperty("os.arch").replace("x86_64", "amd64").replace("aarch64", "arm64");
    if (!s.equals(system) || !p.equals(processor)) {
      throw new WorkerException("the program is for " + system + "/" + processor + ", and the " + machine + " runs on " + s + "/" + p
          + ": build it by GOOS=" + s + " GOARCH=" + p + " go build, and give it to " + run.replace(".Run", ".Program"));
    }
  }

  /** What a worker is asked for. */
  String request(Stage s, int index) {
    return "{\"Version\":2,\"Plan\":" + json + ",\"Stage\":" + s.id + ",\"Index\":" + index
        + ",\"Partitions\":[" + String.join(",", s.partitions.get(index)) + "]}";
  }

  /** The stages that commit what a stage prepares. */
  List<Integer> committersOf(int stage) {
    List<Integer> all = new ArrayList<>();
    for (Edge e : from(stage)) {
      if (stages.get(e.to).commits()) {
        all.add(e.to);
      }
    }
    return all;
  }

  List<Edge> from(int stage) {
    List<Edge> all = new ArrayList<>();
    for (Edge e : edges) {
      if (e.from == stage) {
        all.add(e);
      }
    }
    return all;
  }
}
