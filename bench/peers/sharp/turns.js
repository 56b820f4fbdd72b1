// sharp in this one process, at its best: orders, one a line on stdin, each answered by a line.
//
//     {"write": FOLDER, "optimise": BOOL}   makes each photograph once, keeps it as what is right
//     {"seconds": S, "optimise": BOOL}      four on their way for S seconds; each compared with it
//
// Usage: UV_THREADPOOL_SIZE=4 node turns.js MODULES PHOTOS WIDTH QUALITY
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import readline from 'node:readline';

const [modules, folder, width, quality] = process.argv.slice(2);
const sharp = createRequire(path.join(modules, 'package.json'))('sharp');
const onTheirWay = Number(process.env.UV_THREADPOOL_SIZE);
sharp.concurrency(1);
sharp.cache(false);

const photos = fs.readdirSync(folder).filter((name) => name.endsWith('.jpg')).sort()
    .map((name) => ({ name, file: fs.readFileSync(path.join(folder, name)), right: {} }));

const resize = (photo, optimise) => sharp(photo.file).resize({ width: Number(width) })
    .jpeg({ quality: Number(quality), optimiseCoding: optimise }).toBuffer();

async function write({ write: to, optimise }) {
    for (const photo of photos) {
        photo.right[optimise] = await resize(photo, optimise);
        fs.writeFileSync(path.join(to, photo.name), photo.right[optimise]);
    }
    return { photos: photos.length, versions: { ...sharp.versions, node: process.versions.node } };
}

let next = 0;

// What is begun when the time is over is finished, and counts.
async function turn({ seconds, optimise }) {
    const begin = performance.now();
    const count = { right: 0, wrong: 0 };
    const one = async () => {
        while (performance.now() - begin < seconds * 1000) {
            const photo = photos[next++ % photos.length];
            const small = await resize(photo, optimise).catch(() => Buffer.alloc(0));
            count[small.equals(photo.right[optimise]) ? 'right' : 'wrong']++;
        }
    };
    await Promise.all(Array.from({ length: onTheirWay }, one));
    return { ...count, elapsed: (performance.now() - begin) / 1000 };
}

for await (const line of readline.createInterface({ input: process.stdin })) {
    const order = JSON.parse(line);
    console.log(JSON.stringify(await ('write' in order ? write(order) : turn(order))));
}
