import { describe, expect, test } from 'vitest';
import { canonical } from '../src/index.ts';

describe('the canonical form (RFC 8785)', () => {
  test.each([
    [{ times: 2.0, text: 'guten Tag' }, '{"text":"guten Tag","times":2}'],
    [[56, { d: true, 10: null, 1: [] }], '[56,{"1":[],"10":null,"d":true}]'],
    // Section 3.2.2.3, numbers as ECMAScript writes them.
    [[333333333.33333329, 1e30, 4.5, 2e-3, 0.000000000000000000000000001], '[333333333.3333333,1e+30,4.5,0.002,1e-27]'],
    [-0, '0'],
    // Section 3.2.2.2, strings.
    ['\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\\"\/', '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'],
    // Section 3.2.3: by UTF-16 code units, so that U+1F600 (D83D DE00) stands before U+FB33.
    [
      {
        '\u20ac': 'Euro Sign',
        '\r': 'Carriage Return',
        '\ufb33': 'Hebrew',
        1: 'One',
        '\ud83d\ude00': 'Emoji',
        '\u0080': 'Control',
        '\u00f6': 'o',
      },
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"o","€":"Euro Sign","😀":"Emoji","\ufb33":"Hebrew"}',
    ],
    [[], '[]'],
    [{ absent: undefined, there: null }, '{"there":null}'],
  ])('of %j', (value, form) => {
    expect(canonical(value)).toBe(form);
  });

  test.each([['half a pair \ud83d'], [{ ['\ude00']: 1 }], [undefined]])('is not there of %j', (value) => {
    expect(() => canonical(value)).toThrow(TypeError);
  });
});
