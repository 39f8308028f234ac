"""The rules of the house: who may import whom, and that importing does nothing."""

import ast
import contextlib
import gc
import importlib
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from services.settings import Settings

ROOT = Path(__file__).parents[1]
SOURCES = sorted(
    [ROOT / "app.py", *ROOT.glob("services/**/*.py"), *ROOT.glob("components/**/*.py")]
)
MOST_LINES = 300

#: Which modules of the house a module may import. The longest name that fits
#: counts; "x.*" is x and all in it.
ALLOWED = {
    "app": {"services.*", "components.*"},
    # The doors, and the errors there are.
    "components.*": {"components.*", "services.assistant", "services.batch", "services.errors"},
    "services": set(),
    "services.errors.*": {"services.errors.*"},
    "services.events": set(),
    "services.listening": set(),
    "services.places": set(),
    "services.settings": set(),
    "services.temporary": set(),
    # The question imports nothing of the answer.
    "services.assistant.ask": {
        "services.errors",
        "services.media.values",
        "services.external_api.options",
        "services.external_api.request",
    },
    "services.assistant.*": {
        "services.errors",
        "services.events",
        "services.places",
        "services.settings",
        "services.assistant.*",
        "services.media.*",
        "services.external_api.*",
        "services.schemas.jobs",
        "services.subtitles.*",
    },
    # What its jobs may use, not what media are.
    "services.schemas.*": {"services.media.workshop.job", "services.schemas.*"},
    # Through the page's door, too: to a batch a clip is a question like any other.
    "services.batch.*": {
        "services.assistant",
        "services.batch.*",
        "services.errors",
        "services.events",
        "services.media.jobs.table",
        "services.media.workshop.workshop",
        "services.places",
        "services.settings",
    },
    "services.subtitles.*": {"services.media.values", "services.subtitles.*"},
    "services.media.*": {"services.errors", "services.places", "services.media.*"},
    # Media as values, and the table of their forms.
    "services.external_api.*": {
        "services.errors",
        "services.events",
        "services.settings",
        "services.media.values",
        "services.media.forms",
        "services.external_api.*",
    },
    "services.offline_api.*": {"services.errors", "services.media.*", "services.offline_api.*"},
}
#: Libraries with one place in the house, or with none.
PLACES = {
    "gradio": {"components.*"},
    "gradio_client": set(),
    "av": {"services.media.jobs.*"},
    "pydub": {"services.media.jobs.*"},
    "faster_whisper": {"services.offline_api.ear"},
    "huggingface_hub": {"services.offline_api.weights"},
    "platformdirs": {"services.offline_api.weights"},
    "httpx": {"services.external_api.transport"},
    "httpx_sse": {"services.external_api.transport"},
    "h11": {"services.external_api.transport"},
    "subprocess": {"services.media.workshop.anew", "services.media.workshop.zygote"},
    "jinja2": {"components.result.templates"},
    "webvtt": {"services.subtitles.writing"},
    "prometheus_client": {"services.assistant.metrics"},
    "pythonjsonlogger": {"app"},
    "jiwer": {"services.assistant.wording"},
    "limits": {
        "services.assistant.accounts",
        "services.assistant.allowance",
        "services.assistant.spending",
    },
    "jsonschema": {"services.schemas.checking"},
    "referencing": {"services.schemas.checking"},
    "redis": {"services.assistant.allowance"},
    "filelock": {"services.batch.folder", "services.temporary"},
    "dbos": {"services.batch.engine"},
    "sqlalchemy": {"services.batch.engine"},
    "requests": set(),
    "urllib.request": set(),
    "http.client": set(),
    "aiohttp": set(),
    "openai": set(),
}
#: Who reads the environment, or hands it on.
ENVIRONMENT = {"app", "services.media.workshop.anew"}


def _name(path, root=ROOT):
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {_name(path): path for path in SOURCES}
_TOPS = {name.split(".")[0] for name in MODULES}


def _is_in(module, names):
    return any(
        module == name.removesuffix(".*") or (name.endswith(".*") and module.startswith(name[:-1]))
        for name in names
    )


