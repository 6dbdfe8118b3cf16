/** What the log says around its messages. */

import { dictionary } from '../words.ts';

const apart = (seconds: number) => Math.round(Math.abs(seconds) / 60);

export const useWords = dictionary({
  en: {
    log: 'Messages',
    empty: 'Nothing yet. Type / to see what you can run.',
    dropped: (count: number) =>
      `The ${count === 1 ? 'oldest message has' : `${count} oldest messages have`} given way to newer ones.`,
    more: (count: number) => (count > 0 ? `↓ ${count} new` : '↓ To the end'),
    elsewhere: 'from elsewhere',
    states: { pending: 'runs', success: 'succeeded', error: 'failed', lost: 'no answer' },
    waiting: 'Waiting for the answer…',
    again: 'Try again',
    create: 'Create an identity',
    clock: (seconds: number) =>
      `Your clock is ${apart(seconds)} min ${seconds > 0 ? 'behind' : 'ahead of'} the server's, so the signature was not of now.`,
    serverTime: "Sign with the server's time",
  },
  zh: {
    log: '消息',
    empty: '还没有消息。输入 / 查看可以运行的命令。',
    dropped: (count: number) => `最早的 ${count} 条消息已让位给更新的消息。`,
    more: (count: number) => (count > 0 ? `↓ ${count} 条新消息` : '↓ 回到末尾'),
    elsewhere: '来自别处',
    states: { pending: '运行中', success: '成功', error: '失败', lost: '没有回答' },
    waiting: '正在等待回答……',
    again: '重试',
    create: '创建身份',
    clock: (seconds: number) => `你的时钟比服务器${seconds > 0 ? '慢' : '快'}约 ${apart(seconds)} 分钟，因此签名已过期或尚未生效。`,
    serverTime: '用服务器的时间签名',
  },
});
