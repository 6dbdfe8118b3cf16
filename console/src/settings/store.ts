/** How the console looks and speaks, kept in this browser. */

import { create } from 'zustand';
import type { Language } from '../words.ts';
import { keep, kept } from './kept.ts';

export type Theme = 'light' | 'dark' | 'system';

interface Look {
  theme: Theme;
  language: Language;
  /** Whether results are shown as the JSON that came. */
  raw: boolean;
  /** How many lines of what was typed are kept. */
  history: number;
}

interface Settings extends Look {
  set(change: Partial<Look>): void;
}

const spoken = (): Language => (navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en');

/** Where nobody has chosen anything. */
export const usual: Readonly<Look> = { theme: 'system', language: spoken(), raw: false, history: 500 };

export const useSettings = create<Settings>((set, get) => ({
  ...usual,
  ...kept<Partial<Settings>>('settings'),
  set(change) {
    set(change);
    const { theme, language, raw, history } = get();
    keep('settings', { theme, language, raw, history });
  },
}));
