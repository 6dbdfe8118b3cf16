/** Series of numbers as lines: a chart for each unit, with a legend, and the same as a table for who sees none. */

import { useMemo, useState } from 'react';
import { Table } from '../view/table.tsx';
import { useWords } from '../words.ts';
import { Canvas } from './canvas.tsx';
import type { Series } from './series.ts';
import { type Group, grouped, measured } from './unit.ts';
import css from './chart.module.css';

export default function Chart({ series }: { series: Series }) {
  const words = useWords();
  const [isTable, setTable] = useState(false);
  const groups = useMemo(() => grouped(series), [series]);
  return (
    <div className={css.charts}>
      {groups.map((group) => (
        <figure key={group.unit} className={css.chart}>
          <Canvas series={series} group={group} label={words.chart(lastValues(group))} />
          <Legend group={group} />
        </figure>
      ))}
      <details onToggle={(event) => setTable(event.currentTarget.open)}>
        <summary>{words.table}</summary>
        {isTable && <Table rows={rowsOf(series, words.sample)} label={words.data} />}
      </details>
    </div>
  );
}

function Legend({ group: { unit, lines } }: { group: Group }) {
  return (
    <figcaption className={css.legend}>
      {lines.map(({ name, values }, index) => (
        <span key={name}>
          <span className={css.swatch} data-line={index % 6} aria-hidden="true" />
          <bdi>{name}</bdi> <b>{measured(values.at(-1), unit)}</b>
        </span>
      ))}
    </figcaption>
  );
}

const lastValues = ({ unit, lines }: Group) =>
  lines.map(({ name, values }) => `${name} ${measured(values.at(-1), unit)}`.trim()).join(', ');

const rowsOf = ({ at, isTime, lines }: Series, sample: string) =>
  at.map((moment, index) =>
    Object.fromEntries([
      [sample, isTime ? new Date(moment * 1000).toISOString() : moment],
      ...lines.map(({ name, values }): [string, unknown] => [name || '#', values[index] ?? null]),
    ]),
  );
