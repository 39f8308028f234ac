#!/usr/bin/env bash
# Makes the pictures in ../files of the drawings: bash draw.sh
# Debian's packages: librsvg2-bin, fonts-dejavu-core, pngquant.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

draw() { rsvg-convert --width "$2" "$1" | pngquant --force --output "../files/$3" 64 -; }

draw ../files/icon.svg 192 icon-192.png
draw ../files/icon.svg 512 icon-512.png
draw maskable.svg 512 maskable-512.png
draw maskable.svg 180 apple-touch-icon.png
draw preview.svg 1200 preview.png
