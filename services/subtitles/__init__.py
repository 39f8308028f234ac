"""Words with times: read as models write them, held against the sound, written as subtitles."""
