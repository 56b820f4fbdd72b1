// Node's worker_threads: the main thread posts to two others in turns, each task a message.
'use strict';

const { Worker, isMainThread, parentPort } = require('node:worker_threads');
const { handle, repeat } = require('./repetition.js');

const WORKERS = 2;

function produce() {
    const workers = Array.from({ length: WORKERS }, () => new Worker(__filename));
    let next = 0;
    const take = repeat(([body]) => workers[next++ % WORKERS].postMessage(body));
    for (const worker of workers) {
        worker.on('message', take);
    }
}

if (isMainThread) {
    produce();
} else {
    parentPort.on('message', (body) => parentPort.postMessage(handle(body)));
}
