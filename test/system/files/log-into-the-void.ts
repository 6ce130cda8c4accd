/** Logs to a stderr that its parent closes, until a moment later. */
import { setTimeout } from 'node:timers/promises';
import { createLog } from '../../../main/system/node/files/log.ts';

const log = createLog({ level: 'info', stderr: true });
process.stdout.write('started\n');
await setTimeout(200);
for (let count = 0; count < 20; count += 1) {
  log.write('info', 'anyone?');
  await setTimeout(5);
}
process.stdout.write('still there\n');
