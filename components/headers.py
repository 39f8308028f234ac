"""The headers that keep a page with strangers' text from calling strangers' servers."""

from collections.abc import Sequence
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Only this page's own origin may be loaded from or called. Gradio needs its
#: inline scripts, styles and function constructor; a recording in the browser
#: is a blob. A Space shows the page in a frame of Hugging Face's pages.
POLICY: Final = (
    "default-src 'self'; "
    "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; "
    "media-src 'self' data: blob:; "
    "font-src 'self' data:; "
    "connect-src 'self' data: blob:; "
    "worker-src 'self' blob:; "
    "object-src 'none'; "
    "base-uri 'self'; "
    "form-action 'self'; "
    "frame-ancestors 'self' https://huggingface.co https://*.huggingface.co https://*.hf.space"
)
#: What the page uses of the visitor's devices, and what nothing in it may.
_DEVICES: Final = "camera=(self), microphone=(self), display-capture=(), geolocation=(), payment=()"


class SecurityHeaders:
    """ASGI middleware that adds the policy to every response.

    The page may stand in a frame of the origins ``frame_ancestors``, too. What is of a visitor's
    is kept by no browser and by no proxy.
    """

    def __init__(self, app: ASGIApp, frame_ancestors: Sequence[str] = ()) -> None:
        self._app = app
        self._policy = " ".join([POLICY, *frame_ancestors])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; add headers where the response starts."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = self._policy
                headers["Permissions-Policy"] = _DEVICES
                if scope["path"].startswith("/gradio_api/"):
                    headers.setdefault("Cache-Control", "private, no-store")
                headers["Referrer-Policy"] = "no-referrer"
                headers["X-Content-Type-Options"] = "nosniff"
            await send(message)

        await self._app(scope, receive, send_with_headers)
