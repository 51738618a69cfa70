import type { CallSite, SourceExcerpt } from '../model.js';
import type { PageData } from './page-data.js';
import { visibleText } from './visible-text.js';

/** Source excerpts that the page shows, each once. */
export class ExcerptTable {
  readonly list: PageData['excerpts'] = [];
  readonly #known = new Map<SourceExcerpt, number>();

  constructor(private readonly sources: ReadonlyMap<string, SourceExcerpt>) {}

  /** Position of the excerpt around a line, -1 for none. */
  index(site: CallSite): number {
    const excerpt = this.sources.get(`${site.file}:${site.line}`);
    if (excerpt === undefined) return -1;
    const known = this.#known.get(excerpt);
    if (known !== undefined) return known;
    const lines = excerpt.lines.slice(0, 60).map((line) => visibleText(line, 400));
    const index = this.list.push({ file: visibleText(excerpt.file), firstLine: excerpt.firstLine, lines }) - 1;
    this.#known.set(excerpt, index);
    return index;
  }
}

export function showSite(site: CallSite): CallSite {
  return { ...site, file: visibleText(site.file), function: visibleText(site.function) };
}
