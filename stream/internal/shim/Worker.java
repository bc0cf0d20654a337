package org.freshet;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A process that drives one instance of a stage: the messages of package internal/worker, which says what each means. All
 * methods are for the task's thread. A thread of its own reads what the worker says into a bounded queue, so that neither side waits for
 * the other for ever.
 */
class Worker implements Closeable {
  static final int WINDOW = 16;
  static final int MAX_MESSAGE = 64 << 20;
  static final int PIECE = 1 << 20;
  /** How many bytes stand in front of a frame that a worker sends: four each, the edge and the instance that it is for. */
  static final int HEAD = 8;
  /** How many bytes of what a worker has sent may wait. A message that is longer waits alone. */
  private static final int MOST = 8 << 20;
  /** How long a program may take to come to Run. */
  private static final int MINUTES = 5;

  /** Takes the frames that a worker sends. */
  interface Output {
    /** The frame is what stands in the message from a place on. It is not copied, and the message is the callee's. */
    void frame(int edge, int to, byte[] message, int from) throws Exception;

    /** Is called in a bounded job, behind the frame that tells an instance a watermark. */
    default void advance(int edge, int to, long watermark) throws Exception {}
  }

  private static final class Message {
    final byte kind;
    final byte[] body;

    Message(byte kind, byte[] body) {
      this.kind = kind;
      this.body = body;
    }
  }

  private final Process process;
  private final DataOutputStream to;
  private final BlockingQueue<Message> queue = new LinkedBlockingQueue<>(64);
  private final Semaphore room = new Semaphore(MOST);
  private final CountDownLatch come = new CountDownLatch(1);
  private final Thread reader;
  private final Printed printed;
  private final Output output;
  private final String run;
  private final Runnable available;
  private volatile String failure;

  private boolean opened;
  private boolean ended;
  private int underWay;
  private long reached;
  private long saved;
  private long committed;
  /** Of the checkpoint that is under way, in the pieces in which they came. */
  private TreeMap<Integer, List<byte[]>> groups = new TreeMap<>();
  private List<byte[]> rest = new ArrayList<>();

  /** Starts a worker. Available is called by another thread when there is something to drain. */
  Worker(Path program, Plan plan, String name, Output output, Runnable available) throws IOException {
    String token = UUID.randomUUID().toString();
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(plan.arguments);
    ProcessBuilder b = new ProcessBuilder(command);
    b.environment().putAll(plan.environment);
    b.environment().put("FRESHET_WORKER", token);
    File folder = new File(plan.folder);
    if (folder.isDirectory()) {
      b.directory(folder);
    }
    this.output = output;
    this.run = plan.run;
    this.available = available;
    process = start(b);
    to = new DataOutputStream(new BufferedOutputStream(process.getOutputStream(), 1 << 16));
    DataInputStream from = new DataInputStream(new BufferedInputStream(process.getInputStream(), 1 << 16));
    printed = new Printed(process.getErrorStream(), name);
    reader = new Thread(() -> read(from, token), "freshet worker of " + name);
    reader.setDaemon(true);
    reader.start();
  }

