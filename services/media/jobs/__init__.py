"""Work on untrusted media, done only inside the sandbox process.

PyAV and pydub are imported here and nowhere else (a test reads the imports).
A job takes keyword arguments that came as JSON and returns JSON; it raises an
:class:`~services.errors.InputError` when the file is at fault.
"""
