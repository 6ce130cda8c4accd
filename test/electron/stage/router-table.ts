/** `router-table.ts add URL PORT CLIENT LABEL`, `router-table.ts has URL PORT`: a UPnP router's table as another device has it. */
import { addForeign, hasEntry } from '../../support/portkeeper-process.ts';

const [what, url = '', port = '', client = '', label = ''] = process.argv.slice(2);
if (what === 'add') await addForeign(url, Number(port), client, label);
else console.log(await hasEntry(url, Number(port)));
