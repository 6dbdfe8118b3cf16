import { dictionary } from '../words.ts';

export const useWords = dictionary({
  en: {
    browserWallet: 'Wallet of this browser',
    wallet: {
      refused: { message: 'You refused it in the wallet. Nothing was sent.' },
      busy: { message: 'The wallet has another request open.', hint: 'Answer that first, then try again.' },
      locked: {
        message: 'The wallet is locked or gives no account.',
        hint: 'Unlock it and allow an account for this page.',
      },
      wrong_account: {
        message: 'The wallet has another account chosen than the one that is connected here.',
        hint: 'Choose that account in the wallet, or connect again with the other one: /identity.',
      },
      malformed: {
        message: 'What the wallet gave is no signature of this account. Nothing was sent.',
        hint: 'Accounts that are contracts cannot sign here; take one with a key.',
      },
      not_allowed: {
        message: 'The wallet does not allow this page to use that account.',
        hint: 'Connect it again: /identity.',
      },
      disconnected: { message: 'The wallet is not connected to its network.', hint: 'Open it, and try again.' },
      unsupported: {
        message: 'The wallet cannot sign messages (personal_sign).',
        hint: 'Another wallet, or a key of this browser, can.',
      },
      gone: {
        message: 'The wallet is not in this browser any more.',
        hint: 'Install or enable it, or disconnect it here: /identity.',
      },
      failed: { message: 'The wallet failed. Nothing was sent.', hint: 'Open it and see what it says.' },
    } satisfies Record<string, { message: string; hint?: string }>,
  },
  zh: {
    browserWallet: '此浏览器的钱包',
    wallet: {
      refused: { message: '你在钱包中拒绝了请求。未发送任何内容。' },
      busy: { message: '钱包中有另一个未处理的请求。', hint: '请先处理它，然后重试。' },
      locked: { message: '钱包已锁定，或未提供账户。', hint: '请解锁钱包，并允许此页面使用一个账户。' },
      wrong_account: {
        message: '钱包当前选择的账户与此处连接的账户不同。',
        hint: '请在钱包中选择该账户，或用另一账户重新连接：/identity。',
      },
      malformed: {
        message: '钱包返回的不是此账户的签名。未发送任何内容。',
        hint: '合约账户无法在此签名，请使用有密钥的账户。',
      },
      not_allowed: { message: '钱包不允许此页面使用该账户。', hint: '请重新连接：/identity。' },
      disconnected: { message: '钱包未连接到其网络。', hint: '请打开钱包后重试。' },
      unsupported: { message: '该钱包不能签署消息（personal_sign）。', hint: '请使用其他钱包或此浏览器的密钥。' },
      gone: { message: '此浏览器中已没有该钱包。', hint: '请安装或启用它，或在此断开连接：/identity。' },
      failed: { message: '钱包出错。未发送任何内容。', hint: '请打开钱包查看原因。' },
    },
  },
});