def _imports(source, module, known):
    """Every module that ``source`` imports, wherever in it.

    ``from a import b`` is ``a.b`` if ``known`` has such a module, else ``a``.
    """
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = module.split(".")[: -node.level] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            inner = {f"{base}.{alias.name}" for alias in node.names}
            found |= inner & known
            if inner - known:
                found.add(base)
        elif (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) in ("importlib.import_module", "import_module", "__import__")
            and isinstance(node.args[0], ast.Constant)
        ):
            found.add(node.args[0].value)
    return found


def _imports_of(module):
    return _imports(MODULES[module].read_text("utf-8"), module, set(MODULES))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import av.error", {"av.error"}),
        ("from services import errors", {"services.errors"}),
        ("from services.errors import NoSound", {"services.errors"}),
        ("from services import __doc__, errors", {"services", "services.errors"}),
        ("def late():\n    import gradio as gr", {"gradio"}),
        ("if TYPE_CHECKING:\n    from gradio import Blocks", {"gradio"}),
        ("from . import values", {"services.media.values"}),
        ("from .values import Kind", {"services.media.values"}),
        ("from ..errors import NoSound", {"services.errors"}),
        ("import importlib\nimportlib.import_module('httpx')", {"importlib", "httpx"}),
        ("__import__('httpx')", {"httpx"}),
    ],
)
def test_imports_are_found_wherever_they_are(source, found):
    known = {"services", "services.errors", "services.media", "services.media.values"}

    assert _imports(source, "services.media.forms", known) == found


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_what_it_may_of_the_house(module):
    fitting = max((name for name in ALLOWED if _is_in(module, [name])), key=len)
    house = {name for name in _imports_of(module) if name.split(".")[0] in (*_TOPS, "tests")}

    assert {name for name in house if not _is_in(name, ALLOWED[fitting])} == set()


@pytest.mark.parametrize("library", PLACES)
def test_a_library_stays_in_its_place(library):
    users = {
        module
        for module in MODULES
        if any(_is_in(name, [f"{library}.*"]) for name in _imports_of(module))
    }

    assert {user for user in users if not _is_in(user, PLACES[library])} == set()
    assert users or not PLACES[library]  # else the rule is out of date


def test_the_environment_is_read_in_one_place():
    names = {"environ", "environb", "getenv", "getenvb"}
    readers = {
        module
        for module, path in MODULES.items()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr in names)  # os.environ
        or (isinstance(node, ast.alias) and node.name in names)  # from os import environ
    }

    assert readers == ENVIRONMENT


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_a_file_has_one_subject_and_so_not_many_lines(path):
    lines = path.read_text("utf-8").count("\n")

    assert lines <= MOST_LINES


# Importing does nothing: every module is imported in a process of its own that
# notes what is done meanwhile.

#: Nobody may do these on import, not even a library.
_NEVER = (
    "socket.connect",
    "socket.bind",
    "socket.getaddrinfo",
    "socket.sendto",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
)
#: Our own modules may not do these either; a library may have its reasons.
_NOT_OURS = ("socket.", "tempfile.", "os.mkdir", "os.remove", "os.rename", "os.putenv")

#: Name of a module that does something → its source, and a part of what is noted.
BUSY = {
    "reads_environ": ("import os\nos.environ.get('HOME')", "environment: HOME"),
    "asks_getenv": ("import os\nos.getenv('SHELL')", "environment: SHELL"),
    "copies_environ": ("import os\ndict(os.environ)", "environment"),
    "reads_a_setting_by_a_library": (
        "import os, string\nstring.Template('$MAX_FILE_MB').safe_substitute(os.environ)",
        "environment: MAX_FILE_MB",
    ),
    "starts_a_thread": (
        "import threading as t\nt.Thread(target=t.Event().wait, daemon=True).start()",
        "thread",
    ),
    "starts_a_process": (
        "import subprocess, sys\nsubprocess.run([sys.executable, '-V'], capture_output=True)",
        "Popen",
    ),
    "binds": ("import socket\nsocket.create_server(('127.0.0.1', 0)).close()", "socket.bind"),
    "resolves": ("import socket\nsocket.getaddrinfo('127.0.0.1', 80)", "socket.getaddrinfo"),
    "writes": ("import tempfile\ntempfile.TemporaryFile()", "open for writing"),
    "makes_a_client": ("import httpx\nCLIENT = httpx.AsyncClient()", "AsyncClient"),
    "makes_a_page": ("import gradio as gr\nPAGE = gr.Blocks()", "Blocks"),
    "breaks": ("1 / 0", "ZeroDivisionError"),
    "does_nothing": ("import os\n\ndef late():\n    return os.environ['HOME']", None),
}


