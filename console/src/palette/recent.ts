/** The commands that were used last, the newest first, for each key. */

import { listPerKey, type Owner } from './per-key.ts';

const MOST = 20;
const paths = listPerKey('recent');

export const recent = {
  read: paths.read,

  add(owner: Owner, path: string): void {
    paths.write(owner, [path, ...paths.read(owner).filter((each) => each !== path)].slice(0, MOST));
  },
};
