/** The list above the input: commands, or what may stand at the caret. The focus stays in the input. */

import { CommandItem, CommandList, CommandRoot } from 'cmdk';
import { type MouseEvent, type RefObject } from 'react';
import { Prose } from '../prose.tsx';
import type { Candidate } from './completion.ts';
import styles from './list.module.css';
import type { Match } from './match.ts';
import { Row } from './row.tsx';
import { useWords } from './words.ts';

interface Props {
  list: RefObject<HTMLDivElement | null>;
  matches: readonly Match[];
  candidates: readonly Candidate[];
  /** How many commands there are beyond those shown. */
  more: number;
  chosen: number;
  /** Whether the chosen row is marked: what may stand at the caret is only offered until somebody goes there. */
  marked: boolean;
  onChoose(row: number): void;
  onMove(): void;
  onTake(row: number): void;
}

export function List({ list, matches, candidates, more, chosen, marked, onChoose, onMove, onTake }: Props) {
  const words = useWords();

  function take(event: MouseEvent): void {
    const option = event.target instanceof Element ? event.target.closest('[role="option"]') : null;
    const row = option?.getAttribute('data-value');
    if (row) onTake(Number(row));
  }

  // Rows are known by their place, so that another text changes what they say and mounts none anew.
  return (
    <CommandRoot
      className={styles.list}
      label={words.commands}
      shouldFilter={false}
      value={String(chosen)}
      onValueChange={(row) => onChoose(Number(row))}
      data-marked={marked}
    >
      <CommandList
        ref={list}
        label={words.commands}
        className={styles.rows}
        onMouseDown={(event) => event.preventDefault()}
        onPointerMove={onMove}
        onClick={take}
      >
        {matches.map((match, row) => (
          <CommandItem key={row} value={String(row)} className={styles.row}>
            <Row match={match} />
          </CommandItem>
        ))}
        {candidates.map(({ label, description }, row) => (
          <CommandItem key={row} value={String(row)} className={styles.row}>
            <code className={styles.name}>{label}</code>
            <span className={styles.description}>
              <Prose text={description} />
            </span>
          </CommandItem>
        ))}
      </CommandList>
      {more > 0 && <p className={styles.more}>{words.more(more)}</p>}
    </CommandRoot>
  );
}
