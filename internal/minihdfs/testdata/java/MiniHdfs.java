import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.reflect.Field;
import java.net.URL;
import java.net.URLClassLoader;

import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.SafeModeAction;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.hdfs.DistributedFileSystem;
import org.apache.hadoop.hdfs.HdfsConfiguration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.hdfs.MiniDFSNNTopology;
import org.apache.hadoop.hdfs.server.namenode.NameNode;
import org.apache.hadoop.hdfs.server.namenode.NameNodeAdapter;
import org.apache.hadoop.security.UserGroupInformation;

/**
 * A NameNode, or two of which one stands by, and a DataNode in one process, as package javaserver runs it.
 *
 * Properties: rpc and http are ports of the first NameNode, rpc2 and http2 of the second one if there is one, and
 * conf.NAME is any setting NAME of Hadoop. Files are kept in the working directory. READY is followed by the DataNode's HTTP
 * address.
 */
public class MiniHdfs {
  private static MiniDFSCluster cluster;
  private static MiniDFSCluster.DataNodeProperties stopped;

  public static void main(String[] args) throws Exception {
    Thread.currentThread().setUncaughtExceptionHandler((main, e) -> { // other threads would go on
      e.printStackTrace();
      Runtime.getRuntime().halt(1);
    });
    java.util.logging.LogManager.getLogManager().reset(); // Jersey tells much
    // Files of settings that Hadoop looks for on the class path, ssl-server.xml and ssl-client.xml, are in the working directory.
    URL here = java.nio.file.Path.of(System.getProperty("user.dir")).toUri().toURL();
    Thread.currentThread().setContextClassLoader(new URLClassLoader(new URL[] {here}, MiniHdfs.class.getClassLoader()));
    HdfsConfiguration conf = new HdfsConfiguration();
    conf.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, System.getProperty("user.dir"));
    conf.set("dfs.namenode.rpc-bind-host", "127.0.0.1");
    conf.set("dfs.datanode.address", "127.0.0.1:0");
    conf.set("dfs.datanode.http.address", "127.0.0.1:0");
    conf.set("dfs.datanode.ipc.address", "127.0.0.1:0");
    conf.set("dfs.datanode.hostname", "127.0.0.1");
    conf.set("dfs.replication", "1");
    conf.set("dfs.namenode.fs-limits.min-block-size", "1024");
    conf.set("dfs.permissions.enabled", "true");
    conf.set("dfs.namenode.handler.count", "4");
    conf.set("dfs.datanode.handler.count", "4");
    conf.set("dfs.ha.tail-edits.period", "1s");
    for (String name : System.getProperties().stringPropertyNames()) {
      if (name.startsWith("conf.")) {
        conf.set(name.substring(5), System.getProperty(name));
      }
    }
    if ("kerberos".equals(conf.get("hadoop.security.authentication"))) {
      UserGroupInformation.setConfiguration(conf);
      UserGroupInformation.loginUserFromKeytab(conf.get("dfs.namenode.kerberos.principal"), conf.get("dfs.namenode.keytab.file"));
    }
    MiniDFSCluster.Builder builder = new MiniDFSCluster.Builder(conf).numDataNodes(1).checkDataNodeAddrConfig(true);
    boolean pair = System.getProperty("rpc2") != null;
    if (pair) {
      // The clients inside a DataNode that has been started again know no others.
      conf.set("dfs.nameservices", "shop");
      conf.set("dfs.ha.namenodes.shop", "nn1,nn2");
      conf.set("dfs.namenode.rpc-address.shop.nn1", "127.0.0.1:" + System.getProperty("rpc"));
      conf.set("dfs.namenode.rpc-address.shop.nn2", "127.0.0.1:" + System.getProperty("rpc2"));
      conf.set("dfs.client.failover.proxy.provider.shop", "org.apache.hadoop.hdfs.server.namenode.ha.ConfiguredFailoverProxyProvider");
      MiniDFSNNTopology.NSConf service = new MiniDFSNNTopology.NSConf("shop");
      service.addNN(new MiniDFSNNTopology.NNConf("nn1").setIpcPort(Integer.getInteger("rpc")).setHttpPort(Integer.getInteger("http")));
      service.addNN(new MiniDFSNNTopology.NNConf("nn2").setIpcPort(Integer.getInteger("rpc2")).setHttpPort(Integer.getInteger("http2")));
      builder.nnTopology(new MiniDFSNNTopology().addNameservice(service));
    } else {
      builder.nameNodePort(Integer.getInteger("rpc")).nameNodeHttpPort(Integer.getInteger("http"));
    }
    cluster = builder.build();
    if (pair) {
      cluster.transitionToActive(0);
    }
    cluster.waitActive();
    System.out.println("READY " + cluster.getDataNodes().get(0).getInfoPort());
    System.out.flush();
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = commands.readLine()) != null; ) {
      String answer = "OK " + line;
      try {
        run(line.trim().split(" "));
      } catch (Throwable e) {
        answer = "ERR " + e;
      }
      System.out.println(answer);
      System.out.flush();
    }
    Runtime.getRuntime().halt(0);
  }

  private static void run(String[] words) throws Exception {
    switch (words[0]) {
      case "safemode": // enter or leave
        fs().setSafeMode(words[1].equals("enter") ? SafeModeAction.ENTER : SafeModeAction.LEAVE);
        break;
      case "stop-datanode":
        stopped = cluster.stopDataNode(0);
        break;
      case "start-datanode":
        cluster.restartDataNode(stopped, true);
        cluster.waitActive();
        break;
      case "stop-namenode": // its number
        leaveWeb(cluster.getNameNode(Integer.parseInt(words[1])));
        cluster.shutdownNameNode(Integer.parseInt(words[1]));
        break;
      case "start-namenode":
        cluster.restartNameNode(Integer.parseInt(words[1]), false);
        break;
      case "active": // the number of the NameNode that is to be it
        int active = Integer.parseInt(words[1]);
        if (cluster.isNameNodeUp(1 - active)) {
          cluster.transitionToStandby(1 - active);
        }
        cluster.transitionToActive(active);
        cluster.waitActive(active);
        break;
      case "leases": // how many milliseconds a writer may be silent before others may end its file
        for (int i = 0; i < cluster.getNumNameNodes(); i++) {
          if (cluster.isNameNodeUp(i) && cluster.getNameNode(i).isActiveState()) { // others look after no leases
            NameNodeAdapter.setLeasePeriod(cluster.getNamesystem(i), Long.parseLong(words[1]), 1_200_000);
          }
        }
        break;
      case "owner": // a user and a directory, which is made, and its mode; without it is nobody else's
        Path dir = new Path(words[2]);
        fs().mkdirs(dir);
        fs().setOwner(dir, words[1], "staff");
        fs().setPermission(dir, new FsPermission(words.length > 3 ? Short.parseShort(words[3], 8) : 0700));
        break;
      default:
        throw new IllegalArgumentException("no such command");
    }
  }

  /**
   * A NameNode that is stopped stops its RPC server first, in whose queue calls by WebHDFS wait, too. They are never answered then, and Jetty would wait
   * half a minute for each part of it: a real one ends with its process.
   */
  private static void leaveWeb(NameNode node) throws Exception {
    Object web = node;
    for (String[] name : new String[][] {{"NameNode", "httpServer"}, {"NameNodeHttpServer", "httpServer"}, {"HttpServer2", "webServer"}}) {
      Class<?> type = web.getClass();
      while (!type.getSimpleName().equals(name[0])) {
        type = type.getSuperclass();
      }
      Field field = type.getDeclaredField(name[1]);
      field.setAccessible(true);
      web = field.get(web);
    }
    web.getClass().getMethod("setStopTimeout", long.class).invoke(web, 0L);
  }

  private static DistributedFileSystem fs() throws Exception {
    return cluster.getFileSystem(0);
  }
}
