import java.nio.file.Files;
import java.nio.file.Path;

import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.http.server.HttpFSServerWebServer;
import org.apache.hadoop.security.ssl.SSLFactory;

/**
 * HttpFS, the gateway to an HDFS, as package javaserver runs it.
 *
 * Its settings are core-site.xml, hdfs-site.xml and httpfs-site.xml of the working directory, and properties of the JVM whose names begin with
 * "httpfs.". Whom NameNodes take it for is the property HADOOP_USER_NAME.
 */
public class HttpFs {
  public static void main(String[] args) throws Exception {
    Thread.currentThread().setUncaughtExceptionHandler((main, e) -> { // other threads would go on
      e.printStackTrace();
      Runtime.getRuntime().halt(1);
    });
    Path here = Path.of(System.getProperty("user.dir"));
    for (String of : new String[] {"home", "config", "log", "temp"}) {
      System.setProperty("httpfs." + of + ".dir", here.toString());
    }
    Configuration conf = new Configuration(true);
    conf.set("hadoop.tmp.dir", here.toString());
    for (String name : new String[] {"core-site.xml", "httpfs-site.xml"}) {
      if (Files.exists(here.resolve(name))) {
        conf.addResource(here.resolve(name).toUri().toURL());
      }
    }
    for (String name : System.getProperties().stringPropertyNames()) {
      if (name.startsWith("httpfs.")) {
        conf.set(name, System.getProperty(name));
      }
    }
    var make = HttpFSServerWebServer.class.getDeclaredConstructor(Configuration.class, Configuration.class);
    make.setAccessible(true); // its own main would not say when it serves
    HttpFSServerWebServer server = make.newInstance(conf, SSLFactory.readSSLConfiguration(conf, SSLFactory.Mode.SERVER));
    server.start();
    System.out.println("READY");
    System.out.flush();
    while (System.in.read() >= 0) {
      // It takes no commands.
    }
    Runtime.getRuntime().halt(0);
  }
}
