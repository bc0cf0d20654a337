package org.freshet;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.spark.SparkStageInfo;
import org.apache.spark.TaskFailedReason;
import org.apache.spark.TaskKilled;
import org.apache.spark.api.java.JavaSparkStatusTracker;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;

/** Tells the program that has started the driver how the job stands: lines on standard output, of words. Any thread may call it. */
class Client extends SparkListener {
  private final PrintStream to = System.out;

  /** Says something. Texts are words by base64. */
  synchronized void say(String what, Object... words) {
    StringBuilder line = new StringBuilder("freshet ").append(what);
    for (Object w : words) {
      String text = w instanceof String ? Base64.getEncoder().encodeToString(((String) w).getBytes(StandardCharsets.UTF_8)) : w.toString();
      line.append(' ').append(text);
    }
    to.println(line);
    to.flush();
  }

  @Override
  public void onStageSubmitted(SparkListenerStageSubmitted e) {
    say("stage", e.stageInfo().stageId(), e.stageInfo().name(), e.stageInfo().numTasks());
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd e) {
    if (e.reason() instanceof TaskFailedReason && !(e.reason() instanceof TaskKilled)) { // by Spark, where another attempt was faster
      say("lost", e.stageId(), e.taskInfo().index(), e.taskInfo().host(), ((TaskFailedReason) e.reason()).toErrorString());
    }
  }

  /** Says how far the stages are that are at work. */
  void look(JavaSparkStatusTracker tracker) {
    for (int id : tracker.getActiveStageIds()) {
      SparkStageInfo s = tracker.getStageInfo(id);
      if (s != null) {
        say("tasks", id, s.numActiveTasks(), s.numCompletedTasks(), s.numFailedTasks());
      }
    }
    say("looked");
  }
}
