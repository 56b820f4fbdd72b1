// The tasks that every producer sends, what every handler does, and the books on the answers: each
// exactly once, with the contents that its task asks for. The same as clients/repetition.hpp.
'use strict';

const readline = require('node:readline');

const BODY_LENGTH = 100;
const RUN_DIGITS = 8;
const NUMBER_DIGITS = 12;
const HEAD = RUN_DIGITS + NUMBER_DIGITS;
const LETTERS = 26;
const PATIENCE_MS = 60000;

const tails = Array.from({ length: LETTERS }, (_, first) =>
    Array.from({ length: BODY_LENGTH - HEAD - 1 }, (_, i) =>
        String.fromCharCode('a'.charCodeAt(0) + (first + i) % LETTERS)).join(''));

function bodyOf(run, number, last) {
    return String(run).padStart(RUN_DIGITS, '0') + String(number).padStart(NUMBER_DIGITS, '0') +
        tails[number % LETTERS] + last;
}

// The handler of every peer.
function handle(body) {
    return body.slice(0, -1) + '!';
}

// One timed run. `send` gets lists of bodies, of `together` tasks, as soon as so many fit into the
// window; take() gets the answers.
class Repetition {
    constructor({ run, window, seconds, together, send }) {
        Object.assign(this, { run, window, together, send });
        this.sent = 0;
        this.right = 0;
        this.wrong = 0;
        this.seen = new Uint8Array(1024);
        this.latencies = [];
        this.start = performance.now();
        this.until = this.start + seconds * 1000;
        this.finished = new Promise((resolve) => { this.finish = resolve; });
        this.timer = setTimeout(this.finish, seconds * 1000 + PATIENCE_MS);
    }

    outstanding() {
        return Math.max(0, this.sent - this.right - this.wrong);
    }

    fill() {
        while (this.outstanding() + this.together <= this.window &&
               performance.now() < this.until) {
            this.sentAt = performance.now();
            const bodies = [];
            while (bodies.length < this.together) {
                bodies.push(bodyOf(this.run, this.sent++, '.'));
            }
            this.send(bodies);
        }
        if (this.outstanding() === 0) {
            this.finish();
        }
    }

    take(answer) {
        if (this.window === 1) {
            this.latencies.push((performance.now() - this.sentAt) * 1000);
        }
        if (this.isRight(answer)) {
            ++this.right;
        } else {
            ++this.wrong;
        }
        this.fill();
    }

    isRight(answer) {
        const number = Number(String(answer).slice(RUN_DIGITS, HEAD));
        if (!(number < this.sent) || answer !== bodyOf(this.run, number, '!')) {
            return false;
        }
        while (number >= this.seen.length) {
            const larger = new Uint8Array(this.seen.length * 2);
            larger.set(this.seen);
            this.seen = larger;
        }
        const isFirst = this.seen[number] === 0;
        this.seen[number] = 1;
        return isFirst;
    }

    // The clock stops here. Wrong is what has no right answer, or one too many.
    report() {
        const seconds = (performance.now() - this.start) / 1000;
        clearTimeout(this.timer);
        const wrong = Math.max(this.sent, this.right + this.wrong) - this.right;
        const figures = { tasks: this.right, seconds, wrong };
        if (this.latencies.length > 0) {
            this.latencies.sort((a, b) => a - b);
            const quantile = (share) =>
                this.latencies[Math.ceil(share * this.latencies.length) - 1];
            Object.assign(figures, { p50_us: quantile(0.5), p99_us: quantile(0.99) });
        }
        return figures;
    }
}

// A producer's life: for each line "window seconds" on stdin one repetition, and a line of JSON.
// Returns what takes the answers.
function repeat(send, togetherMax = 1) {
    let repetition;
    async function serve() {
        let run = 0;
        for await (const line of readline.createInterface({ input: process.stdin })) {
            const [window, seconds] = line.split(' ').map(Number);
            // A quarter of the window at once, so that the workers have something meanwhile.
            const together = Math.min(togetherMax, Math.max(1, Math.floor(window / 4)));
            repetition = new Repetition({ run: run++, window, seconds, together, send });
            repetition.fill();
            await repetition.finished;
            console.log(JSON.stringify(repetition.report()));
        }
    }
    serve();
    return (answer) => repetition.take(answer);
}

module.exports = { handle, repeat };
