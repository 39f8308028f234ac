// What the tests of the scripts are written with. test_modules.py runs each in a page of its own.

const PATIENCE_MS = 5000;

export const tests = new Map();

// A test's name is one string in double quotes, at the start of a line: pytest finds it by that.
export function test(name, body) {
  if (tests.has(name)) throw new Error(`two tests are called: ${name}`);
  tests.set(name, body);
}

export async function run(name) {
  const tooLong = new Promise((_, reject) => {
    setTimeout(() => reject(new Error("the test does not end")), PATIENCE_MS);
  });
  await Promise.race([tests.get(name)(), tooLong]);
}

const written = (value) =>
  JSON.stringify(value, (_, part) => (part === undefined ? "<undefined>" : part));

export function equal(actual, expected) {
  if (written(actual) !== written(expected)) {
    throw new Error(`expected ${written(expected)}, got ${written(actual)}`);
  }
}

// One case after the other: [given…, expected].
export function each(cases, actual) {
  for (const one of cases) {
    const [given, expected] = [one.slice(0, -1), one.at(-1)];
    const got = actual(...given);
    if (written(got) !== written(expected)) {
      throw new Error(`${written(given)}: expected ${written(expected)}, got ${written(got)}`);
    }
  }
}

// Lets everything happen that waits for nothing but its turn: promises, and observers.
export const settled = () =>
  new Promise((resolve) => {
    setTimeout(resolve);
  });
