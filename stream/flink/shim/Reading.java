package org.freshet;

import java.io.Serializable;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * The source of a stage that reads. Partitions are dealt out by the plan, and how far they were read is in the state of the operator
 * behind it: there is nothing to assign, and nothing for the reader to save.
 */
class Reading implements Source<byte[], Reading.None, Boolean>, Serializable {
  private static final long serialVersionUID = 1;

  private final Ends ends;
  private final int id;
  private final int instances;

  Reading(Ends ends, int id, int instances) {
    this.ends = ends;
    this.id = id;
    this.instances = instances;
  }

  /** From a reader: it has read all. To a reader: all readers of the job have, and it may end. */
  static class Ended implements SourceEvent {
    private static final long serialVersionUID = 1;
  }

  static class None implements SourceSplit {
    @Override
    public String splitId() {
      return "none";
    }
  }

  @Override
  public Boundedness getBoundedness() {
    return Boundedness.CONTINUOUS_UNBOUNDED;
  }

  @Override
  public SourceReader<byte[], None> createReader(SourceReaderContext c) {
    return new Reader(c);
  }

  /** Lets the worker's frames leave by the operator behind the source, which the reader drains. */
  static class Reader implements SourceReader<byte[], None> {
    private final SourceReaderContext context;
    private Stage stage;
    private boolean told;
    private volatile boolean released;
    private final Object lock = new Object();
    private CompletableFuture<Void> available = new CompletableFuture<>();

    Reader(SourceReaderContext context) {
      this.context = context;
    }

    @Override
    public void start() {
      stage = Stage.OPENED.get();
      if (stage == null) {
        throw new IllegalStateException("the source is not in the task of its operator");
      }
      Stage.OPENED.remove();
      try {
        stage.start(this::wake);
      } catch (Exception e) {
        throw new RuntimeException(e);
      }
    }

    @Override
    public InputStatus pollNext(ReaderOutput<byte[]> output) throws Exception {
      boolean some = stage.worker.drain(1);
      if (stage.worker.isReady()) {
        return InputStatus.MORE_AVAILABLE;
      }
      if (stage.worker.hasEnded()) {
        if (!told) {
          told = true;
          context.sendSourceEventToCoordinator(new Ended());
        }
        return released ? InputStatus.END_OF_INPUT : InputStatus.NOTHING_AVAILABLE;
      }
      return some ? InputStatus.MORE_AVAILABLE : InputStatus.NOTHING_AVAILABLE;
    }

    @Override
    public void handleSourceEvents(SourceEvent e) {
      released = true;
      wake();
    }

    /** Any thread may call it. */
    private void wake() {
      synchronized (lock) {
        available.complete(null);
      }
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
      synchronized (lock) {
        if (stage.worker.isReady() || released && told) {
          return CompletableFuture.completedFuture(null);
        }
        if (available.isDone()) {
          available = new CompletableFuture<>();
        }
        return available;
      }
    }

    @Override
    public List<None> snapshotState(long id) {
      return Collections.emptyList();
    }

    @Override
    public void addSplits(List<None> splits) {}

    @Override
    public void notifyNoMoreSplits() {}

    @Override
    public void close() {}
  }

  @Override
  public SplitEnumerator<None, Boolean> createEnumerator(SplitEnumeratorContext<None> c) {
    return new Enumerator(c);
  }

  @Override
  public SplitEnumerator<None, Boolean> restoreEnumerator(SplitEnumeratorContext<None> c, Boolean state) {
    return new Enumerator(c);
  }

  /** Keeps which readers have ended. All but what is of Ends.Member is for the coordinator's thread. */
  class Enumerator implements SplitEnumerator<None, Boolean>, Ends.Member {
    private final SplitEnumeratorContext<None> context;
    private final BitSet ended = new BitSet();
    private final BitSet told = new BitSet();

    Enumerator(SplitEnumeratorContext<None> context) {
      this.context = context;
    }

    @Override
    public void start() {
      ends.begins(id, this);
    }

    @Override
    public void handleSourceEvent(int reader, SourceEvent e) {
      synchronized (ended) {
        ended.set(reader);
      }
      ends.look();
    }

    @Override
    public boolean hasEnded() {
      synchronized (ended) {
        return ended.cardinality() == instances;
      }
    }

    @Override
    public boolean isDone() {
      return hasEnded();
    }

    @Override
    public void last() {}

    /** Has the readers told that they may end. */
    @Override
    public void release() {
      try {
        context.runInCoordinatorThread(this::tell);
      } catch (RejectedExecutionException e) {
        // The source is being closed, or reset, and its readers will say again that they have ended.
      }
    }

    private void tell() {
      for (int i = 0; i < instances; i++) {
        boolean has;
        synchronized (ended) {
          has = ended.get(i);
        }
        if (has && !told.get(i) && context.registeredReaders().containsKey(i)) { // one that is started again asks again
          told.set(i);
          context.sendEventToSourceReader(i, new Ended());
        }
      }
    }

    @Override
    public void handleSplitRequest(int subtask, String host) {}

    @Override
    public void addSplitsBack(List<None> splits, int subtask) {}

    /** A reader begins, it may be again. */
    @Override
    public void addReader(int reader) {
      synchronized (ended) {
        ended.clear(reader);
      }
      told.clear(reader);
    }

    @Override
    public Boolean snapshotState(long checkpoint) {
      return true;
    }

    @Override
    public void close() {
      ends.leaves(id, this);
    }
  }

  @Override
  public SimpleVersionedSerializer<None> getSplitSerializer() {
    return new Empty<>(new None());
  }

  @Override
  public SimpleVersionedSerializer<Boolean> getEnumeratorCheckpointSerializer() {
    return new Empty<>(true);
  }

  /** Of what there is one of. */
  static class Empty<T> implements SimpleVersionedSerializer<T> {
    private final T one;

    Empty(T one) {
      this.one = one;
    }

    @Override
    public int getVersion() {
      return 1;
    }

    @Override
    public byte[] serialize(T v) {
      return new byte[0];
    }

    @Override
    public T deserialize(int version, byte[] b) {
      return one;
    }
  }
}
