/** The members of an object, each in the view of its own kind under its name. */

import { type Row, isScalar, kindOf } from './kind.ts';
import { useMore } from './more.tsx';
import { Text } from './text.tsx';
import { Value } from './value.tsx';
import css from './view.module.css';

const FIRST = 50;

const isShort = (value: unknown) => isScalar(value) || kindOf(value) === 'nothing';

export function KeyValue({ members, hint, depth }: { members: Row; hint: string | undefined; depth: number }) {
  const all = Object.entries(members);
  const { shown, more } = useMore(all.length, FIRST);
  return (
    <>
      <dl className={css.keyvalue}>
        {all.slice(0, shown).map(([name, value]) => (
          <div key={name} className={isShort(value) ? css.pair : css.nested}>
            <dt>
              <Text text={name} long={100} />
            </dt>
            <dd>
              <Value value={value} hint={hint} label={name} depth={depth + 1} />
            </dd>
          </div>
        ))}
      </dl>
      {more}
    </>
  );
}
