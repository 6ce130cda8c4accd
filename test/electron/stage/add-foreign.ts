/** `add-foreign.ts URL PORT CLIENT LABEL`: makes an entry in a UPnP router as another device would. */
import { addForeign } from '../../support/portkeeper-process.ts';

const [url = '', port = '', client = '', label = ''] = process.argv.slice(2);
await addForeign(url, Number(port), client, label);
