/** The drawing of one chart, by uPlot, in the colours of the theme and as wide as its place. */

import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useSettings } from '../../settings/store.ts';
import type { Series } from './series.ts';
import { type Group, measured } from './unit.ts';
import { useColours } from './colours.ts';
import css from './chart.module.css';

const HEIGHT = 180;
/** Lines differ by more than their colour. */
const DASHES = [[], [6, 4], [2, 3], [10, 4, 2, 4], [4, 2], [12, 3]];

interface Drawn {
  series: Series;
  group: Group;
  label: string;
}

/** Samples are counted in whole numbers, and bytes by powers of two. */
const COUNTS = [0, 1, 2, 3, 4, 5, 6].flatMap((power) => [1, 2, 5].map((digit) => digit * 10 ** power));
const SIZES = Array.from({ length: 60 }, (_, power) => 2 ** power);
const DAY = 86_400;

function moments(ticks: number[], language: string): string[] {
  const isLong = (ticks.at(-1) ?? 0) - (ticks[0] ?? 0) > DAY;
  const times = ticks.map((tick) => new Date(tick * 1000));
  return times.map((time) => (isLong ? time.toLocaleDateString(language) : time.toLocaleTimeString(language)));
}

export function Canvas({ series, group, label }: Drawn) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(null);
  const colours = useColours();
  const language = useSettings((settings) => settings.language);
  const { at, isTime } = series;
  const { unit } = group;
  const names = group.lines.map(({ name }) => name).join('\n');

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const thin = { stroke: colours.line, width: 1 };
    const axis = { stroke: colours.faint, grid: thin, ticks: thin };
    const options: uPlot.Options = {
      width: element.clientWidth,
      height: HEIGHT,
      legend: { show: false },
      cursor: { drag: { x: false, y: false } },
      scales: { x: { time: isTime } },
      axes: [
        isTime ? { ...axis, space: 90, values: (_, ticks) => moments(ticks, language) } : { ...axis, incrs: COUNTS },
        {
          ...axis,
          size: (_, labels) => Math.max(70, 22 + 7 * Math.max(0, ...(labels ?? []).map(({ length }) => length))),
          values: (_, ticks) => ticks.map((tick) => measured(tick, unit)),
          ...(unit === 'B' && { incrs: SIZES }),
        },
      ],
      series: [
        {},
        ...names.split('\n').map((name, index) => ({
          label: name,
          stroke: colours.lines[index % colours.lines.length] ?? colours.faint,
          dash: DASHES[index % DASHES.length] ?? [],
          width: 2,
          points: { show: at.length < 2 },
        })),
      ],
    };
    const drawn = new uPlot(options, [[]], element);
    plot.current = drawn;
    const observer = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      drawn.destroy();
      plot.current = null;
    };
  }, [colours, isTime, unit, names, language]);

  // Also when it was drawn anew above.
  useEffect(() => {
    plot.current?.setData([at, ...group.lines.map(({ values }) => values)]);
  });

  return <div ref={place} role="img" aria-label={label} className={css.canvas} />;
}
