/** What may be wider or higher than its place: it scrolls by itself, by the keyboard too, and never the page. */

import type { ReactNode } from 'react';
import css from './view.module.css';

export function Scrolled({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={css.scrolled} role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}
