// The recipe: cluster, and in each process a new worker thread for every request. As it is
// usually written down, result names by the millisecond clock included.
import cluster from 'node:cluster';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { fileURLToPath } from 'node:url';

const file = fileURLToPath(import.meta.url);

async function work() {
  if (workerData.numbers) {
    const result = workerData.numbers.map((start) => {
      let n = start;
      for (let i = 0; i < 1e6; i++) n = (n * 17 + 13) % 99991;
      return n;
    });
    parentPort.postMessage({ result });
    return;
  }
  const { default: sharp } = await import('sharp');
  const output = path.join('processed', `output-${Date.now()}.jpg`);
  await sharp(workerData.picture).resize({ width: 800 }).jpeg({ quality: 80 }).toFile(output);
  parentPort.postMessage({ message: 'Image processed successfully!', resultPath: output });
}

async function serve() {
  const { default: express } = await import('express');
  const { default: multer } = await import('multer');
  const app = express();
  const upload = multer({ dest: 'uploads/' });
  const inThread = (data, response, then = () => {}) => {
    const worker = new Worker(file, { workerData: data });
    worker.on('message', (answer) => { then(); response.json(answer); });
    worker.on('error', (error) => response.status(500).json({ error: error.message }));
  };
  app.use(express.json());
  app.post('/process', (request, response) => inThread({ numbers: request.body.numbers }, response));
  app.post('/upload', upload.single('image'), (request, response) => inThread(
    { picture: request.file.path }, response, () => fs.unlinkSync(request.file.path)));
  app.get('/readyz', (_, response) => response.json({ status: 'ready' }));
  app.listen(Number(process.env.PORT), '127.0.0.1');
}

if (!isMainThread) {
  await work();
} else if (cluster.isPrimary) {
  for (const folder of ['uploads', 'processed']) fs.mkdirSync(folder, { recursive: true });
  for (let i = 0; i < os.availableParallelism(); i++) cluster.fork();
  cluster.on('exit', () => cluster.fork());
  process.on('SIGTERM', () => { cluster.removeAllListeners('exit'); process.exit(0); });
} else {
  await serve();
}
