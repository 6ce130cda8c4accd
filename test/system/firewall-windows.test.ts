import { describe, expect, it } from 'vitest';
import { isLetIn } from '../../main/system/node/network/firewall-windows.ts';

const program = 'C:\\Users\\Jörg\\AppData\\Local\\Programs\\Portkeeper\\Portkeeper.exe';
const rule = (more: string, app = program): string =>
  `    {1D2B}    REG_SZ    v2.33|Action=Allow|Active=TRUE|Dir=In|${more}|App=${app}|Name=Portkeeper|`;

async function letIn(...lines: readonly string[]): Promise<boolean> {
  const asked: string[] = [];
  const answer = await isLetIn(program, async (file, args) => {
    // A program of that name beside ours is not meant.
    expect(file).toMatch(/^[a-z]:\\Windows\\System32\\reg\.exe$/i);
    asked.push(args.join(' '));
    return ['', 'HKEY_LOCAL_MACHINE\\SYSTEM\\…\\FirewallRules', ...lines, '', 'End of search'].join('\r\n');
  });
  expect(asked).toEqual([expect.stringMatching(/^query HKLM\\SYSTEM\\.*FirewallRules \/f Portkeeper\.exe \/d$/)]);
  return answer;
}

describe('the firewall of Windows lets a program in', () => {
  it('when rules do so for both protocols', async () => {
    expect(await letIn(rule('Protocol=6|Profile=Private'), rule('Protocol=17|Profile=Private'))).toBe(true);
    // Without a protocol: every one.
    expect(await letIn(rule('Profile=Private'))).toBe(true);
    expect(await letIn(rule('Protocol=6'), rule('Protocol=17', program.toUpperCase()))).toBe(true);
  });

  it('although the tool prints in an old code page', async () => {
    expect(await letIn(rule('Profile=Private', program.replace('ö', '\ufffd')))).toBe(true);
  });

  it('not when there is no such rule, or one is missing, turned off, outward, or for another program', async () => {
    expect(await letIn()).toBe(false);
    expect(await letIn(rule('Protocol=17'))).toBe(false);
    expect(await letIn(rule('Profile=Private').replace('Active=TRUE', 'Active=FALSE'))).toBe(false);
    expect(await letIn(rule('Profile=Private').replace('Dir=In', 'Dir=Out'))).toBe(false);
    expect(await letIn(rule('Profile=Private', 'C:\\Other\\Portkeeper.exe'))).toBe(false);
  });

  it('not when another rule keeps it out: the person has said no before', async () => {
    expect(await letIn(rule('Profile=Private'), rule('Protocol=6').replace('Action=Allow', 'Action=Block'))).toBe(
      false,
    );
  });
});
