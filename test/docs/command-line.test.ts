/** The reference of the command line is what the commands say of themselves: `npx vitest run --project unit test/docs -u`
 * writes it again. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { COMMANDS, MAIN_HELP } from '../../main/cli/commands/commands.ts';
import { COMMON_OPTIONS, type CommandEntry } from '../../main/cli/options/global-options.ts';
import { EXIT } from '../../main/cli/output/fault.ts';
import { commandTree } from '../../main/cli/program.ts';
import { listening } from '../support/listening-console.ts';

const FILE = path.join(import.meta.dirname, '../../docs/command-line.md');
const document = readFileSync(FILE, 'utf8');
const COLOURS = /\u001b\[\d+m/g;

const tree = commandTree(listening().console, () => undefined);

/** Its help at 80 columns, without what all have. */
function helpOf(command: Command, { help }: Pick<CommandEntry, 'help'>): string {
  const common = new Set([...COMMON_OPTIONS.map(({ long }) => long), '--help']);
  // Hidden here only: what help shows stays in one order.
  const own = command
    .createHelp()
    .visibleOptions(command)
    .filter(({ long }) => !common.has(long));
  command.configureHelp({ helpWidth: 80, visibleOptions: () => own, showGlobalOptions: false });
  return `${command.helpInformation()}${help}`.replaceAll(COLOURS, '').trim();
}

function sections(parent: Command, entries: readonly CommandEntry[], name: string): readonly string[] {
  return entries.flatMap((entry) => {
    const command = parent.commands.find((each) => each.name() === entry.name);
    if (command === undefined) throw new Error(`${entry.name} is no command`);
    const whole = `${name} ${entry.name}`;
    const text = helpOf(command, entry);
    return [`### ${whole}\n\n\`\`\`text\n${text}\n\`\`\``, ...sections(command, entry.commands ?? [], whole)];
  });
}

// Help names the system's own folder for temporary files.
test.skipIf(process.platform === 'win32')('docs/command-line.md has every command as its help has it', async () => {
  const [before = ''] = document.split('## Commands\n');
  const commands = sections(tree, COMMANDS, 'portkeeper').join('\n\n');
  await expect(`${before}## Commands\n\n${commands}\n`).toMatchFileSnapshot(FILE);
});

test('every exit code is in the help, and in the document', () => {
  for (const code of Object.values(EXIT)) {
    expect(MAIN_HELP).toMatch(new RegExp(String.raw`^ {2}${code} +\S`, 'm'));
    expect(document).toMatch(new RegExp(String.raw`^\| ${code} +\| \S`, 'm'));
  }
});

test('help fits 80 columns', () => {
  const lines = [...document.matchAll(/^```text\n([^]*?)^```$/gm)].flatMap(([, block = '']) => block.split('\n'));
  expect(lines.length).toBeGreaterThan(100);
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
});
