/**
 * Markdown of others. HTML in it is shown and never made, a link leads to the web or a mailbox and nowhere else, and an
 * image is a link, since nothing is loaded from anywhere.
 */

import { memo } from 'react';
import ReactMarkdown, { type Components } from 'react-markdown';
import remarkGfm from 'remark-gfm';
import { Scrolled } from '../view/scrolled.tsx';
import { useWords } from '../words.ts';

const PLUGINS = [remarkGfm];
const SCHEMES = new Set(['http:', 'https:', 'mailto:']);

/** The address as a browser reads it; nothing for one of another scheme, or of none. */
function address(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, href } = new URL(url);
  return SCHEMES.has(protocol) ? href : undefined;
}

const Link: Components['a'] = ({ href, children }) =>
  href ? (
    <a href={href} title={href} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  ) : (
    <span>{children}</span>
  );

const Image: Components['img'] = ({ src, alt }) => {
  const words = useWords();
  return <Link href={src}>{`[${words.image}${alt ? `: ${alt}` : ''}]`}</Link>;
};

/** Only task lists have one. */
const Box: Components['input'] = ({ checked }) => {
  const words = useWords();
  return (
    <>
      <span aria-hidden="true">{checked ? '☑' : '☐'}</span>
      <span className="unseen">{checked ? words.done : words.toDo}</span>
    </>
  );
};

const Table: Components['table'] = ({ children }) => {
  const words = useWords();
  return (
    <Scrolled label={words.data}>
      <table>{children}</table>
    </Scrolled>
  );
};

const Block: Components['pre'] = ({ children }) => {
  const words = useWords();
  return (
    <Scrolled label={words.data}>
      <pre>{children}</pre>
    </Scrolled>
  );
};

const COMPONENTS: Components = {
  a: Link,
  img: Image,
  input: Box,
  table: Table,
  pre: Block,
  // Below the heading that the page itself has.
  h1: 'h3',
  h2: 'h4',
  h3: 'h5',
  h4: 'h6',
  h5: 'h6',
  // The line ends that markdown would fold are shown, and here is one of them.
  br: () => null,
};

export default memo(function Markdown({ text }: { text: string }) {
  return (
    <ReactMarkdown remarkPlugins={PLUGINS} components={COMPONENTS} urlTransform={address}>
      {text}
    </ReactMarkdown>
  );
});