class _Watch:
    """Notes what happens while modules are imported."""

    def __init__(self, ours):
        self._ours = ours
        self.noted = []
        settings = {name.upper() for name in Settings.model_fields}
        noted, is_ours = self.noted, self._is_ours

        class Environ(type(os.environ)):
            def __getitem__(self, name):
                # pydantic has a variable of its own that it reads for each model.
                if is_ours(through_libraries=name in settings):
                    noted.append(f"environment: {name}")
                return super().__getitem__(name)

        os.environ.__class__ = Environ
        sys.addaudithook(self._audit)

    def _is_ours(self, *, through_libraries=True):
        """Whether one of our modules is at work, and not a library it imports."""
        frame = sys._getframe(2)
        while frame is not None:
            name = frame.f_code.co_filename
            if name.startswith("<frozen importlib"):
                return False
            if any(name.startswith(folder) for folder in self._ours):
                return True
            if "-packages" in name and not through_libraries:
                return False
            frame = frame.f_back
        return False

    def _audit(self, event, arguments):
        if event in _NEVER or (event.startswith(_NOT_OURS) and self._is_ours()):
            self.noted.append(event)
        elif event == "open" and set(str(arguments[1])) & set("wax+") and self._is_ours():
            self.noted.append("open for writing")

    def imported(self, module):
        """What was noted while ``module`` was imported."""
        self.noted.clear()
        threads = set(threading.enumerate())
        gc.freeze()  # what there is already is not looked through again
        try:
            importlib.import_module(module)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is noted
            self.noted.append(repr(error))
        self.noted += [f"thread: {one.name}" for one in set(threading.enumerate()) - threads]
        self.noted += [f"object: {type(one).__name__}" for one in self._things()]
        return sorted(set(self.noted))

    @staticmethod
    def _things():
        """Pages and clients that were made since, of any library."""
        kinds = [
            getattr(sys.modules[module], name)
            for module, name in (
                ("gradio.blocks", "Blocks"),
                ("httpx", "Client"),
                ("httpx", "AsyncClient"),
            )
            if hasattr(sys.modules.get(module), name)
        ]
        return [one for one in gc.get_objects() if isinstance(one, tuple(kinds))]


def watch(folder, *modules):
    """Print what each of ``modules`` does when it is imported, as JSON."""
    sys.path.insert(0, folder)
    importlib.import_module("gradio")  # which makes a client of its own
    noted = _Watch([folder, *(str(ROOT / top) for top in _TOPS)])
    with contextlib.redirect_stdout(sys.stderr):
        doings = {module: noted.imported(module) for module in modules}
    print(json.dumps(doings))


@pytest.fixture(scope="module")
def doings(tmp_path_factory):
    """What is done when each module of the house, and each of ``BUSY``, is imported."""
    folder = tmp_path_factory.mktemp("busy")
    for name, (source, _) in BUSY.items():
        (folder / f"{name}.py").write_text(source, "utf-8")
    done = subprocess.run(
        [
            *(
                sys.executable,
                "-B",
                "-c",
                "import sys, tests.test_house as h; h.watch(*sys.argv[1:])",
            ),
            *(str(folder), *MODULES, *BUSY),
        ],
        cwd=ROOT,
        env=os.environ | {"MAX_FILE_MB": "7", "HOME": str(folder), "SHELL": "/bin/sh"},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("module", MODULES)
def test_importing_a_module_does_nothing(doings, module):
    assert doings[module] == []


@pytest.mark.parametrize("name", BUSY)
def test_what_is_done_on_import_is_noted(doings, name):
    _, note = BUSY[name]

    if note is None:
        assert doings[name] == []
    else:
        assert any(note in done for done in doings[name])
