"""Work on untrusted media, done only in the processes of a workshop.

PyAV and pydub are imported here and nowhere else (a test reads the imports).
The requests are in :mod:`services.media.jobs.table`; a job raises an
:class:`~services.errors.InputError` when the file is at fault.
"""
