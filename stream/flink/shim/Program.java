package org.freshet;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import org.apache.flink.api.common.functions.RuntimeContext;

/** The program that workers run. It is in the jar, and lies in a file while the job has tasks in this process: a class loader of Flink's is of one job. */
final class Program {
  private static Path file;

  private Program() {}

  /** Returns the file, and writes it first where it is not there. */
  static synchronized Path file(Plan plan, RuntimeContext context, String folder) throws IOException {
    if (file != null && Files.isExecutable(file)) {
      return file;
    }
    plan.fits("task manager");
    Path dir = Files.createTempDirectory(Files.createDirectories(Paths.get(folder)), "freshet-");
    Path to = dir.resolve("worker");
    try (InputStream in = Program.class.getResourceAsStream("/freshet/program")) {
      if (in == null) {
        throw new IOException("the jar has no program");
      }
      Files.copy(in, to);
    } catch (IOException e) {
      Files.deleteIfExists(to);
      Files.deleteIfExists(dir);
      throw e;
    }
    if (!to.toFile().setExecutable(true, true)) {
      throw new IOException(to + " cannot be made executable");
    }
    context.registerUserCodeClassLoaderReleaseHookIfAbsent("freshet program", Program::remove);
    file = to;
    return to;
  }

  private static synchronized void remove() {
    if (file == null) {
      return;
    }
    File dir = file.getParent().toFile();
    file.toFile().delete();
    dir.delete();
    file = null;
  }
}
