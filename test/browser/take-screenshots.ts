/**
 * Takes the pictures of the flagship's report that the README shows, light and dark.
 * Run it when the report looks different: npm run build && node dist/test/browser/take-screenshots.js [TRACES]
 * Without traces (of this scenario, recorded in this folder) the flagship is run; have the machine for yourself then.
 */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { analyse } from '../../reports/analyse.js';
import { VSCODE_PATTERN } from '../../reports/html/links.js';
import { renderHtml } from '../../reports/html/render.js';
import { SCENARIOS } from '../../scenarios/catalogue.js';
import { openDatabase } from '../../scenarios/database/database.js';
import { runScenario } from '../../scenarios/run.js';
import type { Scenario } from '../../scenarios/scenario.js';
import { launchBrowser } from '../reports/html-support/browser.js';
import { ROOT } from '../support/folder.js';

const TARGET = join(ROOT, 'reports/html/screenshots');

const scenario = SCENARIOS.find(({ name }) => name === 'eleventh-request');
if (scenario === undefined) throw new Error('no flagship');
process.chdir(ROOT);
const folder = mkdtempSync(join(tmpdir(), 'lifeguard-screenshots-'));
const browser = await launchBrowser();
try {
  const [traces] = process.argv.slice(2);
  const analysis = await analyse([traces ?? (await record(scenario))]);
  const html = renderHtml(analysis, { links: { pattern: VSCODE_PATTERN, cwd: analysis.report.run.cwd, root: null } });
  mkdirSync(TARGET, { recursive: true });
  for (const colorScheme of ['light', 'dark'] as const) {
    const open = await browser.open(html, { viewport: { width: 1200, height: 980 }, colorScheme, deviceScaleFactor: 1.5 });
    const { page } = open;
    const chrome = await page.context().newCDPSession(page);
    const save = async (name: string, selector: string, height = Infinity): Promise<void> => {
      const box = await page.locator(selector).first().boundingBox();
      if (box === null) throw new Error(`${selector} is not visible`);
      const clip = { x: 0, y: box.y + (await page.evaluate<number>('scrollY')) - 8, width: 1200, height: Math.min(height, box.height + 16), scale: 1 };
      // WebP: a quarter of a PNG.
      const { data } = await chrome.send('Page.captureScreenshot', { format: 'webp', quality: 76, clip, captureBeyondViewport: true });
      const path = join(TARGET, `${name}-${colorScheme}.webp`);
      writeFileSync(path, Buffer.from(data, 'base64'));
      process.stderr.write(`${path}: ${Math.round(statSync(path).size / 1000)} kB\n`);
    };
    await save('overview', 'body', 900);
    await save('finding', '.finding');
    await page.getByRole('button', { name: /^Show the request in the timeline/ }).nth(2).click();
    // The bar that floats over what is read, and what only matters to who uses the page.
    await page.evaluate(`document.querySelectorAll('.selection-bar, .visible-table, .keys').forEach((element) => element.remove()); document.activeElement.blur()`);
    await page.waitForTimeout(300);
    await save('waiting', '#timeline');
    await open.close();
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
}

async function record(flagship: Scenario): Promise<string> {
  const server = await openDatabase({});
  try {
    await runScenario(flagship, { server, directory: folder, variant: 'faulty' });
    return join(folder, 'faulty');
  } finally {
    await server.stop();
  }
}
