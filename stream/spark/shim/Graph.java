package org.freshet;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.PartitionPruningRDD;
import scala.Tuple2;

/**
 * Makes Spark's graph of a plan: an RDD of frames for each stage, and a shuffle behind it that brings each frame to the partition of the instance that it is for, in the
 * order of Place.
 */
class Graph {
  private final JavaSparkContext context;
  private final Plan plan;
  private final String program;
  private final Map<Integer, Targets> targets = new HashMap<>();
  private final Map<Integer, JavaRDD<Tuple2<Place, byte[]>>> sent = new HashMap<>();

  Graph(JavaSparkContext context, Plan plan, String program) {
    this.context = context;
    this.plan = plan;
    this.program = program;
  }

  /** Returns what sinks have prepared, of all of them. All stages run when it is collected. */
  JavaRDD<Tuple2<Place, byte[]>> prepared() {
    List<Plan.Stage> left = new ArrayList<>(plan.stages.values());
    left.removeIf(Plan.Stage::commits);
    while (!left.isEmpty()) {
      if (!left.removeIf(this::add)) {
        throw new IllegalStateException("the stages of the plan lead in a circle");
      }
    }
    JavaRDD<Tuple2<Place, byte[]>> all = null;
    context.setCallSite("results");
    for (int stage : sent.keySet()) {
      List<Integer> ends = plan.committersOf(stage);
      Targets t = targets.get(stage);
      if (plan.from(stage).isEmpty()) { // it has to run all the same
        all = and(all, part(stage, 0, 1));
      }
      for (int to : ends) {
        all = and(all, part(stage, t.begins(to), t.begins(to) + 1));
      }
    }
    return all;
  }

  private static JavaRDD<Tuple2<Place, byte[]>> and(JavaRDD<Tuple2<Place, byte[]>> all, JavaRDD<Tuple2<Place, byte[]>> more) {
    return all == null ? more : all.union(more);
  }

  /** Adds a stage, when all before it are there. */
  private boolean add(Plan.Stage s) {
    Set<Integer> before = new LinkedHashSet<>();
    for (Plan.Edge e : plan.edges) {
      if (e.to == s.id) {
        before.add(e.from);
      }
    }
    if (!sent.keySet().containsAll(before)) {
      return false;
    }
    context.setCallSite(s.shown);
    JavaRDD<Tuple2<Place, byte[]>> in = null;
    for (int from : before) {
      int begins = targets.get(from).begins(s.id);
      JavaRDD<Tuple2<Place, byte[]>> part = part(from, begins, begins + s.instances);
      in = in == null ? part : in.zipPartitions(part, new Merged());
    }
    if (in == null) { // a source is handed nothing
      in = context.parallelize(new ArrayList<Tuple2<Place, byte[]>>(), s.instances);
    }
    Targets t = new Targets(plan, s.id);
    targets.put(s.id, t);
    JavaRDD<Tuple2<Place, byte[]>> out = in.mapPartitionsWithIndex(new Instance(plan, s, t, program), false);
    sent.put(s.id, JavaPairRDD.fromJavaRDD(out).repartitionAndSortWithinPartitions(t, new Place.Order()).rdd().toJavaRDD());
    return true;
  }

  /** The partitions of what a stage has sent from one up to another one. */
  private JavaRDD<Tuple2<Place, byte[]>> part(int stage, int from, int to) {
    return PartitionPruningRDD.create(sent.get(stage).rdd(), new Between(from, to)).toJavaRDD();
  }
}
