// ESLint's rules for the page's scripts and their tests. tests/run.sh runs it from the root.

const js = require("@eslint/js");

const readonly = (...names) => Object.fromEntries(names.map((name) => [name, "readonly"]));

module.exports = [
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  {
    // The page's scripts know no globals of a browser: they are given its window, so that a
    // test can give them another.
    languageOptions: { ecmaVersion: 2022, sourceType: "module", globals: {} },
    rules: {
      "array-callback-return": "error",
      "arrow-body-style": "error",
      complexity: ["error", 12],
      "consistent-return": "error",
      curly: ["error", "multi-line"],
      eqeqeq: "error",
      "max-depth": ["error", 3],
      "no-console": "error",
      "no-else-return": "error",
      "no-eval": "error",
      "no-implicit-coercion": "error",
      "no-implied-eval": "error",
      "no-new-func": "error",
      "no-param-reassign": "error",
      "no-promise-executor-return": "error",
      "no-self-compare": "error",
      "no-shadow": "error",
      "no-template-curly-in-string": "error",
      "no-throw-literal": "error",
      "no-unmodified-loop-condition": "error",
      "no-unused-expressions": "error",
      "no-use-before-define": ["error", { variables: false }],
      "no-useless-return": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
      "prefer-template": "error",
      "require-atomic-updates": "error",
      "require-await": "error",
    },
  },
  {
    files: ["tests/**/*.js"],
    languageOptions: {
      globals: readonly(
        "addEventListener",
        "Blob",
        "ClipboardEvent",
        "clearInterval",
        "crypto",
        "DataTransfer",
        "FormData",
        "document",
        "DOMException",
        "DOMParser",
        "DragEvent",
        "Event",
        "EventTarget",
        "File",
        "Headers",
        "IDBKeyRange",
        "indexedDB",
        "KeyboardEvent",
        "MutationObserver",
        "navigator",
        "performance",
        "ProgressEvent",
        "Response",
        "setInterval",
        "setTimeout",
        "URL",
        "window",
      ),
    },
    rules: {
      "require-await": "off", // a fake answers as what it stands for does
    },
  },
  {
    files: ["tests/eslint.config.js", "**/*.cjs"],
    languageOptions: { sourceType: "commonjs", globals: readonly("module", "require") },
  },
];
