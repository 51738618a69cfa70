import test from 'ava';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/folder.js';
import { isOneLine, lifeguard } from './lifeguard.js';

test('--version is that of the package', async (t) => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const said = await lifeguard(t, ['--version']);
  t.is(said.stdout, `${version}\n`);
  t.is(said.status, 0);
});

test('--help names every command, and only those that exist', async (t) => {
  const { stdout, stderr, status } = await lifeguard(t, ['--help']);
  t.is(status, 0);
  t.is(stderr, '');
  const [, commands = ''] = /\nCommands:\n(.*)\nOptions:\n/s.exec(stdout) ?? [];
  const named = [...commands.matchAll(/^ {2}lifeguard (scenario )?(\w+)(?= )/gm)].map(([, group = '', name = '']) => group + name);
  for (const name of new Set(named)) {
    const help = await lifeguard(t, [...name.split(' '), '--help']);
    t.is(help.status, 0, name);
    t.true(help.stdout.startsWith(`lifeguard ${name} `), help.stdout);
    t.true(help.stdout.includes('Examples:'), name);
  }
  t.deepEqual([...new Set(named)].toSorted(), ['check', 'compare', 'init', 'record', 'report', 'run', 'scenario list', 'scenario run', 'scenario sweep', 'sweep', 'whatif']);
});

test('the examples in the help are command lines that are understood', async (t) => {
  const { stdout } = await lifeguard(t, ['record', '--help']);
  const lines = [...stdout.matchAll(/^ {2}lifeguard (record.*) -- /gm)].map(([, words = '']) => words.split(' '));
  t.true(lines.length >= 3);
  // All is well up to the program, which is none.
  for (const words of lines) t.regex((await lifeguard(t, [...words, '--', './no-such-program'])).stderr, /cannot start ".\/no-such-program": there is no such file\n$/);
});

const MISTAKES: [name: string, words: string[], pattern: RegExp][] = [
  ['no command', [], /no command given, expected run, record, report, check, init, scenario/],
  ['a mistyped command', ['recrod', '--', 'node', 'app.js'], /no command "recrod", expected run, .*; did you mean record\?/],
  ['a command unlike any', ['dance'], /no command "dance", expected run, record, report, check, init, scenario/],
  ['a group without its command', ['scenario'], /expected scenario list, scenario run/],
  ['a mistyped command of a group', ['scenario', 'lits'], /"scenario lits".*did you mean scenario list\?/],
  ['a mistyped option', ['record', '--duratoin', '3', '--', 'node', 'app.js'], /no option --duratoin; did you mean --duration\? \(expected --out, --duration/],
  ['a mistyped option in two words', ['record', '--wait-form', 'x', '--', 'node'], /no option --wait-form; did you mean --wait-for\?/],
  ['an option that is unlike any', ['check', '--zzzzzz', 'x'], /no option --zzzzzz \(expected /],
  ['a letter that is no option', ['check', '-x', 'x'], /there is no option -x \(expected --config/],
  ['a word too many', ['compare', 'a', 'b', 'c'], /there is no place for "c" \(lifeguard compare --help says more\)/],
  ['a value for a switch', ['check', 'x', '--update-baseline=yes'], /--update-baseline is "yes", but it takes no value/],
  ['a value for a global switch', ['check', 'x', '--color=always'], /--color is "always", but it takes no value: --color, or --no-color/],
  ['an option without its value', ['record', '--out', '--', 'node', 'app.js'], /--out needs a value/],
  ['a number that is none', ['record', '--duration', '1O', '--', 'node', 'app.js'], /--duration is "1O", expected a number above 0/],
  ['a time that is too long for a timer', ['record', '--duration', '3e6', '--', 'node', 'app.js'], /--duration is "3e6", expected a number above 0, at most 2000000/],
  ['a number below what is allowed', ['run', '--load', 'http://127.0.0.1:1/', '--connections', '0', '--', 'node'], /--connections is "0", expected a whole number from 1/],
  ['no program', ['record'], /expected it behind "--": lifeguard record -- node app\.js/],
  ['a program without the dashes', ['run', 'npm', 'start'], /expected it behind "--": lifeguard run -- npm start/],
  ['a load that is no URL', ['record', '--load', 'localhost', '--', 'node'], /--load is "localhost", expected http:\/\/host:port\/path/],
  ['a load option without a load', ['record', '--connections', '3', '--', 'node'], /--connections needs --load/],
  ['two kinds of load', ['record', '--load', 'http://a/', '--on-port', 'x', '--', 'node'], /--on-port and --load exclude each other/],
  ['an unknown method', ['record', '--load', 'http://a/', '--method', 'GRAB', '--', 'node'], /--method is "GRAB", expected one of GET, /],
  ['a header that is none', ['record', '--load', 'http://a/', '--header', 'x', '--', 'node'], /--header is "x", expected "name: value"/],
  ['an unknown format', ['report', 'x', '--format', 'htlm'], /--format is "htlm", expected one of terminal, html, json, junit, sarif, github; did you mean html\?/],
  ['two formats for stdout', ['report', 'x', '--format', 'json', '--format', 'terminal'], /cannot both go to stdout/],
  ['no trace', ['report'], /no trace to report, expected files or directories/],
  ['an unknown scenario', ['scenario', 'run', 'elevnth-request'], /no scenario "elevnth-request", expected .*; did you mean eleventh-request\?/],
  ['no scenario', ['scenario', 'run'], /which scenario\? expected eleventh-request.*--all/],
  ['an unknown variant', ['scenario', 'run', '--all', '--variant', 'fix'], /--variant is "fix", expected faulty or fixed/],
  ['a trace that does not exist', ['report', 'no-such-trace.ndjson'], /no-such-trace\.ndjson/],
  ['a check of a trace that does not exist', ['check', 'no-such-trace.ndjson'], /no-such-trace\.ndjson/],
  ['a trace that is none', ['report', join(ROOT, 'package.json')], /package\.json is no pg-lifeguard trace/],
  ['a directory that cannot be made', ['record', '--out', '/dev/null/traces', '--', 'node', '-e', '0'], /cannot make the directory \/dev\/null\/traces/],
];

for (const [name, words, pattern] of MISTAKES) {
  test(`${name}: one line, exit 2`, async (t) => {
    isOneLine(t, await lifeguard(t, words), pattern);
  });
}

test('--debug adds the stack, and only then', async (t) => {
  const plain = await lifeguard(t, ['report', 'no-such-trace']);
  const debug = await lifeguard(t, ['report', 'no-such-trace', '--debug']);
  t.notRegex(plain.stderr, /\n\s+at /);
  t.regex(debug.stderr, /\n\s+at /);
  t.is(debug.status, 2);
});

test('--debug behind the dashes is the program\'s', async (t) => {
  const said = await lifeguard(t, ['record', '--', './no-such-program', '--debug', '--help', '--version']);
  isOneLine(t, said, /cannot start "\.\/no-such-program"/);
});
