package org.freshet;

import java.util.Iterator;
import org.apache.spark.api.java.function.FlatMapFunction2;
import scala.Tuple2;

/** Merges what two stages have sent to one instance, each in the order of Place. */
class Merged implements FlatMapFunction2<Iterator<Tuple2<Place, byte[]>>, Iterator<Tuple2<Place, byte[]>>, Tuple2<Place, byte[]>> {
  private static final long serialVersionUID = 1;

  @Override
  public Iterator<Tuple2<Place, byte[]>> call(Iterator<Tuple2<Place, byte[]>> left, Iterator<Tuple2<Place, byte[]>> right) {
    Place.Order order = new Place.Order();
    return new Iterator<Tuple2<Place, byte[]>>() {
      private Tuple2<Place, byte[]> a = after(left);
      private Tuple2<Place, byte[]> b = after(right);

      private Tuple2<Place, byte[]> after(Iterator<Tuple2<Place, byte[]>> of) {
        return of.hasNext() ? of.next() : null;
      }

      @Override
      public boolean hasNext() {
        return a != null || b != null;
      }

      @Override
      public Tuple2<Place, byte[]> next() {
        Tuple2<Place, byte[]> next;
        if (b == null || a != null && order.compare(a._1, b._1) <= 0) {
          next = a;
          a = after(left);
        } else {
          next = b;
          b = after(right);
        }
        return next;
      }
    };
  }
}
