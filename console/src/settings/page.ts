/** Makes the page look and speak as is set. What holds before the first paint is set by `public/first.js`. */

import { useSettings } from './store.ts';
import { useWords } from './words.ts';

const TAGS = { en: 'en', zh: 'zh-Hans' };

/** Called once, when the page starts. */
export function dress(): void {
  useSettings.subscribe(apply);
  apply();
}

function apply(): void {
  const { theme, language } = useSettings.getState();
  const root = document.documentElement;
  root.dataset.theme = theme;
  root.lang = TAGS[language];
  document.title = useWords.now().title;
}
