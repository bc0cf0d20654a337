package org.freshet;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;

/** The driver of a job: runs the plan that a file has, and commits what its sinks have prepared. It ends when its standard input does, but for a commit. */
public final class Batch {
  private final Client client = new Client();
  private final Path program;
  private JavaSparkContext context;
  private boolean cancelled;
  private boolean commits;

  private Batch(Path program) {
    this.program = program;
  }

  public static void main(String[] args) {
    Batch b = new Batch(Paths.get(args[1]));
    int status = 0;
    try {
      Plan plan;
      try (InputStream in = Files.newInputStream(Paths.get(args[0]))) {
        plan = Plan.read(in);
      }
      Thread listener = new Thread(b::listen, "freshet client");
      listener.setDaemon(true);
      listener.start();
      b.run(plan);
      b.client.say("finished");
    } catch (Throwable e) { // and errors of linking, where Spark is another one
      StringBuilder text = new StringBuilder();
      for (Throwable t = e; t != null; t = t.getCause()) {
        text.append(text.length() == 0 ? "" : "\nCaused by: ").append(t);
      }
      b.client.say("failed", text.toString());
      status = 1;
    }
    if (b.context != null) {
      b.context.stop();
    }
    System.exit(status);
  }

  /** Cancels the job when the client lets go of it. */
  private void listen() {
    try {
      while (System.in.read() >= 0) {}
    } catch (IOException e) {
      // it is gone
    }
    synchronized (this) {
      if (commits) {
        return;
      }
      cancelled = true;
      if (context != null) {
        context.cancelAllJobs();
      }
    }
  }

  private synchronized boolean isCancelled() {
    return cancelled;
  }

  /** Goes on unless the client has let go of the job. */
  private void goesOn() throws WorkerException {
    if (isCancelled()) {
      throw new WorkerException("cancelled");
    }
  }

  private void run(Plan plan) throws Exception {
    JavaSparkContext c = new JavaSparkContext(new SparkConf());
    synchronized (this) {
      context = c;
    }
    c.sc().addSparkListener(client);
    client.say("application", c.sc().applicationId(), c.version());
    if (!c.version().startsWith("3.5.") && !c.version().startsWith("4.")) {
      throw new WorkerException("this is version " + c.version() + " of Spark, and this library runs on 3.5 and 4");
    }
    c.setJobGroup("freshet", plan.name, true);
    c.addFile(program.toUri().toString());
    try (Committers committers = new Committers(plan, program)) {
      committers.open();
      goesOn();
      List<Tuple2<Place, byte[]>> prepared = collect(c, new Graph(c, plan, program.getFileName().toString()));
      synchronized (this) {
        goesOn();
        commits = true;
      }
      client.say("commits");
      committers.commit(prepared);
      try {
        committers.sweep();
      } catch (Exception e) {
        client.say("left", String.valueOf(e.getMessage()));
      }
    }
  }

  /** Runs all, and says meanwhile how it stands. */
  private List<Tuple2<Place, byte[]>> collect(JavaSparkContext c, Graph graph) throws InterruptedException {
    Thread watcher = new Thread(() -> {
      try {
        for (;;) {
          client.look(c.statusTracker());
          Thread.sleep(500);
          if (isCancelled()) { // it may have been before there was a job
            c.cancelAllJobs();
          }
        }
      } catch (InterruptedException e) {
        // there is nothing to see any more
      }
    }, "freshet progress");
    watcher.setDaemon(true);
    watcher.start();
    try {
      return graph.prepared().collect();
    } finally {
      watcher.interrupt();
      watcher.join();
    }
  }
}
