import type { PageData } from '../page-data.js';
import { formatMs } from './format.js';
import { THEMES, useTheme, type Theme } from './theme.js';

const THEME_NAMES: Record<Theme, string> = { auto: 'As the system', light: 'Light', dark: 'Dark' };

export function Masthead({ data }: { data: Pick<PageData, 'run'> }) {
  const [theme, setTheme] = useTheme();
  const script = withoutFolder(data.run.processes[0]?.script ?? '', data.run.cwd);
  return (
    <header class="masthead">
      <p class="mark">
        <Buoy />
        <span>pg-lifeguard</span>
      </p>
      <p class="run">
        {script !== '' && <code>{script}</code>} <span>{formatMs(data.run.durationMs)}</span> <time dateTime={data.run.startedAt}>{formatDate(data.run.startedAt)}</time>
      </p>
      <fieldset class="themes">
        <legend class="sr">Colours</legend>
        {THEMES.map((name) => (
          <label key={name} title={`Colours: ${THEME_NAMES[name].toLowerCase()}`}>
            <input type="radio" name="theme" value={name} checked={theme === name} onChange={() => setTheme(name)} />
            <ThemeIcon theme={name} />
            <span class="sr">{THEME_NAMES[name]}</span>
          </label>
        ))}
      </fieldset>
    </header>
  );
}

function withoutFolder(path: string, folder: string): string {
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
}

/** "28 May 2026, 20:26 UTC". */
function formatDate(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return `${date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })}, ${iso.slice(11, 16)} UTC`;
}

function Buoy() {
  return (
    <svg viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
      <circle cx="16" cy="16" r="10" class="buoy-white" />
      <circle cx="16" cy="16" r="10" class="buoy-red" />
    </svg>
  );
}

function ThemeIcon({ theme }: { theme: Theme }) {
  return (
    <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
      {theme === 'light' && <path d="M10 6a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6 16 16M16 4l-1.4 1.4M5.4 14.6 4 16" />}
      {theme === 'dark' && <path d="M16.5 12.2A7 7 0 0 1 7.8 3.5a7 7 0 1 0 8.7 8.7z" />}
      {theme === 'auto' && <path d="M10 2.5a7.5 7.5 0 1 0 0 15zM10 2.5a7.5 7.5 0 0 1 0 15M10 2.5v15" class="half" />}
    </svg>
  );
}
