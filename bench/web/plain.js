// Express and sharp as somebody would write it who knows them: clustered, uploads in memory, the
// picture made by sharp's own threads, names that are unique.
import cluster from 'node:cluster';
import crypto from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

if (cluster.isPrimary) {
  fs.mkdirSync('processed', { recursive: true });
  for (let i = 0; i < os.availableParallelism(); i++) cluster.fork();
  process.on('SIGTERM', () => process.exit(0));
} else {
  const [{ default: express }, { default: multer }, { default: sharp }] = await Promise.all(
    [import('express'), import('multer'), import('sharp')]);
  sharp.concurrency(1);
  const app = express();
  const upload = multer({ storage: multer.memoryStorage() });
  app.use(express.json());
  app.post('/process', (request, response) => {
    response.json({ result: request.body.numbers.map((start) => {
      let n = start;
      for (let i = 0; i < 1e6; i++) n = (n * 17 + 13) % 99991;
      return n;
    }) });
  });
  app.post('/upload', upload.single('image'), async (request, response) => {
    const output = path.join('processed', `output-${crypto.randomUUID()}.jpg`);
    await sharp(request.file.buffer).rotate().resize({ width: 800, withoutEnlargement: true })
      .jpeg({ quality: 80 }).toFile(output);
    response.json({ message: 'Image processed successfully!', resultPath: output });
  });
  app.get('/readyz', (_, response) => response.json({ status: 'ready' }));
  app.listen(Number(process.env.PORT), '127.0.0.1');
}
