"""Every visible string is in components/locales, in both languages, and nowhere else."""

import ast
import dataclasses
import functools
import html.parser
import itertools
import re
import string
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from components import inputs, options, question, status
from components.result import card, comparison, table, validation
from components.texts import LANGUAGES, strings
from services import assistant, batch, errors, events
from services.assistant.quality import Flaw, Warned
from services.assistant.report import RunTimings
from services.external_api.refusals import REFUSALS
from services.media.values import Change
from services.schemas.jobs import Validation
from services.subtitles.cue import Doubt

COMPONENTS = Path(question.__file__).parent
SERVICES = Path(errors.__file__).parents[1]
PAGES = sorted(COMPONENTS.rglob("*.py"))
SCRIPTS = sorted(COMPONENTS.rglob("*.js"))
EN, RU = strings("en"), strings("ru")
GROUPS = {key.partition(".")[0] for key in EN if "." in key}
LEAVES = [
    one
    for one in vars(errors).values()
    if isinstance(one, type)
    and issubclass(one, errors.ShowAndTellError)
    and not one.__subclasses__()
]

#: The forms that a language may have for a number of something (Unicode CLDR).
FORMS = ("one", "few", "many", "other")
#: The phases of a run, as the report names them.
PHASES = set(get_type_hints(RunTimings))
#: A key that is put together → all the keys that it can become.
ASSEMBLED = {
    "task.{task}": {f"task.{task}" for task in question.TASKS},
    "prompt.{kind}.{task}": {
        f"prompt.{kind}.{task}"
        for kind, task in itertools.product(get_args(assistant.Kind), question.TASKS)
        if task != "own"
    },
    **{
        f"model.{state}.{{kind}}": {f"model.{state}.{kind}" for kind in get_args(assistant.Kind)}
        for state in ("unknown", "unfit")
    },
    "error.said.{who}": {"error.said.api", "error.said.model"},
    "receipt.channels_{channels}": {f"receipt.channels_{count}" for count in "12n"},
    "status.{progress.stage}": {f"status.{stage}" for stage in get_args(events.Stage)},
    "{source}.tab": {f"{source}.tab" for source in inputs.SOURCES},
    "card.{name}": {f"card.{name}" for name in card._WORDS},
    "card.{state}": {f"card.{state}" for state in get_args(card.State) if state != "done"},
    **{
        key: {f"{key}.{form}" for form in FORMS}
        for key in (
            "plan.pieces",
            "sending.follow",
            "compare.count",
            "batch.price_unknown",
            "batch.price_unread",
        )
    },
    "compare.{name}": {f"compare.{name}" for name in comparison._WORDS},
    "compare.row.{measure.key}": {f"compare.row.{one.key}" for one in table.MEASURES},
    "batch.{stage}": {"batch.stopping", "batch.done", "batch.rest"},
    "batch.again_{name}": {"batch.again_failed", "batch.again_unsure"},
    **{
        key: {f"batch.state.{state}" for state in get_args(batch.State)}
        for key in ("batch.state.{clip.state}", "batch.state.{state}")
    },
    "cue.{cue.doubt}": {f"cue.{doubt}" for doubt in get_args(Doubt)},
    "cue.{doubt}": {f"cue.{doubt}" for doubt in get_args(Doubt)},
    "cue.{name}": {"cue.player", "cue.title"},
    "line.{warning}": {"line.unheard", "line.unseen", "line.few_tokens"},
    "way.{way}": {f"way.{way}" for way in status._WAYS},
    "sending.{change}": {f"sending.{one}" for one in (*get_args(Change), "pieces")},
    "sending.{forecast.kind}": {f"sending.{kind}" for kind in get_args(assistant.Kind)},
    "mark.{warning}": {f"mark.{warning}" for warning in get_args(Warned)},
    "mark.{forecast.flaw}": {f"mark.{flaw}" for flaw in get_args(Flaw)},
    "plan.{estimate.change}": {f"plan.{change}" for change in get_args(Change)},
    "receipt.{request.change}": {"receipt.remux", "receipt.transcode"},
    **{
        key: {f"options.{one.name}" for one in dataclasses.fields(assistant.Options)}
        for key in ("options.{name}", "options.{option.name}", "options.{fact}")
    },
    "misfit.{rule}": {f"misfit.{rule}" for rule in (*validation.RULES, "other")},
    "validation.{validation.state}": {
        f"validation.{state}" for state in get_args(get_type_hints(Validation)["state"])
    },
    "schema.{name}_said": {"schema.strict_said", "schema.loose_said"},
    "schema.{strictness}": {"schema.strict", "schema.loose"},
    "options.endpoint.{name}": {f"options.endpoint.{name}" for _, name in options.ENDPOINTS},
    "effort.{effort}": {f"effort.{effort}" for effort in options.EFFORTS},
    "time.{name}": {f"time.{phase}" for phase in PHASES},
    "error.{fault.name}.what": {f"error.{leaf.__name__}.what" for leaf in LEAVES},
    "error.{fault.name}.next": {f"error.{leaf.__name__}.next" for leaf in LEAVES},
    # All of these go to a script: some are looked up by their English words.
    **{
        group: {key for key in EN if key.startswith(group)}
        for group in (
            *("gradio.", "microphone.", "camera.", "kept."),
            *("card.", "history.", "upload.", "switch.", "try.", "signin."),
        )
    },
}


