/** The colours of the theme, for what is drawn and has no styles. */

import { useEffect, useState } from 'react';

const LINES = ['--accent', '--good', '--warn', '--bad', '--ink', '--faint'];

export interface Colours {
  line: string;
  faint: string;
  lines: string[];
}

function read(): Colours {
  const style = getComputedStyle(document.documentElement);
  const colour = (token: string) => style.getPropertyValue(token).trim();
  return { line: colour('--line'), faint: colour('--faint'), lines: LINES.map(colour) };
}

/** Anew whenever the theme changes, here or in the system. */
export function useColours(): Colours {
  const [colours, setColours] = useState(read);
  useEffect(() => {
    const changed = () => setColours(read());
    const observer = new MutationObserver(changed);
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    const dark = matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', changed);
    return () => {
      observer.disconnect();
      dark.removeEventListener('change', changed);
    };
  }, []);
  return colours;
}
