/** `portkeeper completion SHELL`: what completes commands in a shell, and the candidates that it asks for. */
import os from 'node:os';
import { personalityNames } from '../../simulator/personalities/personalities.ts';
import {
  COMMON_OPTIONS,
  FAMILIES,
  LEVELS,
  PROTOCOLS,
  type CommandEntry,
  type GlobalOptions,
} from '../options/global-options.ts';
import type { Console } from '../output/console.ts';
import { EXIT, InputFault, type ExitCode } from '../output/fault.ts';

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
type Shell = (typeof SHELLS)[number];

/** Asks for candidates with the words up to the cursor, the last of which may be empty. Two blanks divide a candidate from its
 * description; a line `:files` or `:folders` asks the shell for its own. */
const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# To use it: portkeeper completion bash > ~/.local/share/bash-completion/completions/portkeeper
_portkeeper() {
  local line current="\${COMP_WORDS[COMP_CWORD]}"
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
      :folders) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
      "$current"*) COMPREPLY+=("\${line%%  *}") ;;
    esac
  done < <(portkeeper completion bash -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _portkeeper portkeeper`,
  zsh: `#compdef portkeeper
# To use it: portkeeper completion zsh > "\${fpath[1]}/_portkeeper"
_portkeeper() {
  local line
  local -a candidates
  for line in "\${(@f)$(portkeeper completion zsh -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $line in
      :files) _files; return ;;
      :folders) _files -/; return ;;
      *'  '*) candidates+=("\${\${line%%  *}//:/\\\\:}:\${line#*  }") ;;
      ?*) candidates+=("\${line//:/\\\\:}") ;;
    esac
  done
  _describe portkeeper candidates
}
if [[ $funcstack[1] == _portkeeper ]]; then _portkeeper "$@"; else compdef _portkeeper portkeeper; fi`,
  fish: `# To use it: portkeeper completion fish > ~/.config/fish/completions/portkeeper.fish
