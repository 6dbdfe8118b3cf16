// RFC 8785 in JavaScript, whose JSON.stringify and whose order of strings the RFC takes as they are. Objects are written by
// hand, since JavaScript would put names such as "10" first and take "__proto__" for something else.

export function canonical(value) {
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join(',')}]`;
  }
  if (value !== null && typeof value === 'object') {
    const members = Object.keys(value).sort();
    return `{${members.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`;
  }
  return JSON.stringify(value);
}
