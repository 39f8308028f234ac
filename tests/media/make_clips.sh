#!/usr/bin/env bash
# Makes the clips of this folder: bash make_clips.sh
# Debian's packages: flite, festival, festvox-ru, sox, libsox-fmt-mp3, ffmpeg.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What was said, as the tests' samples want it, with a little silence on both sides.
clip() { sox "$work/say.wav" -r 16000 -c 1 -b 16 "$1.flac" pad 0.35 0.35; }
english() { flite -voice slt -t "$2" -o "$work/say.wav"; clip "$1"; }
russian() {
    printf '%s\n' "$2" >"$work/say.txt"
    text2wave -eval '(voice_msu_ru_nsh_clunits)' "$work/say.txt" -o "$work/say.wav"
    clip "$1"
}

english beach "We went to the beach last summer."
english project "We need more time to finish the project."
english dogs "She had three children and two dogs."
english life "The American people want a better life."
english party "Many of our old friends came to the party."
russian plan "Сегодня мы обсудили план работы и решили начать проект в понедельник."
russian window "Пожалуйста, закройте окно."

ffmpeg -loglevel error -y -i party.flac -c:a libmp3lame -b:a 48k party.mp3
ffmpeg -loglevel error -y \
    -f lavfi -i color=red:size=320x180:rate=25:duration=1.2 \
    -f lavfi -i color=blue:size=320x180:rate=25:duration=1.6 \
    -f lavfi -i testsrc=size=320x180:rate=25:duration=1.2 \
    -i dogs.flac -filter_complex '[0][1][2]concat=n=3[v]' -map '[v]' -map 3 \
    -c:v libx264 -crf 30 -pix_fmt yuv420p -c:a aac -b:a 48k -shortest cuts.mp4
