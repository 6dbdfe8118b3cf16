/** How the console looks and speaks, kept in this browser. */

import { create } from 'zustand';
import type { Language } from '../words.ts';
import { keep, kept } from './kept.ts';

export type Theme = 'light' | 'dark' | 'system';

interface Settings {
  theme: Theme;
  language: Language;
  /** Whether results are shown as the JSON that came. */
  raw: boolean;
  set(change: Partial<Pick<Settings, 'theme' | 'language' | 'raw'>>): void;
}

const spoken = (): Language => (navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en');

export const useSettings = create<Settings>((set, get) => ({
  theme: 'system',
  language: spoken(),
  raw: false,
  ...kept<Partial<Settings>>('settings'),
  set(change) {
    set(change);
    const { theme, language, raw } = get();
    keep('settings', { theme, language, raw });
  },
}));
