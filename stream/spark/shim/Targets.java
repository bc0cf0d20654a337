package org.freshet;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.spark.Partitioner;

/**
 * The partitions of what a stage sends: one for each instance of each stage behind it. All that it sends goes by one shuffle: Spark would run the
 * stage once for each of several.
 */
class Targets extends Partitioner {
  private static final long serialVersionUID = 1;

  /** Of each stage behind it, where its partitions begin. */
  private final Map<Integer, Integer> begins = new LinkedHashMap<>();

  /** Of each edge, where those of its stage do; -1 for an edge of other stages. */
  private final int[] edges;

  private final int count;

  Targets(Plan plan, int stage) {
    edges = new int[plan.edges.size()];
    int n = 0;
    for (Plan.Edge e : plan.edges) {
      edges[e.id] = -1;
      if (e.from != stage) {
        continue;
      }
      if (!begins.containsKey(e.to)) {
        begins.put(e.to, n);
        n += plan.stages.get(e.to).instances;
      }
      edges[e.id] = begins.get(e.to);
    }
    count = Math.max(n, 1); // with nothing behind it there is one, which stays empty
  }

  /** The partition of an instance behind an edge. */
  int partition(int edge, int to) throws WorkerException {
    if (edge < 0 || edge >= edges.length || edges[edge] < 0 || edges[edge] + to >= count) {
      throw new WorkerException("a frame for instance " + to + " of edge " + edge + ", which does not lead away from the stage");
    }
    return edges[edge] + to;
  }

  /** Where the partitions of a stage begin. */
  int begins(int stage) {
    return begins.get(stage);
  }

  @Override
  public int numPartitions() {
    return count;
  }

  @Override
  public int getPartition(Object place) {
    return ((Place) place).partition;
  }
}
