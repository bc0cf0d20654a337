package org.freshet;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.runtime.operators.coordination.CoordinationResponse;
import org.apache.flink.runtime.operators.coordination.CoordinatorStore;

/**
 * Which start of a committer has opened. It is what the coordinators of a committer and of its writers have in common. Starts have numbers, and those of
 * tasks that frames connect are the same: Flink starts these again together.
 */
class Opened {
  private static final class Waiter {
    final int start;
    final CompletableFuture<CoordinationResponse> answer = new CompletableFuture<>();

    Waiter(int start) {
      this.start = start;
    }
  }

  private final List<Waiter> waiters = new ArrayList<>();
  private int opened = -1;

  /** Returns that of a stage, of the coordinators of one job. */
  static Opened of(CoordinatorStore store, int stage) {
    Object key = "freshet committer " + stage;
    store.putIfAbsent(key, new Opened());
    return (Opened) store.get(key);
  }

  /** The committer has opened: what is of earlier runs is committed or dropped. */
  synchronized void opens(int start) {
    opened = Math.max(opened, start);
    for (Iterator<Waiter> all = waiters.iterator(); all.hasNext();) {
      Waiter w = all.next();
      if (w.start <= opened) {
        all.remove();
        answer(w);
      }
    }
  }

  /** Answers, with nothing, when the committer of this start has opened. */
  synchronized CompletableFuture<CoordinationResponse> when(int start) {
    Waiter w = new Waiter(start);
    if (start <= opened) {
      answer(w);
    } else {
      waiters.add(w);
    }
    return w.answer;
  }

  private void answer(Waiter w) {
    if (w.start == opened) {
      w.answer.complete(null);
    } else {
      w.answer.completeExceptionally(new IllegalStateException("the task has been started again"));
    }
  }
}
