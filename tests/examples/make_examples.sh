#!/usr/bin/env bash
# Makes the examples that the page offers: bash make_examples.sh
# Debian's packages: flite, festival, festvox-ru, sox, ffmpeg.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../components/examples/files"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What is said is in tests/browser/test_examples.py too, which hears it again.
english() { flite -voice slt -t "$1" -o "$work/say.wav"; }
russian() {
    printf '%s\n' "$1" >"$work/say.txt"
    text2wave -eval '(voice_msu_ru_nsh_clunits)' "$work/say.txt" -o "$work/say.wav"
}
# With a little silence on both sides.
padded() { sox "$work/say.wav" -r 16000 -c 1 -b 16 "$work/padded.wav" pad 0.35 0.35; }
quiet=(-loglevel error -y -bitexact)

english "A good question is worth more than a quick answer. Ask it aloud, and see what the model heard."
padded
ffmpeg "${quiet[@]}" -i "$work/padded.wav" -c:a libmp3lame -b:a 48k speech-en.mp3

russian "Завтра утром мы поедем на море. Возьмите с собой воду и фотоаппарат."
padded
ffmpeg "${quiet[@]}" -i "$work/padded.wav" -c:a libmp3lame -b:a 48k speech-ru.mp3

# An orange ball that rolls to the right and comes back, in five seconds.
english "The orange ball rolls to the right, and then it comes back."
padded
ffmpeg "${quiet[@]}" \
    -f lavfi -i color=0xcfe8e4:size=480x270:rate=15:duration=5 \
    -f lavfi -i color=0x0f766e:size=480x54:rate=15:duration=5 \
    -f lavfi -i color=0xf97316:size=80x80:rate=15:duration=5 \
    -i "$work/padded.wav" -filter_complex "
        [2]format=yuva420p,geq=lum='p(X,Y)':cb='p(X,Y)':cr='p(X,Y)':a='255*lt(hypot(X-39.5,Y-39.5),39)'[ball];
        [0][1]overlay=0:216[ground];
        [ground][ball]overlay='30+340*(1-cos(2*PI*t/5))/2':136:shortest=1[v];
        [3]apad=whole_dur=5[a]" \
    -map '[v]' -map '[a]' -c:v libx264 -crf 28 -preset veryslow -pix_fmt yuv420p \
    -c:a aac -b:a 48k -movflags +faststart -t 5 film.mp4
