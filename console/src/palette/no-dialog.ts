/** Stands in for the dialog that cmdk brings along and the palette never opens, so that nobody has to load it. */

const nothing = () => null;

export { nothing as Content, nothing as Overlay, nothing as Portal, nothing as Root };
