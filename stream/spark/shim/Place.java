package org.freshet;

import java.io.Externalizable;
import java.io.ObjectInput;
import java.io.ObjectOutput;
import java.io.Serializable;
import java.util.Comparator;

/**
 * Where a frame stands among all that are for one instance: by the watermark that its sender had told before, so that what the senders have is merged by
 * event time. The order of what one sender has sent stays.
 */
public class Place implements Externalizable {
  private static final long serialVersionUID = 1;

  /** Compares places of one partition. */
  static class Order implements Comparator<Place>, Serializable {
    private static final long serialVersionUID = 1;

    @Override
    public int compare(Place a, Place b) {
      int c = Long.compare(a.watermark, b.watermark);
      c = c != 0 ? c : Integer.compare(a.edge, b.edge);
      c = c != 0 ? c : Integer.compare(a.sender, b.sender);
      return c != 0 ? c : Long.compare(a.number, b.number);
    }
  }

  /** Of those that the sender's stage sends to, see Targets. */
  int partition;

  private long watermark;
  int edge;
  private int sender;
  private long number;

  /** For who reads it. */
  public Place() {}

  Place(int partition, long watermark, int edge, int sender, long number) {
    this.partition = partition;
    this.watermark = watermark;
    this.edge = edge;
    this.sender = sender;
    this.number = number;
  }

  @Override
  public void writeExternal(ObjectOutput out) throws java.io.IOException {
    out.writeInt(partition);
    out.writeLong(watermark);
    out.writeInt(edge);
    out.writeInt(sender);
    out.writeLong(number);
  }

  @Override
  public void readExternal(ObjectInput in) throws java.io.IOException {
    partition = in.readInt();
    watermark = in.readLong();
    edge = in.readInt();
    sender = in.readInt();
    number = in.readLong();
  }
}
