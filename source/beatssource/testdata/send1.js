// Sends an event by lumberjack-protocol, which speaks version 1: port.
const lumberjack = require('lumberjack-protocol')
const client = lumberjack.client({host: '127.0.0.1', port: Number(process.argv[2]), rejectUnauthorized: false}, {reconnect: 60000})
client.on('disconnect', err => console.log('disconnected', err || ''))
client.writeDataFrame({line: 'GET / HTTP/1.1'})
