import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is to be run: lines of words, of which the client makes the JSON that workers understand. */
class Plan implements Serializable {
  static final int GROUPS = 128;

  static class Stage implements Serializable {
    int id;
    String kind;
    int instances;
    boolean keyed;
    String name;
    /** Of each instance of a source, the JSON of the partitions that it reads. */
    List<List<String>> partitions = new ArrayList<>();
  }

  static class Edge implements Serializable {
    int id;
    int from;
    int to;
  }

  String binary;
  String json;
  Map<String, String> environment = new LinkedHashMap<>();
  Map<Integer, Stage> stages = new LinkedHashMap<>();
  List<Edge> edges = new ArrayList<>();
  long every;

  static Plan read(String file) throws Exception {
    Plan p = new Plan();
    for (String line : Files.readAllLines(Paths.get(file), StandardCharsets.UTF_8)) {
      String[] w = line.split(" ");
      switch (w[0]) {
        case "binary":
          p.binary = text(w[1]);
          break;
        case "plan":
          p.json = text(w[1]);
          break;
        case "environment":
          p.environment.put(text(w[1]), text(w[2]));
          break;
        case "every":
          p.every = Long.parseLong(w[1]);
          break;
        case "stage":
          Stage s = new Stage();
          s.id = Integer.parseInt(w[1]);
          s.kind = w[2];
          s.instances = Integer.parseInt(w[3]);
          s.keyed = w[4].equals("keyed");
          s.name = text(w[5]);
          for (int i = 0; i < s.instances; i++) {
            s.partitions.add(new ArrayList<>());
          }
          p.stages.put(s.id, s);
          break;
        case "partition":
          p.stages.get(Integer.parseInt(w[1])).partitions.get(Integer.parseInt(w[2])).add(text(w[3]));
          break;
        case "edge":
          Edge e = new Edge();
          e.id = Integer.parseInt(w[1]);
          e.from = Integer.parseInt(w[2]);
          e.to = Integer.parseInt(w[3]);
          p.edges.add(e);
          break;
        default:
          throw new IllegalArgumentException("line " + w[0]);
      }
    }
    return p;
  }

  private static String text(String base64) {
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
  }

  /** What a worker is asked for. */
  String request(Stage s, int index) {
    return "{\"Version\":1,\"Plan\":" + json + ",\"Stage\":" + s.id + ",\"Index\":" + index
        + ",\"Partitions\":[" + String.join(",", s.partitions.get(index)) + "]}";
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
