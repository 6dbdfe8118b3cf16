import { dictionary } from '../words.ts';
import type { Kind } from './field.ts';

const range = (from: number | undefined, to: number | undefined, both: string, least: string, most: string) => {
  if (from !== undefined && to !== undefined) return from + both + to;
  if (from !== undefined) return least + from;
  return to === undefined ? '' : most + to;
};

export const useWords = dictionary({
  en: {
    required: 'required',
    nothing: '(none)',
    add: (name: string) => `Add to ${name}`,
    remove: (name: string, place: number) => `Remove ${name} ${place}`,
    row: (name: string, place: number) => `${name} ${place}`,
    others: 'The server found more wrong:',
    bounds(kind: Kind): string {
      switch (kind.type) {
        case 'number':
          return [
            kind.integer ? 'A whole number' : 'A number',
            range(kind.minimum, kind.maximum, ' to ', 'from ', 'up to '),
          ]
            .filter(Boolean)
            .join(', ');
        case 'text': {
          const length = range(kind.shortest || undefined, kind.longest, ' to ', 'at least ', 'up to ');
          return [length && `${length} characters`, kind.pattern && `pattern ${kind.pattern}`]
            .filter(Boolean)
            .join(', ');
        }
        case 'json':
          return 'Written as JSON';
        default:
          return '';
      }
    },
  },
  zh: {
    required: '必填',
    nothing: '（无）',
    add: (name: string) => `添加 ${name}`,
    remove: (name: string, place: number) => `删除 ${name} ${place}`,
    row: (name: string, place: number) => `${name} ${place}`,
    others: '服务器还发现以下问题：',
    bounds(kind: Kind): string {
      switch (kind.type) {
        case 'number':
          return [kind.integer ? '整数' : '数字', range(kind.minimum, kind.maximum, ' 到 ', '不小于 ', '不大于 ')]
            .filter(Boolean)
            .join('，');
        case 'text': {
          const length = range(kind.shortest || undefined, kind.longest, ' 到 ', '至少 ', '最多 ');
          return [length && `${length} 个字符`, kind.pattern && `格式 ${kind.pattern}`].filter(Boolean).join('，');
        }
        case 'json':
          return '以 JSON 书写';
        default:
          return '';
      }
    },
  },
});
