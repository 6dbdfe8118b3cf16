/** What is said where a part of the page does not come; the other words of panels come with them. */

import { dictionary } from '../words.ts';

export const useWords = dictionary({
  en: { unloaded: 'This part of the page could not be loaded. Reload the page when the server is back.' },
  zh: { unloaded: '页面的这一部分无法加载。请在服务器恢复后刷新页面。' },
});