function __portkeeper_candidates
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    for line in (portkeeper completion fish -- $words[2..-1] "$current" 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path "$current"
            case :folders
                __fish_complete_directories "$current"
            case '*'
                string replace '  ' \\t -- $line
        end
    end
end
complete -c portkeeper -f -a '(__portkeeper_candidates)'`,
  powershell: `# To use it, add to $PROFILE: portkeeper completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName portkeeper -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { $_.ToString() })
    # Windows PowerShell passes no empty argument on, so that the current word has a mark before it.
    portkeeper completion powershell -- @words ("=" + $wordToComplete) 2>$null | ForEach-Object {
        $name, $description = $_ -split '  ', 2
        if ($name -eq ':files' -or $name -eq ':folders') {
            Get-ChildItem -Path "$wordToComplete*" -Directory:($name -eq ':folders') -ErrorAction SilentlyContinue |
                ForEach-Object { [System.Management.Automation.CompletionResult]::new((Resolve-Path -Relative $_.FullName)) }
        } elseif ($name -like "$wordToComplete*") {
            if (-not $description) { $description = $name }
            [System.Management.Automation.CompletionResult]::new($name, $name, 'ParameterValue', $description)
        }
    }
}`,
};

/** @param commands all of them @param words what was typed after `portkeeper`; none to get the script */
export async function completion(
  commands: readonly CommandEntry[],
  options: GlobalOptions,
  console: Console,
  given: string,
  words: readonly string[],
): Promise<ExitCode> {
  const shell = SHELLS.find((each) => each === given.toLowerCase());
  if (shell === undefined)
    throw new InputFault(`“${given}” is not a shell. Use bash, zsh, fish or powershell.`, { at: { word: given } });
  if (words.length === 0) {
    for (const line of SCRIPTS[shell].split('\n')) console.line(line);
    return EXIT.ok;
  }
  const typed = shell === 'powershell' ? [...words.slice(0, -1), words.at(-1)?.slice(1) ?? ''] : words;
  const profiles = async (): Promise<readonly Candidate[]> => {
    const { currentSnapshot, withApp } = await import('../app-session.ts');
    return await withApp(options, console, async (session) =>
      (await currentSnapshot(session)).profiles.map(({ id, name }) => [id, name]),
    );
  };
  for (const [name, description = ''] of await candidatesFor(typed, commands, profiles)) {
    console.line(description === '' ? name : `${name}  ${description}`);
  }
  return EXIT.ok;
}

type Candidate = readonly [name: string, description?: string];

const FILES: readonly Candidate[] = [[':files']];
const named = (names: readonly string[]): readonly Candidate[] => names.map((name) => [name]);

/** Candidates for the last word. @param profiles read when they are asked for */
export async function candidatesFor(
  words: readonly string[],
  all: readonly CommandEntry[],
  profiles: () => Promise<readonly Candidate[]>,
): Promise<readonly Candidate[]> {
  let commands: readonly CommandEntry[] | undefined = all;
  let command: CommandEntry | undefined;
  let option: string | undefined;
  let count = 0;
  // Bash makes a word of its own of the sign in --protocol=pcp.
  for (const word of words.slice(0, -1).filter((each) => each !== '=')) {
    if (word === '--') return FILES;
    if (option !== undefined) option = undefined;
    else if (word.startsWith('-'))
      option =
        optionsOf(command).find(({ long, short }) => long === word || short === word)?.needsValue === true
          ? word
          : undefined;
    else if (commands === undefined) count += 1;
    else {
      command = commands.find(({ name }) => name === word);
      commands = command?.commands;
      if (command === undefined) return [];
    }
  }
  const current = words.at(-1) ?? '';
  if (option !== undefined) return await valuesOf(option, command);
  if (current.startsWith('-'))
    return [...optionsOf(command).map(({ long, what }): Candidate => [long, what]), ['--help', 'show this help']];
  if (commands !== undefined) return commands.map(({ name, summary }): Candidate => [name, summary]);
  const takes = command?.takes ?? [];
  const [form = ''] = takes[count] ?? takes.at(-1)?.filter((text) => text.includes('...')) ?? [];
  switch (/[a-z]+/.exec(form)?.[0]) {
    case 'profile':
      return [...(await profiles()), ...(command?.name === 'with' ? await presetNames() : [])];
    case 'query':
      return await presetNames();
    case 'file':
      return FILES;
    case 'shell':
      return named(SHELLS);
    case 'setting': {
      const { SETTING_KEYS, SETTINGS } = await import('./command-settings.ts');
      return SETTING_KEYS.map((key): Candidate => [key, SETTINGS[key].what]);
    }
    case 'value': {
      const { SETTING_KEYS, SETTINGS } = await import('./command-settings.ts');
      const key = SETTING_KEYS.find((each) => words.includes(each));
      return named([...(key === undefined ? [] : (SETTINGS[key].choices ?? [])), 'default']);
    }
    default:
      return [];
  }
}

interface KnownOption {
  readonly long: string;
  readonly short: string | undefined;
  readonly needsValue: boolean;
  readonly what: string;
}

function optionsOf(command: CommandEntry | undefined): readonly KnownOption[] {
  return [...(command?.options ?? []), ...(command?.isApart === true ? [] : COMMON_OPTIONS)]
    .filter(({ hidden }) => !hidden)
    .map(({ long = '', short, required, description }) => ({ long, short, needsValue: required, what: description }));
}

async function presetNames(): Promise<readonly Candidate[]> {
  const { allPresets } = await import('../../engine/profiles/presets.ts');
  return allPresets().map(({ id, name }): Candidate => [id, name]);
}

async function valuesOf(option: string, command: CommandEntry | undefined): Promise<readonly Candidate[]> {
  switch (option) {
    case '--protocol':
      return named(PROTOCOLS);
    case '--family':
      return named(Object.keys(FAMILIES));
    case '--log-level':
      return named(LEVELS);
    case '--format':
      return named(command?.name === 'export' ? ['portkeeper', 'csv', 'json'] : ['csv', 'json']);
    case '--interface':
      return named(Object.keys(os.networkInterfaces()));
    case '--preset':
      return await presetNames();
    case '--like':
      return named(personalityNames);
    case '--data-dir':
      return [[':folders']];
    case '-f':
    case '--file':
    case '--pid-file':
    case '--secret-file':
      return FILES;
    default:
      return [];
  }
}