  /** Starts the process. While another thread of this process starts one, that may hold the program's file open for writing for a moment: "text file busy". */
  private static Process start(ProcessBuilder b) throws IOException {
    for (int i = 0;; i++) {
      try {
        return b.start();
      } catch (IOException e) {
        if (i == 20 || !String.valueOf(e.getMessage()).contains("error=26")) {
          throw new WorkerException("it cannot be started: " + e.getMessage());
        }
      }
      try {
        Thread.sleep(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
  }

  /** Says why a worker is gone that has not said so by a message. */
  private String gone() {
    StringBuilder why = new StringBuilder("it has ended");
    try {
      if (process.waitFor(2, TimeUnit.SECONDS)) {
        why.append(" with status ").append(process.exitValue());
      } else {
        why.append(" its output");
      }
      printed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return why.append(printed.last(" without a word")).toString();
  }

  private void read(DataInputStream from, String token) {
    try {
      begins(from, token + "\n");
      come.countDown();
      for (;;) {
        int n = from.readInt();
        if (n < 1 || n > MAX_MESSAGE) {
          throw new IOException("a message of " + n + " bytes");
        }
        byte kind = from.readByte();
        room.acquire(Math.min(n, MOST));
        byte[] body = new byte[n - 1];
        from.readFully(body);
        queue.put(new Message(kind, body));
        available.run();
      }
    } catch (EOFException e) {
      failure = gone();
    } catch (IOException e) {
      failure = e.getMessage();
    } catch (InterruptedException e) {
      failure = "closed";
    } catch (Throwable e) { // without a failure the task would wait for ever
      failure = "what it sends cannot be read: " + e;
    }
    come.countDown();
    available.run();
  }

  /** Reads up to the token: what the program prints before is none of ours. */
  private void begins(InputStream from, String token) throws IOException {
    StringBuilder line = new StringBuilder();
    for (long n = 0;; n++) {
      int c = from.read();
      if (c < 0 || n > 1 << 20) {
        throw new IOException("the program has not come to " + run + ": it has to with the same arguments at each start; " + gone());
      }
      line.append((char) c);
      if (c != '\n') {
        continue;
      }
      if (line.toString().endsWith(token)) {
        return;
      }
      line.setLength(0);
    }
  }

  /** Opens the instance, with the state that it goes on from. */
  void open(String request, Map<Integer, byte[]> groups, List<byte[]> rests) throws Exception {
    comes();
    try {
      send('O', request.getBytes(StandardCharsets.UTF_8));
      for (Map.Entry<Integer, byte[]> g : groups.entrySet()) {
        byte[] data = g.getValue();
        for (int at = 0; at < data.length; at += PIECE) {
          int n = Math.min(PIECE, data.length - at);
          send('G', ByteBuffer.allocate(2 + n).putShort(g.getKey().shortValue()).put(data, at, n).array());
        }
      }
      for (byte[] data : rests) {
        int at = 0;
        do {
          int n = Math.min(PIECE, data.length - at);
          byte[] piece = new byte[n];
          System.arraycopy(data, at, piece, 0, n);
          send(at == 0 ? 'R' : '+', piece);
          at += n;
        } while (at < data.length);
      }
      send('B', new byte[0]);
      to.flush();
    } catch (IOException e) {
      broken(e);
    }
    while (!opened) {
      next();
    }
  }

  /** Waits until the program has come to Run. Before it has, it reads nothing, and what is sent may fill a pipe. */
  private void comes() throws Exception {
    boolean has = false;
    try {
      has = come.await(MINUTES, TimeUnit.MINUTES);
    } finally {
      if (!has) {
        process.destroyForcibly(); // it does not see that its input has ended
      }
    }
    if (!has) {
      throw new WorkerException("the program has not come to " + run + " in " + MINUTES + " minutes: what stands in front of that is done at each start"
          + printed.last(", and it has printed nothing"));
    }
  }

  private void send(int kind, byte[] body) throws IOException {
    send(kind, body, 0);
  }

  private void send(int kind, byte[] body, int from) throws IOException {
    to.writeInt(body.length - from + 1);
    to.writeByte(kind);
    to.write(body, from, body.length - from);
  }

  /** Waits for what the worker has said last: it is gone. */
  private void broken(IOException cause) throws Exception {
    for (int i = 0; i < 100; i++) {
      Message m = taken(queue.poll(100, TimeUnit.MILLISECONDS));
      if (m != null) {
        handle(m);
      } else if (failure != null && queue.isEmpty()) {
        break;
      }
    }
    throw new WorkerException(failure != null ? failure : cause.toString());
  }

  /** Waits for a message and deals with it. */
  void next() throws Exception {
    Message m = taken(queue.poll());
    while (m == null) {
      if (failure != null && queue.isEmpty()) {
        throw new WorkerException(failure);
      }
      m = taken(queue.poll(50, TimeUnit.MILLISECONDS));
    }
    handle(m);
  }

  /** Makes room for other messages where there is one. */
  private Message taken(Message m) {
    if (m != null) {
      room.release(Math.min(m.body.length + 1, MOST));
    }
    return m;
  }

  private void handle(Message m) throws Exception {
    ByteBuffer b = ByteBuffer.wrap(m.body);
    switch (m.kind) {
      case 'F':
        int edge = b.getInt();
        int target = b.getInt();
        output.frame(edge, target, m.body, HEAD);
        break;
      case 'W':
        output.advance(b.getInt(), b.getInt(), b.getLong());
        break;
      case 'T':
        underWay -= b.getInt();
        break;
      case 'O':
        opened = true;
        break;
      case 'E':
        ended = true;
        break;
      case 'C':
        reached = b.getLong();
        forget();
        break;
      case 'G':
        int g = b.getShort();
        byte[] data = new byte[b.remaining()];
        b.get(data);
        groups.computeIfAbsent(g, none -> new ArrayList<>()).add(data);
        break;
      case 'R':
        rest = new ArrayList<>();
        rest.add(m.body);
        break;
      case '+':
        rest.add(m.body);
        break;
      case 'S':
        saved = b.getLong();
        break;
      case 'D':
        committed = b.getLong();
        break;
      case 'X':
        throw new WorkerException(new String(m.body, StandardCharsets.UTF_8));
      default:
        throw new WorkerException("message " + m.kind + ", which nobody knows");
    }
  }

  /** How long pieces are together. */
  static int length(String what, List<byte[]> pieces) throws IOException {
    long n = 0;
    for (byte[] p : pieces) {
      n += p.length;
    }
    if (n > Integer.MAX_VALUE - 8) {
      throw new WorkerException("the state of " + what + " is longer than two gigabytes");
    }
    return (int) n;
  }

  /** Deals with what is there, up to so many messages. It reports whether there was any. */
  boolean drain(int most) throws Exception {
    int n = 0;
    for (Message m; n < most && (m = taken(queue.poll())) != null; n++) {
      handle(m);
    }
    if (n == 0 && failure != null && queue.isEmpty()) {
      throw new WorkerException(failure);
    }
    return n > 0;
  }

  boolean isReady() {
    return !queue.isEmpty() || failure != null;
  }

  boolean hasEnded() {
    return ended;
  }

  /** A frame would be taken at once. */
  boolean hasRoom() {
    return underWay < WINDOW;
  }

  /** Hands a frame over, when there is room for it. */
  void frame(byte[] frame) throws Exception {
    frame(frame, 0);
  }

  /** Hands a frame over that stands in some bytes from a place on. */
  void frame(byte[] in, int from) throws Exception {
    while (!hasRoom()) {
      next();
    }
    underWay++;
    say('F', in, from);
  }

  private void say(int kind, byte[] body) throws Exception {
    say(kind, body, 0);
  }

  private void say(int kind, byte[] body, int from) throws Exception {
    try {
      send(kind, body, from);
      to.flush();
    } catch (IOException e) {
      broken(e);
    }
  }

  /** Has the worker send all that belongs to a checkpoint. */
  void barrier(long id) throws Exception {
    say('C', ByteBuffer.allocate(8).putLong(id).array());
    while (reached != id) {
      next();
    }
  }

  /** Waits for the state of the checkpoint whose barrier was last. */
  void save(long id) throws Exception {
    while (saved != id) {
      next();
    }
  }

  Map<Integer, List<byte[]>> groups() {
    return groups;
  }

  byte[] rest() throws IOException {
    ByteBuffer b = ByteBuffer.allocate(length("what belongs to no key", rest));
    rest.forEach(b::put);
    return b.array();
  }

  /** Lets go of the state of a checkpoint, which is in the heap a second time. */
  void forget() {
    groups = new TreeMap<>();
    rest = new ArrayList<>();
  }

  void durable(long id) throws Exception {
    say('D', ByteBuffer.allocate(8).putLong(id).array());
  }

  /** Waits until a committer has committed what a checkpoint holds that it was told of. */
  void committed(long id) throws Exception {
    while (committed < id) {
      next();
    }
  }

  /** Waits until the instance has sent all, where all that feeds it has ended. */
  void end() throws Exception {
    while (!ended) {
      next();
    }
  }

  /** Ends the worker at once. */
  void kill() {
    process.destroyForcibly();
  }

  /** Lets go of the worker, which then ends by itself; one that does not is killed. */
  @Override
  public void close() throws IOException {
    try {
      to.close();
    } catch (IOException e) {
      // it is gone
    }
    try {
      for (int i = 0; i < 200 && process.isAlive(); i++) {
        for (Message m; (m = queue.poll()) != null;) {
          taken(m); // the reader goes on to the end
        }
        process.waitFor(50, TimeUnit.MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      process.destroyForcibly();
      reader.interrupt();
    }
  }

  /** All pieces of a list as one. */
  static List<byte[]> list(Iterable<byte[]> all) {
    List<byte[]> to = new ArrayList<>();
    all.forEach(to::add);
    return to;
  }
}
