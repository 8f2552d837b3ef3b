import { fill } from '../i18n/translated';

/** English texts of the settings for names of native code. */
export const symbolTexts = {
  title: 'Names of native code',
  help: 'Code that a profiler sees from outside, as with eBPF, has no names: it is shown as binary!0xaddress. Debuginfod servers have them, by the build ids of binaries, which are sent to these servers.',
  debuginfodUrls: {
    label: 'Debuginfod servers',
    help: 'Asked in this order, one a line. Empty: addresses stay as they are.',
    placeholder: 'https://debuginfod.example.org',
  },
  test: 'Test the saved servers',
  testing: 'Asking the servers…',
  noServers: 'No servers are saved yet.',
  answers: (url: string, milliseconds: number) =>
    fill('{{url}} answers in {{milliseconds, number(maximumFractionDigits: 0)}} ms.', { url, milliseconds }),
  fails: (url: string, error: string) => fill('{{url}}: {{error}}', { url, error }),
  debuginfodAuth: {
    label: 'Send credentials',
    help: 'Sends the bearer token, the password and headers such as Authorization to these servers as well. Other headers are always sent.',
  },
  symbolTimeout: {
    label: 'Patience',
    help: 'How long a query waits for names. What comes later is there for the next refresh.',
    placeholder: '3s',
  },
  symbolMaxBytes: { label: 'Largest debug file', help: 'Larger ones are not fetched.', placeholder: '1073741824' },
  symbolCacheMaxBytes: {
    label: 'Memory for names',
    help: 'Names that do not fit are looked up again.',
    placeholder: '268435456',
  },
  symbolCacheDir: {
    label: 'Folder for debug files',
    help: 'An absolute path on each Grafana server, which several may share. Empty: temporary files.',
    placeholder: '/var/cache/grafana',
  },
  symbolCacheDirMaxBytes: {
    label: 'Size of the folder',
    help: 'What was not used for longest is removed beyond this.',
    placeholder: '10737418240',
  },
  bytes: 'bytes',
  badURL: (url: string) => fill('“{{url}}” is no URL such as https://debuginfod.example.org.', { url }),
  urlHasUser: 'A URL has no user or password in it. Use the authentication settings.',
  badPath: 'A path starts with /.',
};
