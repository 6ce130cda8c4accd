/**
 * One raw exchange from the command line, for the lab's tests: run in a namespace it prints the answer as JSON.
 *
 *   node test/bench/raw.ts pcp '{"gateway":"192.168.71.1","client":"192.168.71.10","transport":"tcp",…}'
 */
import { number, object, optional, parse, picklist, string } from 'valibot';
import { rawAdd, rawDescribe, rawSearch } from './raw-igd.ts';
import { rawNatPmp, rawPcp } from './raw-pxp.ts';

const schema = object({
  gateway: string(),
  client: string(),
  transport: picklist(['tcp', 'udp']),
  internal: number(),
  external: number(),
  lifetime: number(),
  thirdParty: optional(string()),
  nonce: optional(string()),
});

const [protocol, json = '{}'] = process.argv.slice(2);
const { thirdParty, nonce, ...plain } = parse(schema, JSON.parse(json));
const wish = {
  ...plain,
  ...(thirdParty === undefined ? {} : { thirdParty }),
  ...(nonce === undefined ? {} : { nonce }),
};
switch (protocol) {
  case 'pcp':
    console.log(JSON.stringify(await rawPcp(wish)));
    break;
  case 'natpmp':
    console.log(JSON.stringify(await rawNatPmp(wish)));
    break;
  case 'upnp':
    console.log(JSON.stringify({ result: await rawAdd(await rawDescribe(await rawSearch(wish.client)), wish) }));
    break;
  default:
    throw new Error(`pcp, natpmp or upnp, not ${protocol}`);
}
