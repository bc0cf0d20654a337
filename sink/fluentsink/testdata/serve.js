// Serves the Forward protocol by @fluent-org/logger, and writes each entry as a line of JSON to a file:
//
//	serve.js MODULES PORT FILE '{"security": {...}, "tlsOptions": {...}}' '{"kind": "silent", "conns": 2}'
//
// The server acknowledges a chunk before it gives its entries out. So that a server that is killed has written
// what it has acknowledged, acknowledgements are held back for a turn of the loop. The last argument has the first
// connections go wrong, once they have been shaken hands with.
const fs = require("fs");
const [modules, port, file, options, faults] = process.argv.slice(2);
const { FluentServer } = require(modules + "/@fluent-org/logger");
const given = JSON.parse(options);
for (const name of ["cert", "key"])
  if (given.tlsOptions) given.tlsOptions[name] = fs.readFileSync(given.tlsOptions[name]);
const out = fs.openSync(file, "a");
const fault = JSON.parse(faults);

class Server extends FluentServer {
  conns = 0;
  handleConnection(socket) {
    const nth = this.conns++;
    console.log("connection " + nth);
    this.holdAcks(socket, nth < (fault.conns || 0) ? fault.kind : "");
    socket.on("error", () => {}); // it is killed, or we are
    return super.handleConnection(socket);
  }
  holdAcks(socket, kind) {
    const write = socket.write.bind(socket);
    let acks = 0;
    socket.write = (b) => {
      if (b[0] !== 0x81) return write(b); // of the handshake
      const nth = acks++;
      if (kind === "silent") return true;
      if (kind === "forgets one" && nth === 1) return true;
      if (kind === "another") b = Buffer.concat([b.subarray(0, b.length - 1), Buffer.from("!")]);
      if (kind === "half") b = b.subarray(0, 4);
      setImmediate(() => {
        if (kind === "hangs up" && nth === 1) return socket.destroy();
        if (!socket.destroyed && socket.writable) write(b);
        if (kind === "half") socket.destroy();
      });
      return true;
    };
    if (kind === "in the midst") {
      let read = 0;
      socket.on("data", (b) => {
        if ((read += b.length) > fault.after) socket.destroy();
      });
    }
  }
  onEntry(tag, time, record) {
    fs.writeSync(out, JSON.stringify({ Tag: tag, Seconds: time.epoch, Nanos: time.nano, ...record }) + "\n");
  }
}

const server = new Server({ ...given, listenOptions: { port: Number(port), host: "127.0.0.1" } });
server.listen().then(() => console.log("port " + server.port));
process.on("SIGTERM", () => {
  server.close(); // it says goodbye, and would wait until all clients have hung up
  setTimeout(() => process.exit(0), 50);
});
