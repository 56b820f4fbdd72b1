// Node's cluster IPC: the primary sends to its two processes in turns, each task a message.
'use strict';

const cluster = require('node:cluster');
const { handle, repeat } = require('./repetition.js');

const WORKERS = 2;

function produce() {
    const workers = Array.from({ length: WORKERS }, () => cluster.fork());
    let next = 0;
    const take = repeat(([body]) => workers[next++ % WORKERS].send(body));
    cluster.on('message', (_worker, answer) => take(answer));
    cluster.on('exit', (_worker, code, signal) => {
        console.error(`a worker has ended: ${signal || code}`);
        process.exit(1);
    });
}

if (cluster.isPrimary) {
    produce();
} else {
    process.on('message', (body) => process.send(handle(body)));
}
