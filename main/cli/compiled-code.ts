/** Compiled code of the program's files, kept for the next start. */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { getHeapCodeStatistics } from 'node:v8';
import { Script } from 'node:vm';
import { crc32 } from 'node:zlib';

/** Bytes of compiled functions that a start may add to what was kept before all is written again. */
const WORTHWHILE = 64 * 1024;
/** Milliseconds. */
const DAY = 24 * 60 * 60 * 1000;

/** Length of the checksum before the code: V8 itself checks the length alone, and runs what a power cut has left. */
const CHECKSUM_BYTES = 4;

interface Loaded {
  readonly script: Script;
  /** Name in the folder. */
  readonly name: string;
}

/**
 * From now on `.cjs` files are loaded with the compiled code in `folder`, which is run as it is. It has every function that
 * ran in an earlier start. Node's own compile cache has only what runs while a file is loaded: the rest, a thousand
 * functions when one port is opened, is then compiled each time.
 * @param files where the program's files are; what is kept of others is removed
 */
export function keepCompiled(folder: string, files: string): void {
  const own = path.join(folder, `${process.versions.v8}-${process.arch}`);
  const loaded: Loaded[] = [];
  let isComplete = true;
  const { extensions } = createRequire(files);
  const former = extensions['.cjs'] ?? extensions['.js'];
  extensions['.cjs'] = (module, file) => {
    if (path.dirname(file) !== files) return former?.(module, file);
    const name = path.basename(file, '.cjs');
    const cachedData = code(read(path.join(own, name)));
    const text = readFileSync(file, 'latin1');
    const script = new Script(`(function(exports,require,module,__filename,__dirname){${text}\n})`, {
      filename: file,
      ...(cachedData === undefined ? {} : { cachedData }),
    });
    isComplete &&= script.cachedDataRejected === false;
    loaded.push({ script, name });
    const run: unknown = script.runInThisContext();
    const given = [module.exports, module.require.bind(module), module, file, path.dirname(file)];
    if (typeof run === 'function') Reflect.apply(run, undefined, given);
  };
  process.once('exit', () => {
    const last = loaded.at(-1);
    if (last === undefined) return;
    const compiled = getHeapCodeStatistics().bytecode_and_metadata_size;
    // Of the last start that loaded the same: other commands run other functions.
    const before = path.join(own, `${last.name}.size`);
    if (isComplete && compiled - Number(read(before) ?? 0) < WORTHWHILE) return;
    try {
      makeFolder(own);
      for (const { script, name } of loaded) replace(path.join(own, name), withChecksum(script.createCachedData()));
      replace(before, `${compiled}`);
      removeFormer(own, files);
    } catch {
      // The next start takes longer, and that is all.
    }
  });
}

function withChecksum(compiled: Buffer): Buffer {
  const checksum = Buffer.alloc(CHECKSUM_BYTES);
  checksum.writeUInt32LE(crc32(compiled));
  return Buffer.concat([checksum, compiled]);
}

/** `undefined` for what is damaged. */
function code(kept: Buffer | undefined): Buffer | undefined {
  if (kept === undefined || kept.length <= CHECKSUM_BYTES) return undefined;
  const compiled = kept.subarray(CHECKSUM_BYTES);
  return crc32(compiled) === kept.readUInt32LE() ? compiled : undefined;
}

function read(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/** `recursive` never ends where a folder that is there answers ENOENT, as /proc does. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  const parent = path.dirname(folder);
  if (parent !== folder) makeFolder(parent);
  mkdirSync(folder, { mode: 0o700 });
}

/** Others may be reading it. */
function replace(file: string, content: Buffer | string): void {
  const beside = `${file}.${process.pid}`;
  try {
    writeFileSync(beside, content, { mode: 0o600 });
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

/** Names have a hash of the file's content. Two versions that are used in turns must not remove each other's at each start. */
function removeFormer(folder: string, files: string): void {
  const current = new Set(readdirSync(files).map((name) => path.basename(name, '.cjs')));
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    // One with a number was left by a process that ended as it wrote.
    const isFormer = /\.\d+$/.test(name) || !current.has(name.replace(/\.\w+$/, ''));
    if (isFormer && Date.now() - statSync(file).mtimeMs > DAY) rmSync(file, { force: true });
  }
}
