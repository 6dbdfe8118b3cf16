import { useEffect, useRef } from 'react';

/** Does it when the panel opens, and never again; a mode of React that does all effects twice changes nothing. */
export function useOnce(task: () => void): void {
  const done = useRef(false);
  useEffect(() => {
    if (done.current) return;
    done.current = true;
    task();
  });
}
