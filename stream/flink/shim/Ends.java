package org.freshet;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;

/**
 * Which sources of a job have ended. The tasks of one that has ended stay until all have: Flink takes no checkpoint in which some tasks have
 * finished (see Run's settings), and one source may be short and another one run for days. What is behind a source has heard of its end
 * by a frame, and waits for nothing.
 *
 * <p>The enumerators of a job's sources are in one process, the JobManager, and in one class loader. That one may be of several jobs where the jar is among
 * Flink's own: therefore the job's token. Each has a thread of its own, in which it is told.
 */
class Ends implements Serializable {
  private static final long serialVersionUID = 1;
  private static final Map<String, Map<Integer, Reading.Enumerator>> JOBS = new HashMap<>();

  private final String job;
  private final int sources;

  Ends(String job, int sources) {
    this.job = job;
    this.sources = sources;
  }

  /** An enumerator begins, instead of the one that the source may have had before. */
  void begins(int source, Reading.Enumerator e) {
    synchronized (JOBS) {
      JOBS.computeIfAbsent(job, none -> new HashMap<>()).put(source, e);
    }
  }

  /** An enumerator is over. */
  void leaves(int source, Reading.Enumerator e) {
    synchronized (JOBS) {
      Map<Integer, Reading.Enumerator> all = JOBS.get(job);
      if (all != null && all.remove(source, e) && all.isEmpty()) {
        JOBS.remove(job);
      }
    }
  }

  /** Has all enumerators let their readers go if all readers of all sources have ended. */
  void look() {
    synchronized (JOBS) {
      Map<Integer, Reading.Enumerator> all = JOBS.get(job);
      if (all != null && all.size() == sources && all.values().stream().allMatch(Reading.Enumerator::allEnded)) {
        all.values().forEach(Reading.Enumerator::release);
      }
    }
  }
}
