/** What is said of the connection. */

import type { StreamGap, UnreachableReason } from '@nexus/client';
import { dictionary } from '../words.ts';

interface Words {
  line: string;
  phases: Record<'connecting' | 'open' | 'waiting' | 'closed' | 'none', string>;
  milliseconds(count: number): string;
  again(seconds: number): string;
  now: string;
  dismiss: string;
  reload: string;
  signIn: string;
  expired: string;
  resumed: string;
  gap: Record<StreamGap['reason'], string>;
  missed(count: number): string;
  version(from: string, to: string): string;
  clock(seconds: number): string;
  trouble: Record<UnreachableReason | 'refused' | 'rate_limited' | 'draining', string>;
  mend: Record<'offline' | 'down' | 'timeout' | 'not_nexus' | 'rate_limited' | 'draining', string>;
  cors: string;
  corsMore: string;
  fallback: Record<'kept' | 'fallback', string>;
}

const minutes = (seconds: number) => Math.round(Math.abs(seconds) / 60);

export const useWords = dictionary<Words>({
  en: {
    line: 'Connection',
    phases: {
      connecting: 'connecting',
      open: 'live',
      waiting: 'disconnected',
      closed: 'not listening',
      none: 'connected',
    },
    milliseconds: (count) => `${count} ms`,
    again: (seconds) => `next attempt in ${seconds} s`,
    now: 'Try now',
    dismiss: 'Dismiss',
    reload: 'Reload',
    signIn: 'Sign in',
    expired: 'Your session has ended.',
    resumed: 'Connected again, and nothing was missed.',
    gap: {
      evicted: 'Some results were forgotten by the server before they could be told. /history has what is left.',
      unknown_id: 'The server does not know where this page left off. /history has what was missed.',
      slow_reader: 'This page was too slow to be told everything.',
    },
    missed: (count) => `${count} messages are missing.`,
    version: (from, to) => `The server is ${to} now; this page was made for ${from}.`,
    clock: (seconds) =>
      `Your clock is ${minutes(seconds)} min ${seconds > 0 ? 'behind' : 'ahead of'} the server's. What you sign has the server's time.`,
    trouble: {
      offline: 'This machine is offline.',
      cors: 'The server does not allow this page to call it.',
      down: 'The server does not answer.',
      timeout: 'The server does not answer in time.',
      not_nexus: 'Something else than nexus answers there.',
      refused: 'The server refuses.',
      rate_limited: 'The server has had too many requests from here.',
      draining: 'The server is stopping.',
    },
    mend: {
      offline: 'It goes on by itself once there is a network.',
      down: 'Start it there, or see whether the address is right:',
      timeout: 'It may be busy, or the network slow.',
      not_nexus: 'See whether the address is right, and whether a proxy stands in between.',
      rate_limited: 'It goes on by itself in a moment.',
      draining: 'It goes on by itself once the server is back.',
    },
    cors: "Add this page's origin to the server's settings, and start it again:",
    corsMore: 'Origins that are there already stay, separated by commas.',
    fallback: { kept: 'The list of commands is the last one known.', fallback: 'Only the basic commands are listed.' },
  },
  zh: {
    line: '连接',
    phases: { connecting: '连接中', open: '实时连接', waiting: '已断开', closed: '未监听', none: '已连接' },
    milliseconds: (count) => `${count} 毫秒`,
    again: (seconds) => `${seconds} 秒后重试`,
    now: '立即重试',
    dismiss: '关闭提示',
    reload: '刷新页面',
    signIn: '登录',
    expired: '会话已结束。',
    resumed: '已重新连接，没有遗漏。',
    gap: {
      evicted: '有些结果在送达之前已被服务器遗忘。用 /history 查看剩下的。',
      unknown_id: '服务器不知道这个页面上次听到哪里。用 /history 查看遗漏的。',
      slow_reader: '这个页面太慢，没有听到全部消息。',
    },
    missed: (count) => `遗漏了 ${count} 条消息。`,
    version: (from, to) => `服务器现在是 ${to}，而这个页面是为 ${from} 制作的。`,
    clock: (seconds) =>
      `你的时钟比服务器${seconds > 0 ? '慢' : '快'}约 ${minutes(seconds)} 分钟。签名使用服务器的时间。`,
    trouble: {
      offline: '这台设备处于离线状态。',
      cors: '服务器不允许这个页面访问它。',
      down: '服务器没有响应。',
      timeout: '服务器没有及时响应。',
      not_nexus: '这个地址上响应的不是 nexus。',
      refused: '服务器拒绝了请求。',
      rate_limited: '服务器收到了太多来自这里的请求。',
      draining: '服务器正在停止。',
    },
    mend: {
      offline: '网络恢复后会自动继续。',
      down: '请在那里启动它，或检查地址是否正确：',
      timeout: '服务器可能很忙，或者网络很慢。',
      not_nexus: '请检查地址是否正确，以及中间是否有代理。',
      rate_limited: '稍后会自动继续。',
      draining: '服务器恢复后会自动继续。',
    },
    cors: '把这个页面的来源加到服务器的设置里，然后重新启动它：',
    corsMore: '已有的来源保留，用逗号分隔。',
    fallback: { kept: '命令列表是最近一次得到的。', fallback: '只列出了基本命令。' },
  },
});
