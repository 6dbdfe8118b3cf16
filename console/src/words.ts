/** What the console says, in the language that is chosen. Each room has its words beside it, in a `words.ts`. */

import { useSettings } from './settings/store.ts';

export type Language = 'en' | 'zh';

/**
 * The words of one room: `const useWords = dictionary({ en: { save: 'Save' }, zh: { save: '保存' } })`. What one language has
 * the other must have, which the compiler sees to. A word that needs a value is a function.
 */
export function dictionary<W>(words: { en: W; zh: NoInfer<W> }) {
  /** For components: they are drawn anew when the language changes. */
  const useWords = () => words[useSettings((settings) => settings.language)];
  /** For everything else. */
  useWords.now = () => words[useSettings.getState().language];
  return useWords;
}
