// Serves the built page with the fake gateway until it is stopped: node services/terminal/testing/serve.ts [PORT]
import { startFakeGateway } from './fake-gateway.ts';

const fake = await startFakeGateway({ port: Number(process.argv[2] ?? 0) });
process.stdout.write(`${fake.url}\n`);
process.once('SIGINT', () => void fake.close());
