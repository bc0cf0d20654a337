import java.io.BufferedReader;
import java.io.FileReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * A broker that is its own controller, by the file server.properties of its working directory, whose storage it
 * formats the first time: the only one, or one of several that the file names. It ends with its standard input, or properly by the command stop.
 */
public class Broker {
  public static void main(String[] args) throws Exception {
    Thread.currentThread().setUncaughtExceptionHandler((main, e) -> { // other threads would go on
      e.printStackTrace();
      Runtime.getRuntime().halt(1);
    });
    Properties properties = new Properties();
    try (FileReader file = new FileReader("server.properties")) {
      properties.load(file);
    }
    String data = properties.getProperty("log.dirs");
    if (!Files.exists(Path.of(data, "meta.properties"))) {
      new Formatter()
          .setPrintStream(new PrintStream(OutputStream.nullOutputStream()))
          .setNodeId(Integer.parseInt(properties.getProperty("node.id")))
          .setClusterId("ZnJlc2hldC1rYWZrYXRlc3Q")
          .setControllerListenerName("CONTROLLER")
          .setMetadataLogDirectory(data)
          .addDirectory(data)
          .run();
    }
    KafkaRaftServer server = new KafkaRaftServer(KafkaConfig.fromProps(properties, false), Time.SYSTEM);
    server.startup();
    System.out.println("READY");
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = commands.readLine()) != null; ) {
      if (line.equals("stop")) {
        server.shutdown();
        System.out.println("OK");
        break;
      }
      System.out.println("ERR there is no command " + line);
    }
    Runtime.getRuntime().halt(0);
  }
}
