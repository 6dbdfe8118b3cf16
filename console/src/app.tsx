/** The page: its head, what is wrong, the log, the connection, and where commands are typed. */

import css from './app.module.css';
import { Banner } from './connection/banner.tsx';
import { ConnectionLine } from './connection/line.tsx';
import { Head } from './head.tsx';
import { Log } from './log/view.tsx';
import { Composer } from './palette/composer.tsx';
import { Panels } from './panels/panels.tsx';

export function App() {
  return (
    <div className={css.page}>
      <Head />
      <Banner />
      <main className={css.main}>
        <Log />
        <div className={css.foot} id="command">
          <Composer />
          <ConnectionLine />
        </div>
      </main>
      <Panels />
    </div>
  );
}
