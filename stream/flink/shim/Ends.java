package org.freshet;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which sources of a job have ended, and which of its committers have committed all. The tasks of a source that has ended stay until all have, and until all is
 * committed: Flink takes no checkpoint in which some tasks have finished (see Run's settings), and one source may be short and another one run for days. What is
 * behind a source has heard of its end by a frame, and waits for nothing.
 *
 * <p>The coordinators of a job are in one process, the JobManager, and in one class loader. That one may be of several jobs where the jar is among
 * Flink's own: therefore the job's token. Those of sources have a thread of their own, in which they are told.
 */
class Ends implements Serializable {
  private static final long serialVersionUID = 1;
  private static final Map<String, Map<Integer, Member>> JOBS = new HashMap<>();

  /** A source, or a committer. Any thread may call its methods. */
  interface Member {
    /** All of its instances have read, or were given, all that there is. */
    boolean hasEnded();

    /** And nothing is left to do but to end. */
    boolean isDone();

    /** All members have ended, and one that is not done is asked to have a checkpoint taken. It may be asked again. */
    void last();

    /** All members are done: its tasks may end. */
    void release();
  }

  private final String job;
  private final int count;

  Ends(String job, int count) {
    this.job = job;
    this.count = count;
  }

  /** A member begins, instead of the one that the stage may have had before. */
  void begins(int stage, Member m) {
    synchronized (JOBS) {
      JOBS.computeIfAbsent(job, none -> new HashMap<>()).put(stage, m);
    }
  }

  /** A member is over. */
  void leaves(int stage, Member m) {
    synchronized (JOBS) {
      Map<Integer, Member> all = JOBS.get(job);
      if (all != null && all.remove(stage, m) && all.isEmpty()) {
        JOBS.remove(job);
      }
    }
  }

  /** Has the members go on if all have ended. */
  void look() {
    List<Member> all;
    synchronized (JOBS) {
      Map<Integer, Member> known = JOBS.get(job);
      if (known == null || known.size() != count) {
        return;
      }
      all = new ArrayList<>(known.values());
    }
    if (!all.stream().allMatch(Member::hasEnded)) {
      return;
    }
    for (Member m : all) { // with no lock: it has others ask for theirs
      if (!m.isDone()) {
        m.last();
        return;
      }
    }
    all.forEach(Member::release);
  }
}