def _places(text):
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def _letters(text):
    """The letters of ``text`` outside its {places}."""
    return [letter for letter in re.sub(r"{\w*}", "", text) if letter.isalpha()]


def _is_cyrillic(letter):
    return "а" <= letter.lower() <= "я" or letter.lower() == "ё"


def test_both_languages_have_the_same_keys_in_the_same_order():
    assert list(EN) == list(RU)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_string_is_empty(language):
    assert [key for key, text in strings(language).items() if not text.strip()] == []


@pytest.mark.parametrize("key", EN)
def test_a_string_has_the_same_places_in_both_languages(key):
    assert _places(EN[key]) == _places(RU[key])


def test_english_strings_have_no_cyrillic_letter():
    assert [key for key, text in EN.items() if any(map(_is_cyrillic, text))] == []


def test_russian_strings_are_russian():
    foreign = {
        key: text
        for key, text in RU.items()
        if _letters(text) and not any(map(_is_cyrillic, _letters(text)))
    }

    assert foreign == {"video_url.placeholder": "https://…", "api.programs": "API"}


def test_the_default_prompts_are_the_guides():
    assert question.DEFAULT_TASK == {"audio": "transcribe", "video": "describe"}
    assert RU["prompt.audio.transcribe"] == "Транскрибируй это аудио на русском языке"
    assert RU["prompt.video.describe"] == "Опиши, что происходит в этом видео"  # with its comma


# Keys: what the code asks for.


