import { useLayoutEffect, useState } from 'preact/hooks';

export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'pg-lifeguard-theme';

/** The chosen theme, and how to choose another. A page opened from a file may have no storage: then it lasts until it is closed. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState<Theme>(readTheme);
  useLayoutEffect(() => {
    if (theme === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // No storage: nothing to remember it in.
    }
    window.dispatchEvent(new Event('colours'));
  }, [theme]);
  return [theme, setTheme];
}

function readTheme(): Theme {
  try {
    return THEMES.find((theme) => theme === localStorage.getItem(KEY)) ?? 'auto';
  } catch {
    return 'auto';
  }
}

/** Calls back whenever the colours of the page may have changed, printing included. */
export function onColours(listener: () => void): () => void {
  const queries = ['(prefers-color-scheme: dark)', 'print', '(resolution: 1dppx)'].map((text) => matchMedia(text));
  window.addEventListener('colours', listener);
  for (const query of queries) query.addEventListener('change', listener);
  return () => {
    window.removeEventListener('colours', listener);
    for (const query of queries) query.removeEventListener('change', listener);
  };
}

/** A colour of the style sheet. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
