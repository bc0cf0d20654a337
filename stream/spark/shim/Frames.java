package org.freshet;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import scala.Tuple2;

/** What a worker sends, while it is handed what there is for it. No more is in memory than a few frames. */
class Frames implements Iterator<Tuple2<Place, byte[]>>, Worker.Output {
  Worker worker;

  private final TaskContext task;
  private final int sender;
  private final Iterator<Tuple2<Place, byte[]>> in;
  private final Targets targets;
  private final ArrayDeque<Tuple2<Place, byte[]>> ready = new ArrayDeque<>();
  /** How far each lane has been told, by edge and instance. */
  private final Map<Long, Long> told = new HashMap<>();

  private long number;

  Frames(TaskContext task, int sender, Iterator<Tuple2<Place, byte[]>> in, Targets targets) {
    this.task = task;
    this.sender = sender;
    this.in = in;
    this.targets = targets;
  }

  private static long lane(int edge, int to) {
    return ((long) edge << 32) | to;
  }

  @Override
  public void frame(int edge, int to, byte[] message, int from) throws WorkerException {
    byte[] frame = Arrays.copyOfRange(message, from, message.length);
    long watermark = told.getOrDefault(lane(edge, to), Long.MIN_VALUE);
    ready.add(new Tuple2<>(new Place(targets.partition(edge, to), watermark, edge, sender, number++), frame));
  }

  @Override
  public void advance(int edge, int to, long watermark) {
    told.put(lane(edge, to), watermark);
  }

  @Override
  public boolean hasNext() {
    try {
      while (ready.isEmpty()) {
        if (!goesOn()) {
          return false;
        }
      }
      return true;
    } catch (Exception e) {
      throw Frames.<RuntimeException>thrown(e);
    }
  }

  /** Does the next thing. It reports whether more may come. */
  private boolean goesOn() throws Exception {
    if (task.isInterrupted()) {
      throw new InterruptedException("the task is not wanted any more");
    }
    if (worker.drain(1)) {
      return true;
    }
    if (worker.hasEnded()) { // which it says behind all that it has sent
      return false;
    }
    if (worker.hasRoom() && in.hasNext()) {
      worker.frame(in.next()._2);
    } else {
      worker.next();
    }
    return true;
  }

  /** Throws what an Iterator may not declare, as it is: Spark says it to the client. */
  @SuppressWarnings("unchecked")
  private static <E extends Exception> E thrown(Exception e) throws E {
    throw (E) e;
  }

  @Override
  public Tuple2<Place, byte[]> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ready.poll();
  }

  /** Is called when the attempt is over, whatever has become of it. */
  void close() {
    if (task.isInterrupted() || task.isFailed()) {
      worker.kill();
    }
    try {
      worker.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
