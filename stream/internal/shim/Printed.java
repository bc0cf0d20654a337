package org.freshet;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a worker prints: logged, and the last of it kept for errors. A thread of its own reads it. */
class Printed {
  /** How many lines are kept, and how long one may be. */
  private static final int LINES = 30;

  private static final int WIDTH = 1000;

  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  private final String name;
  private final Thread listener;
  private final ArrayDeque<String> lines = new ArrayDeque<>();
  /** What a Go program's end begins with. The stacks of its goroutines, which follow, may be longer than what is kept. */
  private String fatal;

  Printed(InputStream from, String name) {
    this.name = name;
    listener = new Thread(() -> listen(from), "freshet what a worker of " + name + " prints");
    listener.setDaemon(true);
    listener.start();
  }

  private void listen(InputStream from) {
    StringBuilder line = new StringBuilder();
    try (BufferedReader in = new BufferedReader(new InputStreamReader(from, StandardCharsets.UTF_8))) {
      for (int c; (c = in.read()) >= 0;) {
        if (c == '\n') {
          keep(line);
        } else if (line.length() < WIDTH) {
          line.append((char) c);
        }
      }
    } catch (IOException e) {
      // it is gone
    }
    if (line.length() > 0) {
      keep(line);
    }
  }

  private void keep(StringBuilder text) {
    String line = text.toString();
    text.setLength(0);
    LOG.info("{}: {}", name, line);
    synchronized (lines) {
      if (fatal == null && (line.startsWith("panic:") || line.startsWith("fatal error:"))) {
        fatal = line;
      }
      lines.add(line);
      if (lines.size() > LINES) {
        lines.remove();
      }
    }
  }

  /** Waits a moment for what a worker that has ended may have printed at its end. */
  void await() throws InterruptedException {
    listener.join(1000);
  }

  /** What was printed last, as the end of a sentence, or what to say if that is nothing. */
  String last(String nothing) {
    synchronized (lines) {
      if (lines.isEmpty()) {
        return nothing;
      }
      StringBuilder b = new StringBuilder(", and has printed last");
      if (fatal != null && !lines.contains(fatal)) {
        b.append('\n').append(fatal).append("\n...");
      }
      for (String line : lines) {
        b.append('\n').append(line);
      }
      return b.toString();
    }
  }
}
