import test from 'ava';
import { checkLinkPattern, VSCODE_PATTERN } from '../../reports/html/links.js';
import { renderHtml } from '../../reports/html/render.js';
import { EDITORS, choosePattern, linksFor } from '../../cli/report/links.js';
import { flagship, hostile } from './html-support/analyses.js';
import { launchBrowser, type TestBrowser } from './html-support/browser.js';

let browser: TestBrowser;

test.before(async () => {
  browser = await launchBrowser();
});

test.after.always(async () => {
  await browser?.close();
});

const none = { editor: undefined, 'source-url': undefined };

test('only the web and editors may be opened', (t) => {
  for (const pattern of [...Object.values(EDITORS), 'https://git.example.org/blob/main/{file}#L{line}']) t.is(checkLinkPattern(pattern), null, pattern);
  for (const pattern of ['javascript:alert(1)//{file}', ' javascript:{file}', 'data:text/html,{file}', 'file:///{file}', 'ms-msdt:/id {file}', '{file}', '/{file}', 'vbscript:{file}']) t.regex(checkLinkPattern(pattern) ?? '', /^an address that begins with one of http, https/, pattern);
  t.regex(checkLinkPattern('https://example.org/{line}') ?? '', /\{file\}/);
  t.regex(checkLinkPattern('https://example.org/"onclick=x {file}') ?? '', /without spaces, quotes/);
});

test('the command line counts before the configuration, that before CI, and VS Code comes last', (t) => {
  const github = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'ada/shop', GITHUB_SHA: 'abc' };
  t.deepEqual(choosePattern(none, {}, {}), { pattern: VSCODE_PATTERN, isRepository: false });
  t.deepEqual(choosePattern(none, {}, github), { pattern: 'https://github.com/ada/shop/blob/abc/{file}#L{line}', isRepository: true });
  t.deepEqual(choosePattern(none, {}, { CI_PROJECT_URL: 'https://gitlab.com/ada/shop', CI_COMMIT_SHA: 'abc' }), { pattern: 'https://gitlab.com/ada/shop/-/blob/abc/{file}#L{line}', isRepository: true });
  t.deepEqual(choosePattern(none, { editor: 'zed' }, github), { pattern: EDITORS.zed, isRepository: false });
  t.deepEqual(choosePattern({ ...none, 'source-url': 'https://example.org/shop/' }, { editor: 'zed' }, github), { pattern: 'https://example.org/shop/{file}#L{line}', isRepository: true });
  t.is(choosePattern({ ...none, editor: 'none' }, {}, github), null);
  t.throws(() => choosePattern({ ...none, editor: 'vscoed' }), { message: /--editor is "vscoed", expected vscode, .*did you mean vscode\?/ });
  t.throws(() => choosePattern({ ...none, editor: 'javascript:{file}' }), { message: /--editor is "javascript:\{file\}", expected an address that begins with one of http/ });
  t.throws(() => choosePattern({ ...none, 'source-url': 'javascript:{file}' }), { message: /--source-url is .*, expected an address that begins with https/ });
  t.throws(() => choosePattern({ editor: 'zed', 'source-url': 'https://example.org' }), { message: /exclude each other/ });
  t.is(linksFor(null, '/x'), undefined);
});

/** The addresses to which lines of the page lead. */
async function placesIn(html: string): Promise<string[]> {
  const open = await browser.open(html);
  const links = await open.page.evaluate<string[]>(`[...document.querySelectorAll('.place-link')].map((link) => link.getAttribute('href'))`);
  const { complaints } = open;
  await open.close();
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
  return [...new Set(links)].toSorted();
}

test('lines open in the editor', async (t) => {
  const html = renderHtml(flagship(), { links: { pattern: VSCODE_PATTERN, cwd: '/home/ada/shop', root: null } });
  const links = await placesIn(html);
  t.true(links.includes('vscode://file/home/ada/shop/src/routes/orders.ts:88:5'), links.join(' '));
  t.true(links.every((link) => /^vscode:\/\/file\/home\/ada\/shop\/src\/[\w/]+\.ts:\d+:\d+$/.test(link)), links.join(' '));
  const windows = await placesIn(renderHtml(flagship(), { links: { pattern: VSCODE_PATTERN, cwd: 'C:\\ada\\my shop', root: null } }));
  t.true(windows.includes('vscode://file/C:/ada/my%20shop/src/routes/orders.ts:88:5'), windows.join(' '));
});

test('lines lead to the repository, as far as they are in it', async (t) => {
  const pattern = 'https://git.example.org/shop/blob/main/{file}#L{line}';
  const analysis = flagship();
  const [site] = analysis.report.findings.map(({ callSite }) => callSite);
  if (site === null || site === undefined) throw new Error('no call site');
  const inside = await placesIn(renderHtml(analysis, { links: { pattern, cwd: '/repo/packages/shop', root: '/repo' } }));
  t.true(inside.includes('https://git.example.org/shop/blob/main/packages/shop/src/routes/orders.ts#L88'), inside.join(' '));
  const outside = await placesIn(renderHtml(analysis, { links: { pattern, cwd: '/elsewhere', root: '/repo' } }));
  t.deepEqual(outside, []);
  t.deepEqual(await placesIn(renderHtml(analysis)), []);
});

test('an odd name stays one address', async (t) => {
  const analysis = flagship();
  const [finding] = analysis.report.findings;
  if (finding === undefined || finding.callSite === null) throw new Error('no finding');
  analysis.report.findings = [{ ...finding, callSite: { ...finding.callSite, file: `../it's "odd" #1?/&=%20;{line}$&.ts`, line: 3, column: 7 } }];
  const links = await placesIn(renderHtml(analysis, { links: { pattern: 'https://git.example.org/{file}#L{line}', cwd: '/repo/shop', root: '/repo' } }));
  const odd = links.find((link) => link.includes('odd')) ?? '';
  t.is(odd, "https://git.example.org/it%27s%20%22odd%22%20%231%3F/%26%3D%2520%3B%7Bline%7D%24%26.ts#L3");
  t.is(decodeURIComponent(new URL(odd).pathname), `/it's "odd" #1?/&=%20;{line}$&.ts`);
});

test('no text of the program gets into an address, or out of it', async (t) => {
  const html = renderHtml(hostile(), { links: { pattern: 'https://git.example.org/{file}#L{line}', cwd: '/repo', root: null } });
  for (const link of await placesIn(html)) {
    t.true(link.startsWith('https://git.example.org/'), link);
    t.notRegex(link, /["'<>\s]/);
  }
  // A pattern that somebody forged into the data is no link.
  t.deepEqual(await placesIn(renderHtml(flagship(), { links: { pattern: 'javascript:alert(1)//{file}', cwd: '/repo', root: null } })), []);
});
