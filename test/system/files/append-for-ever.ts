/** Appends to the log named on the command line until killed, and writes a line for what was acknowledged. */
import { createRecordLog } from '../../../main/system/node/files/record-log.ts';

const log = createRecordLog(process.argv[2] ?? '');
let next = 0;

async function appendOn(): Promise<never> {
  for (;;) {
    const number = next;
    next += 1;
    await log.append([{ number, padding: 'x'.repeat(number % 700) }]);
    process.stdout.write(`${number}\n`);
  }
}

await Promise.all([appendOn(), appendOn(), appendOn()]);
