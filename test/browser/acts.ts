/** What a reader does to a report, as functions on the open page. */
import type { OpenPage } from '../reports/html-support/browser.js';

/** Drags over the pool's chart, from one share of its width to another. */
export async function brush({ page }: OpenPage, from: number, to: number): Promise<void> {
  const over = page.locator('.u-over');
  await over.scrollIntoViewIfNeeded();
  const box = await over.boundingBox();
  if (box === null) throw new Error('the chart is not visible');
  await page.mouse.move(box.x + box.width * from, box.y + box.height / 2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * ((from + to) / 2), box.y + box.height / 2, { steps: 3 });
  await page.mouse.move(box.x + box.width * to, box.y + box.height / 2, { steps: 3 });
  await page.mouse.up();
  await page.getByRole('region', { name: 'Selected time', exact: true }).waitFor();
}

/** The time range that the timeline shows. */
export async function rangeOf({ page }: OpenPage): Promise<{ from: number; to: number; span: number }> {
  const toolbar = page.getByRole('toolbar', { name: 'Timeline' });
  const [from, to] = [Number(await toolbar.getAttribute('data-from')), Number(await toolbar.getAttribute('data-to'))];
  return { from, to, span: to - from };
}

/** A text of the page, without the marks at which it may break. */
export function plain(text: string | null): string {
  return (text ?? '').replaceAll('\u200b', '').replace(/\s+/g, ' ').trim();
}
