package org.freshet;

import java.io.Serializable;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.Source;
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
    return new Reader();
  }

  /** Lets the worker's frames leave by the operator behind the source, which the reader drains. */
  static class Reader implements SourceReader<byte[], None> {
    private Stage stage;
    private final Object lock = new Object();
    private CompletableFuture<Void> available = new CompletableFuture<>();

    @Override
    public void start() {
      stage = Stage.OPENED.get();
      if (stage == null) {
        throw new IllegalStateException("the source is not in the task of its operator");
      }
      Stage.OPENED.remove();
      try {
        stage.start(() -> {
          synchronized (lock) {
            available.complete(null);
          }
        });
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
        return InputStatus.END_OF_INPUT;
      }
      return some ? InputStatus.MORE_AVAILABLE : InputStatus.NOTHING_AVAILABLE;
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
      synchronized (lock) {
        if (stage.worker.isReady()) {
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
    return new Enumerator();
  }

  @Override
  public SplitEnumerator<None, Boolean> restoreEnumerator(SplitEnumeratorContext<None> c, Boolean state) {
    return new Enumerator();
  }

  static class Enumerator implements SplitEnumerator<None, Boolean> {
    @Override
    public void start() {}

    @Override
    public void handleSplitRequest(int subtask, String host) {}

    @Override
    public void addSplitsBack(List<None> splits, int subtask) {}

    @Override
    public void addReader(int subtask) {}

    @Override
    public Boolean snapshotState(long id) {
      return true;
    }

    @Override
    public void close() {}
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
