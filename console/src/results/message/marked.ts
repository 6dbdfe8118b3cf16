/** Whether a text may be more than words: only then is it worth to load what reads markdown. */

/** What begins something in CommonMark or GFM: within a line, or at the begin of one. */
const WITHIN = /[*_`#[\]!|~<>&\\]|\w:\/\/|www\.|@/;
const AT_LINE = /^[ \t]*(?:[-+=]|\d+[.)])|^(?: {4}|\t)/m;

export const isMarked = (text: string): boolean => WITHIN.test(text) || AT_LINE.test(text);
