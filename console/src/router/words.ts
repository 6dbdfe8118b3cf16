/** What the router says in the log. */

import { dictionary } from '../words.ts';

export const useWords = dictionary({
  en: {
    cleared: 'The log is empty now.',
    takesNothing: (name: string) => `/${name} takes no arguments.`,
    whichTheme: 'The theme is one of light, dark and system.',
    themeIs: (theme: string) =>
      (theme === 'system' ? 'The theme follows your system now.' : `The theme is ${theme} now.`),
    notHere: (name: string) => `/${name} runs in the frontend, and this console does not know it.`,
    notHereHint: 'A newer console may know it: reload the page.',
    commands: 'What you can run',
    signed: '(signed)',
    proven: '(needs an identity)',
    keys: 'Type / to search them. ↑ brings back what you typed before.',
    notAll: 'The server does not answer, so this list may not be all there is.',
    signing: 'Waiting for your wallet to sign…',
    again: 'No answer yet. Sending it again; it runs only once…',
    notSigned: {
      no_signer: {
        message: 'This needs your signature, and you have no key yet.',
        hint: 'Create an identity: it makes a key that stays in this browser.',
      },
      unable: {
        message: 'Your key cannot sign this.',
        hint: 'Connect it again, or use another key.',
      },
      refused: {
        message: 'It was not signed, so nothing was sent.',
        hint: 'Run it again and confirm it in your wallet.',
      },
    },
    unreachable: {
      offline: 'Nothing was sent: this machine is offline.',
      cors: 'Nothing was sent: the server does not allow this page to call it.',
      down: 'The server does not answer.',
      timeout: 'The server does not answer in time.',
      not_nexus: 'Something else than nexus answers at this address.',
    },
    unreachableHint: 'It will not run by itself later; run it again when the server is back.',
    lost: 'The connection broke before an answer came. It may have run, or not.',
    lostHint: 'Look whether it had its effect before you run it again.',
    broken: 'The console could not run it.',
  },
  zh: {
    cleared: '日志已清空。',
    takesNothing: (name: string) => `/${name} 不带参数。`,
    whichTheme: '主题只能是 light、dark 或 system。',
    themeIs: (theme: string) =>
      (theme === 'system' ? '主题现在跟随系统。' : `主题现在是${theme === 'dark' ? '深色' : '浅色'}。`),
    notHere: (name: string) => `/${name} 在前端运行，而这个控制台不认识它。`,
    notHereHint: '新版控制台可能认识它：请刷新页面。',
    commands: '可以运行的命令',
    signed: '（需签名）',
    proven: '（需身份）',
    keys: '输入 / 可以搜索命令，按 ↑ 可以取回之前输入的内容。',
    notAll: '服务器没有响应，这个列表可能不完整。',
    signing: '等待钱包签名……',
    again: '还没有收到回答，正在重发；命令只会运行一次……',
    notSigned: {
      no_signer: {
        message: '这个命令需要签名，而你还没有密钥。',
        hint: '请先创建身份：密钥只保存在这个浏览器里。',
      },
      unable: {
        message: '你的密钥无法签这个命令。',
        hint: '请重新连接，或换一个密钥。',
      },
      refused: {
        message: '没有签名，因此什么也没有发送。',
        hint: '请再运行一次，并在钱包中确认。',
      },
    },
    unreachable: {
      offline: '没有发送：这台设备处于离线状态。',
      cors: '没有发送：服务器不允许这个页面访问它。',
      down: '服务器没有响应。',
      timeout: '服务器没有及时响应。',
      not_nexus: '这个地址上响应的不是 nexus。',
    },
    unreachableHint: '它不会稍后自动运行；服务器恢复后请再运行一次。',
    lost: '连接在收到回答之前断开了。它可能已经运行，也可能没有。',
    lostHint: '再次运行之前，请先看看它是否已经生效。',
    broken: '控制台无法运行它。',
  },
});
