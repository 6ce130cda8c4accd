/** `router-table.ts add URL PORT CLIENT LABEL`, `router-table.ts has URL PORT`: a UPnP router's table as another device has it.
 * By hand: nothing of ours takes part. */
const [what, url = '', port = '', client = '', label = ''] = process.argv.slice(2);
if (what === 'add') await addForeign(url, Number(port), client, label);
else console.log(await hasEntry(url, Number(port)));

async function addForeign(url: string, port: number, client: string, label: string): Promise<void> {
  const response = await call(url, 'AddPortMapping', {
    NewRemoteHost: '',
    NewExternalPort: port,
    NewProtocol: 'TCP',
    NewInternalPort: port,
    NewInternalClient: client,
    NewEnabled: 1,
    NewPortMappingDescription: label,
    NewLeaseDuration: 3600,
  });
  if (!response.ok) throw new Error(`the router refused: ${response.status} ${await response.text()}`);
}

async function hasEntry(url: string, port: number): Promise<boolean> {
  const key = { NewRemoteHost: '', NewExternalPort: port, NewProtocol: 'TCP' };
  const response = await call(url, 'GetSpecificPortMappingEntry', key);
  await response.text();
  return response.ok;
}

async function call(url: string, action: string, values: Readonly<Record<string, string | number>>): Promise<Response> {
  const type = 'urn:schemas-upnp-org:service:WANIPConnection:1';
  const fields = Object.entries(values).map(([name, value]) => `<${name}>${value}</${name}>`);
  const body = `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body><u:${action} xmlns:u="${type}">${fields.join('')}</u:${action}></s:Body></s:Envelope>`;
  const headers = { 'Content-Type': 'text/xml; charset="utf-8"', SOAPAction: `"${type}#${action}"` };
  const description = await (await fetch(url)).text();
  const control = /WANIPConn[^]*?<controlURL>([^<]+)</.exec(description)?.[1] ?? '';
  return await fetch(new URL(control, url), { method: 'POST', headers, body });
}