def _shape(node):
    """A string as it is written, with its {expressions}; None if it is no string."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            f"{{{ast.unparse(part.value)}}}" if isinstance(part, ast.FormattedValue) else part.value
            for part in node.values
        )
    return None


def _strings_in(tree):
    """Every string of a module that is neither a docstring nor a piece of another string."""
    skipped = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    skipped |= {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    for node in ast.walk(tree):
        if _shape(node) is not None and id(node) not in skipped:
            yield node


def _values(node):
    """The strings that an expression can be, as far as it says so itself."""
    if isinstance(node, ast.IfExp):
        return [*_values(node.body), *_values(node.orelse)]
    if isinstance(node, ast.BoolOp | ast.List | ast.Tuple):
        return [
            one
            for value in getattr(node, "values", getattr(node, "elts", ()))
            for one in _values(value)
        ]
    if isinstance(node, ast.ListComp):
        return _values(node.elt)
    if isinstance(node, ast.Starred):
        return _values(node.value)
    return [] if _shape(node) is None else [node]


def _keys(source):
    """The keys that ``source`` asks for, assembled ones in their shape."""
    tree = ast.parse(source)
    found = {_shape(node) for node in _strings_in(tree)}
    asked = {
        shape
        for shape in found
        if re.fullmatch(rf"({'|'.join(GROUPS)})\.[\w.{{}}]*", shape)
        and not (COMPONENTS / shape).exists()  # page.css
    }
    for call in _calls(tree):
        if isinstance(call.func, ast.Name) and call.func.id in ("texts", "i18n") and call.args:
            asked |= {_shape(node) for node in _values(call.args[0])}
    return asked


def _calls(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


@functools.cache
def _asked():
    return set().union(*(_keys(path.read_text("utf-8")) for path in PAGES))


@pytest.mark.parametrize(
    ("source", "keys"),
    [
        ("i18n('ask.button')", {"ask.button"}),
        ("texts('ask.buton')", {"ask.buton"}),
        ("texts('aks.button')", {"aks.button"}),
        ("texts('unknown' if a else 'status.done')", {"unknown", "status.done"}),
        ("info = 'connection.key'\ni18n(info)", {"connection.key"}),
        ("texts(f'task.{task}')", {"task.{task}"}),
        ("table = [('stats.cost', 1)]", {"stats.cost"}),
        ("texts(f'{a}.b')", {"{a}.b"}),
        ("'''ask.button'''\nlog.info('done')\nPath('page.css')", set()),
    ],
)
def test_keys_are_found_wherever_they_are(source, keys):
    assert _keys(source) == keys


def test_every_key_that_is_asked_for_is_there():
    wanted = set().union(*(ASSEMBLED.get(key, {key}) for key in _asked()))

    assert wanted - set(EN) == set()


def test_no_key_is_left_over():
    wanted = set().union(*(ASSEMBLED.get(key, {key}) for key in _asked()))

    assert set(EN) - wanted == set()


def test_every_assembled_key_is_still_assembled():
    assert set(ASSEMBLED) - _asked() == set()


def test_what_is_filled_in_is_what_has_a_place():
    wrong = []
    for path in PAGES:
        for call in _calls(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(call.func, ast.Name) and call.func.id in ("texts", "sentence_html")):
                continue
            given = {keyword.arg for keyword in call.keywords}
            if None in given:  # **facts, of an error: see below
                continue
            keys = {_shape(node) for node in _values(call.args[0])}
            wanted = set().union(*(ASSEMBLED.get(key, {key}) for key in keys))
            wrong += [(path.name, key) for key in wanted if not set(_places(EN[key])) <= given]

    assert wrong == []


# Errors.


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_error_says_what_happened_and_what_to_do(leaf, language):
    name = leaf.__name__

    assert {f"error.{name}.what", f"error.{name}.next"} <= set(strings(language))


@functools.cache
def _facts_given():
    """Names of errors → for each place that makes one, the facts it gives."""
    given = {}
    leaves = {leaf.__name__ for leaf in LEAVES}
    for path in (*SERVICES.rglob("*.py"), *PAGES):
        tree = ast.parse(path.read_text("utf-8"))
        calls = {id(call.func): call for call in _calls(tree)}
        by_status = {
            target.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and "REFUSALS" in ast.unparse(node.value)
            for target in node.targets
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "errors":
                names = {node.attr}
            elif isinstance(node, ast.Name) and node.id in leaves:
                names = {node.id}
            elif isinstance(node, ast.Name) and node.id in by_status and id(node) in calls:
                names = {one.__name__ for one in {*REFUSALS.values(), errors.UnexpectedStatus}}
            else:
                continue
            if not _is_made(node, tree, calls):
                continue
            call = calls.get(id(node))
            facts = {keyword.arg for keyword in call.keywords} if call else set()
            for name in names:
                given.setdefault(name, []).append(facts)
    return given


def _is_made(node, tree, calls):
    """Whether an error is made here, and its class not only spoken of."""
    return id(node) in calls or any(
        isinstance(one, ast.Raise) and one.exc is node for one in ast.walk(tree)
    )


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_an_error_carries_the_facts_that_its_sentences_need(leaf):
    needed = {
        place for part in ("what", "next") for place in _places(EN[f"error.{leaf.__name__}.{part}"])
    }
    makers = _facts_given().get(leaf.__name__, [])

    assert makers or not needed
    assert [facts for facts in makers if not needed <= facts] == []


# Words in code.

#: What looks like words in these modules, and is none that a translation would change.
NO_WORDS = {
    "page.py": {"Show & Tell", "# Show & Tell"},  # the product's name
    "endpoints.py": {"content", "report"},  # outputs of the API; no one sees the components
    "endpoint.py": {"batch", "finished"},
    "audio_file.py": {"pcm16", "pcm24"},  # the API's formats
    "markdown.py": {"noopener noreferrer nofollow"},  # what a link is to whoever follows it
    "receipt.py": {"{texts.number(usage.cost, 9)} USD"},  # a currency
    "hearing.py": {"Many of our old friends came to the party."},  # what is said in a clip
    "head.py": {"Show & Tell", "export function"},  # and what makes a script a module
    "exports.py": {"{texts.number(usage.cost, 9)} USD"},
}
#: Modules whose longer strings are HTTP headers, the names of fonts, and what only programs read.
TECHNICAL = {
    *("headers.py", "look.py", "scripts.py", "served.py", "sharing.py", "parameters.py"),
    *("bundle.py", "gradios.py"),
}
#: What a component shows of its arguments.
SHOWN = {
    *("label", "info", "placeholder", "value", "title", "message", "choices", "description"),
    *("headers", "submit_btn", "stop_btn", "text", "examples"),
}
UNSEEN = {"elem_id", "elem_classes"}
_WORD = re.compile(r"(?<!\S)[(«“\"']?[^\W\d_]{2,}['’]?[^\W\d_]*[)»”\"'.,:;!?…]*(?!\S)")


class _Words(html.parser.HTMLParser):
    """The words a browser would show of a piece of HTML."""

    def __init__(self, text):
        super().__init__()
        self.words = []
        self._is_shown = True
        self.feed(text)
        self.close()

    def handle_data(self, data):
        if self._is_shown:
            self.words += re.findall(r"[^\W\d_]{2,}", data)

    def handle_endtag(self, tag):
        self._is_shown = True

    def handle_starttag(self, tag, attrs):
        self._is_shown = tag != "script"
        for name, value in attrs:
            if name in ("aria-label", "title", "alt", "placeholder", "value") and value:
                self.words += re.findall(r"[^\W\d_]{2,}", value)


def _are_words(shape, *, is_shown=False):
    """Whether a person could read ``shape``, a string as it is written, as language."""
    text = re.sub(r"{[^{}]*}", "{}", shape)
    if any(map(_is_cyrillic, text)):
        return True
    if "=>" in text:  # a script: only what it quotes could be shown
        code = re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)
        return any(_are_words(quoted) for _, quoted in re.findall(r"([\"'`])(.*?)\1", code))
    if "<" in text and ">" in text:
        return bool(_Words(text).words)
    words = _WORD.findall(text)
    is_assembled = text != shape
    return len(words) > 1 or bool(words and (is_shown or (is_assembled and " " in text)))


def _words_in(source, name=""):
    """The strings of a module, by their lines, that look like language."""
    tree = ast.parse(source)
    assigned = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for target in getattr(node, "targets", [getattr(node, "target", None)]):
                assigned.setdefault(ast.unparse(target), []).extend(_values(node.value))
    unseen = {
        id(argument)
        for call in _calls(tree)
        for argument in (
            *(call.args if ast.unparse(call.func).startswith("log.") else ()),
            *(keyword.value for keyword in call.keywords if keyword.arg in UNSEEN),
        )
    }
    suspects = [
        (node, False)
        for node in _strings_in(tree)
        if name not in TECHNICAL and id(node) not in unseen
    ]
    for call in _calls(tree):
        if re.fullmatch(r"gr\.(?!State\b)\w+", ast.unparse(call.func)):
            shown = [
                *call.args,
                *(keyword.value for keyword in call.keywords if keyword.arg in SHOWN),
            ]
            suspects += [
                (value, True)
                for argument in shown
                for value in (*_values(argument), *assigned.get(ast.unparse(argument), ()))
            ]
    return {
        (node.lineno, _shape(node))
        for node, is_shown in suspects
        if _shape(node) not in NO_WORDS.get(name, ())
        and _are_words(_shape(node), is_shown=is_shown)
    }


@pytest.mark.parametrize(
    "source",
    [
        'gr.Button("Ask")',
        'gr.Button("Ask me now")',
        'gr.Button(i18n("ask.button"), value="Ask")',
        'gr.Textbox(label="Prompt")',
        'gr.Textbox(placeholder="Ask…" if a else i18n("b"))',
        'gr.Radio(choices=["Transcribe", "Translate"])',
        'gr.Radio(choices=[("Transcribe", task) for task in TASKS])',
        'gr.Dropdown(info=f"Models: {count}")',
        'gr.Markdown("## Answer")',
        'gr.Info("Saved")',
        'raise gr.Error("No file")',
        'gr.update(value="Done", interactive=True)',
        'label = "Ask"\ngr.Button(label)',
        'gr.Button("Спросить")',
        'words = "Спросить"',
        'words = "Press Ask to try again."',
        'words = f"Done in {seconds}."',
        'words = f"{seconds} left"',
        'html = "<b>Done</b>"',
        'html = f"<p>{name}</p><p>is ready</p>"',
        "html = f'<button aria-label=\"Close\">{cross}</button>'",
        "html = '<input placeholder=\"Name\">'",
        'script = "() => alert(\\"not today\\")"',
    ],
)
def test_words_in_code_are_found(source):
    assert _words_in(source)


@pytest.mark.parametrize(
    "source",
    [
        '"""Ask for the answer."""',
        'gr.Button(i18n("ask.button"), variant="primary", elem_id="ask")',
        'gr.State("record")',
        'gr.Textbox(type="password", elem_classes="wide dark")',
        'gr.update(value=f"{a}: {b}")',
        'key = "error.NoSound.what"',
        'log.error("a run failed with %s", name)',
        'html = f\'<div role="status" data-stage="{stage}">{words}</div>\'',
        'html = f"<i style=\\"left:{left:.2f}%;width:{width}%\\"></i>"',
        'url = f"gradio_api/file={quote(path)}"',
        'script = "() => document.querySelector(\\"#status\\").scrollIntoView()"',
        'pattern = "#,##0"',
    ],
)
def test_what_nobody_reads_is_not_taken_for_words(source):
    assert _words_in(source) == set()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_words_are_written_in_code(path):
    assert _words_in(path.read_text("utf-8"), path.name) == set()


@pytest.mark.parametrize("name", NO_WORDS)
def test_what_is_excused_is_still_there(name):
    (path,) = COMPONENTS.rglob(name)
    source = path.read_text("utf-8")

    assert NO_WORDS[name] <= {_shape(node) for node in _strings_in(ast.parse(source))}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_no_words_are_written_in_a_script(path):
    assert not _are_words("=>\n" + path.read_text("utf-8"))


def test_no_words_are_written_in_the_style_sheet():
    styles = "".join(path.read_text("utf-8") for path in COMPONENTS.rglob("*.css"))
    shown = re.findall(r"content:\s*[\"'](.*?)[\"']", styles)

    assert [text for text in shown if any(map(str.isalpha, text))] == []
