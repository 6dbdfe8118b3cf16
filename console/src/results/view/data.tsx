/** The data of an answer: by the renderer that the definition names, or by their shape. Where that fails, as JSON. */

import { Suspense, lazy, useMemo } from 'react';
import type { Entry } from '../../log/entry.ts';
import { Boundary } from '../boundary.tsx';
import { seriesOf } from '../chart/series.ts';
import { Raw } from '../raw.tsx';
import { registered } from '../registry.ts';
import { useWords } from '../words.ts';
import { Value } from './value.tsx';
import css from './view.module.css';

const Chart = lazy(() => import('../chart/chart.tsx'));

export interface Given {
  data: unknown;
  entry: Entry;
  renderer?: string | undefined;
}

export function Data({ data, entry, renderer }: Given) {
  const words = useWords();
  const name = renderer ?? 'json';
  const instead = (
    <>
      <p className={css.failed}>{words.notDrawn(name)}</p>
      <Raw value={data} label={words.data} />
    </>
  );
  return (
    <Boundary key={name} instead={instead}>
      <View data={data} entry={entry} renderer={renderer} />
    </Boundary>
  );
}

function View({ data, entry, renderer }: Given) {
  const words = useWords();
  const Own = renderer === undefined ? undefined : registered(renderer);
  const value = <Value value={data} hint={renderer} label={words.data} />;
  if (Own) return <Own data={data} entry={entry} />;
  return renderer === 'chart' ? <Plotted data={data} entry={entry} otherwise={value} /> : value;
}

/** A chart of the data, or of what was told on the way to them. */
function Plotted({ data, entry, otherwise }: { data: unknown; entry: Entry; otherwise: React.ReactNode }) {
  const { progress } = entry;
  const own = useMemo(() => seriesOf(data), [data]);
  const told = useMemo(() => seriesOf(progress?.map((step) => step.data ?? {})), [progress]);
  const series = own ?? told;
  return (
    <>
      {series && (
        <Suspense fallback={<div className={css.place} />}>
          <Chart series={series} />
        </Suspense>
      )}
      {own || data === undefined ? null : otherwise}
    </>
  );
}
