/** Says why the server is not reached and how to mend it, for as long as it is so. */

import { type NexusError, Unreachable } from '@nexus/client';
import { useCatalogue } from '../catalogue/store.ts';
import { nexus } from '../nexus.ts';
import css from './banner.module.css';
import { tryNow } from './heal.ts';
import { useConnection } from './store.ts';
import { useWords } from './words.ts';

export function Banner() {
  const words = useWords();
  const trouble = useConnection((connection) => connection.trouble);
  const { failure, source } = useCatalogue();
  const why = trouble ?? failure;
  return (
    <div role="alert">
      {why && (
        <section className={css.banner}>
          <div className={css.text}>
            <Why failure={why} />
            {(source === 'kept' || source === 'fallback') && <p>{words.fallback[source]}</p>}
          </div>
          <button type="button" onClick={() => void tryNow()}>
            {words.now}
          </button>
        </section>
      )}
    </div>
  );
}

function Why({ failure }: { failure: Unreachable | NexusError }) {
  const words = useWords();
  if (!(failure instanceof Unreachable)) {
    const code = failure.code === 'rate_limited' || failure.code === 'draining' ? failure.code : undefined;
    return (
      <>
        <p>
          <strong>{words.trouble[code ?? 'refused']}</strong>
        </p>
        <p>{code ? words.mend[code] : `${failure.message} ${failure.hint ?? ''}`}</p>
      </>
    );
  }
  const { reason } = failure;
  return (
    <>
      <p>
        <strong>{words.trouble[reason]}</strong> <code>{nexus.url}</code>
      </p>
      <p>{reason === 'cors' ? words.cors : words.mend[reason]}</p>
      {reason === 'cors' && <Setting origin={failure.origin ?? location.origin} />}
      {reason === 'down' && <pre>nexus serve</pre>}
    </>
  );
}

function Setting({ origin }: { origin: string }) {
  const words = useWords();
  return (
    <>
      <pre>ALLOWED_ORIGINS={origin}</pre>
      <p>{words.corsMore}</p>
    </>
  );
}
