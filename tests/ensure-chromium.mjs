// Looks for a Chromium that the tests can run, and installs the system's one where there is none.
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The path of a browser: $CHROMIUM, or the first of the usual names in $PATH. */
export function findChromium() {
  const directories = (process.env.PATH ?? '').split(path.delimiter);
  const candidates = names.flatMap((name) => directories.map((directory) => path.join(directory, name)));
  return [process.env.CHROMIUM, ...candidates].find((candidate) => candidate && isExecutable(candidate));
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function install() {
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '--non-interactive'];
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', 'chromium']]) {
    const [command, ...rest] = [...asRoot, 'apt-get', ...args];
    const { status, error } = spawnSync(command, rest, { stdio: 'inherit' });
    if (error || status !== 0) {
      return error ? error.message : `${[command, ...rest].join(' ')} ended with status ${status}`;
    }
  }
  return undefined;
}

if (import.meta.filename === process.argv[1] && !findChromium()) {
  console.log('There is no Chromium here; installing it with apt-get.');
  const problem = install();
  if (!findChromium()) {
    console.error(
      `The browser tests cannot run: there is no Chromium and it cannot be installed${problem ? ` (${problem})` : ''}.\n` +
        'Install Chromium or Chrome yourself, or set CHROMIUM to the path of one.'
    );
    process.exit(1);
  }
}
