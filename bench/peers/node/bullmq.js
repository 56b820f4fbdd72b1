// BullMQ's producer and worker: addBulk, results as return values in the queue's events.
//
// Usage: bullmq.js producer|worker SOCKET CONCURRENCY
'use strict';

const { Queue, QueueEvents, Worker } = require('bullmq');
const { handle, repeat } = require('./repetition.js');

const TOGETHER_MAX = 500;
// An event that is trimmed before it was read would be a missing answer; a task has about four.
const EVENTS_MAX = 100000;

const [role, socket, concurrency] = process.argv.slice(2);
const connection = { path: socket, maxRetriesPerRequest: null };
const name = `tasks-${concurrency}`;

async function produce() {
    const queue = new Queue(name, { connection, streams: { events: { maxLen: EVENTS_MAX } } });
    const events = new QueueEvents(name, { connection });
    await Promise.all([queue.waitUntilReady(), events.waitUntilReady()]);
    const opts = { removeOnComplete: true };
    const take = repeat((bodies) =>
        queue.addBulk(bodies.map((data) => ({ name: 'change', data, opts }))), TOGETHER_MAX);
    events.on('completed', ({ returnvalue }) => take(returnvalue));
    events.on('failed', ({ failedReason }) => take(failedReason));
}

async function work() {
    const worker = new Worker(name, async (task) => handle(task.data),
        { connection, concurrency: Number(concurrency) });
    worker.on('error', (error) => console.error(error));
    await worker.waitUntilReady();
    console.log('ready');
}

if (role === 'worker') {
    work();
} else {
    produce();
}
