/** The line that is being typed. */

import { type Recall, textOf } from './history.ts';

export interface Line {
  readonly text: string;
  readonly caret: number;
  /** Whether the list was sent away. */
  readonly dismissed: boolean;
  /** The row of the list that is chosen. */
  readonly chosen: number;
  /** Whether somebody has gone to that row. */
  readonly moved: boolean;
  /** Where in the history it comes from, as long as it is unchanged. */
  readonly recalled?: Recall;
  /** Whether it was refused as it is. */
  readonly refused?: true;
}

export function typed(text: string, caret = text.length): Line {
  return { text, caret, dismissed: false, chosen: 0, moved: false };
}

export const EMPTY = typed('');

export function recalled(recall: Recall): Line {
  const isDraft = recall.at === recall.lines.length;
  const line = { ...typed(textOf(recall)), dismissed: true };
  return isDraft ? line : { ...line, recalled: recall };
}
