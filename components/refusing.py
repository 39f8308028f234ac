"""What only a request can be blamed for, though it comes as a failure of Gradio's.

Gradio 6.31 looks for what is asked for and fails as if that had to be there: to whoever asks
it says that the app is broken, and a stranger could fill the log with bugs that are none.
"""

import errno
import traceback
from http import HTTPStatus
from typing import Final

from gradio.route_utils import FnIndexInferError
from starlette.exceptions import HTTPException

#: What failed, in which function of which file, and what that says of the request.
_FAILURES: Final[tuple[tuple[type[Exception], str, str, HTTPStatus], ...]] = (
    # There is no such function.
    (FnIndexInferError, "gradio/route_utils.py", "get_fn", HTTPStatus.NOT_FOUND),
    (KeyError, "gradio/route_utils.py", "get_fn", HTTPStatus.NOT_FOUND),
    (KeyError, "gradio/routes.py", "_", HTTPStatus.NOT_FOUND),
    # It has no such parameters, or not these.
    (TypeError, "gradio_client/utils.py", "construct_args", HTTPStatus.UNPROCESSABLE_ENTITY),
    # What is wrong was to be read out, and no JSON can hold it: 1e999, or half a letter.
    (
        ValueError,
        "fastapi/exception_handlers.py",
        "request_validation_exception_handler",
        HTTPStatus.UNPROCESSABLE_ENTITY,
    ),
    # A form that is none, and a field of one where a file should be.
    (ValueError, "gradio/route_utils.py", "parse", HTTPStatus.UNPROCESSABLE_ENTITY),
    (TypeError, "gradio/route_utils.py", "upload_fn", HTTPStatus.UNPROCESSABLE_ENTITY),
)


def refused_as(error: Exception) -> HTTPStatus | None:
    """What the request that ended in ``error`` is to be told; None where it is not to blame."""
    # Once a stream has begun a refusal comes as the cause of something else.
    if isinstance(error, RuntimeError) and isinstance(error.__cause__, HTTPException):
        status = error.__cause__.status_code
        return HTTPStatus(status) if status < HTTPStatus.INTERNAL_SERVER_ERROR else None
    if isinstance(error, OSError) and error.errno == errno.ENAMETOOLONG:
        return HTTPStatus.NOT_FOUND
    frames = traceback.extract_tb(error.__traceback__)
    passed = {(frame.filename.replace("\\", "/"), frame.name) for frame in frames}
    return next(
        (
            status
            for kind, file, function, status in _FAILURES
            if isinstance(error, kind)
            and any(path.endswith(f"/{file}") and name == function for path, name in passed)
        ),
        None,
    )
