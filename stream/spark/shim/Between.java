package org.freshet;

import java.io.Serializable;
import scala.runtime.AbstractFunction1;

/** The partitions from one up to another one. */
class Between extends AbstractFunction1<Object, Object> implements Serializable {
  private static final long serialVersionUID = 1;

  private final int from;
  private final int to;

  Between(int from, int to) {
    this.from = from;
    this.to = to;
  }

  @Override
  public Object apply(Object partition) {
    int p = (Integer) partition;
    return p >= from && p < to;
  }
}
