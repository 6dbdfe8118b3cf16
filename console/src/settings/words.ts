/** What the head of the page says. */

import { dictionary } from '../words.ts';

export const useWords = dictionary({
  en: {
    title: 'nexus console',
    skip: 'Skip to the command line',
    identity: 'Identity',
    raw: 'Raw',
    theme: 'Theme',
    themes: { system: 'System', light: 'Light', dark: 'Dark' },
    language: 'Language',
  },
  zh: {
    title: 'nexus 控制台',
    skip: '跳到命令行',
    identity: '身份',
    raw: '原始数据',
    theme: '主题',
    themes: { system: '跟随系统', light: '浅色', dark: '深色' },
    language: '语言',
  },
});
