#!/bin/bash
# Proves the package in a bare system: installs it, starts it by its menu entry, tests itself, audits, fixes, exports, is upgraded
# with settings and history kept, and is purged with nothing left. Needs root, overlayfs, Xvfb, xdotool and ImageMagick here.
#   prove_package.sh BARE_TREE OLDER.deb NEWER.deb RESULTS
# BARE_TREE comes from `debootstrap --variant=minbase` and is only read; RESULTS gets logs, the report and pictures.
# Functions are called by name.
# shellcheck disable=SC2317
set -u
base=${1:?bare tree}; older=${2:?older package}; newer=${3:?newer package}; results=${4:?folder for results}
mkdir -p "$results"
work=$(mktemp -d "${TMPDIR:-/tmp}/prove-package-XXXXXX")
R=$work/root
failed=0
xvfb=""

leave() {
    [ -z "$xvfb" ] || kill "$xvfb" 2>/dev/null
    umount -R "$R" 2>/dev/null || umount -l "$R" 2>/dev/null
    rm -rf --one-file-system "$work"
}
trap leave EXIT

mkdir -p "$work"/{upper,over,root}
mount -t overlay overlay -o "lowerdir=$base,upperdir=$work/upper,workdir=$work/over" "$R" || exit 2
mount -t proc proc "$R/proc"
mount --rbind /dev "$R/dev"; mount --make-rslave "$R/dev"
mount -t tmpfs -o mode=1777 tmp "$R/tmp"
# This machine's way to Debian's packages; nothing of it is in the package.
cp /etc/resolv.conf "$R/etc/resolv.conf"
cp -n /etc/apt/apt.conf.d/* "$R/etc/apt/apt.conf.d/" 2>/dev/null
mkdir -p "$R/packages"; cp "$older" "$R/packages/older.deb"; cp "$newer" "$R/packages/newer.deb"

as_root() { chroot "$R" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive sh -c "$1"; }
as_person() {
    chroot --userspec=visitor "$R" env -i PATH=/usr/bin:/bin HOME=/home/visitor USER=visitor LANG=C.UTF-8 \
        ${DISPLAY_IN:+DISPLAY=$DISPLAY_IN} sh -c "cd && $1"
}
step() {
    local name=$1 begin end; shift
    begin=$(date +%s.%N)
    if "$@" >>"$results/log.txt" 2>&1; then end=ok; else end=FAILED; failed=1; fi
    printf '%-7s %6.1f s  %s\n' "$end" "$(echo "$(date +%s.%N) - $begin" | bc)" "$name" | tee -a "$results/steps.txt"
}
: >"$results/log.txt"; : >"$results/steps.txt"

step "fetch package lists" as_root "apt-get -qq update && useradd --create-home visitor"
as_root "dpkg-query -W -f '\${Package}\n'" | sort >"$work/before"
step "install without what is only recommended" as_root "apt-get -qq install --yes --no-install-recommends /packages/older.deb"
as_root "dpkg-query -W -f '\${Package}\n'" | sort | comm -13 "$work/before" - >"$results/brought-along.txt"
step "self-test without Git and without Python" as_person "repro-gui --self-test"
step "the example without Git" as_person "cp -r /usr/lib/repro-gui/_internal/repro_gui/resources/example/project project && repro-gui audit project --fail-on never"
step "install Git" as_root "apt-get -qq install --yes --no-install-recommends git xauth"
as_person "git config --global user.name Visitor && git config --global user.email visitor@example.org"
step "self-test with Git" as_person "repro-gui --self-test"
step "put the project into Git" as_person "repro-gui fix project no-repository --yes --trust; test -d project/.git"
step "apply a fix, and a second" as_person "repro-gui fix project unpinned-split unseeded-library --yes; grep -q random_state project/baseline.py && repro-gui history project | grep -q ."
step "export the PDF" as_person "repro-gui audit project --fail-on never --format pdf --output report.pdf"
cp "$R/home/visitor/report.pdf" "$results/" 2>/dev/null

# ---- the window, by the menu entry ----
number=$((90 + RANDOM % 400))
Xvfb ":$number" -screen 0 1500x950x24 -nolisten tcp >/dev/null 2>&1 &
xvfb=$!
sleep 1
mkdir -p "$R/tmp/.X11-unix"; mount --bind /tmp/.X11-unix "$R/tmp/.X11-unix"
DISPLAY_IN=":$number"
show_window() { # name of the picture, words of the project
    local command began pid window
    command=$(sed -n 's/^Exec=//p' "$R/usr/share/applications/repro-gui.desktop" | head -1)
    began=$(date +%s.%N)
    as_person "exec ${command/\%F/$2}" &
    pid=$!
    window=$(DISPLAY=":$number" timeout 60 xdotool search --sync --onlyvisible --name "Repro GUI" | head -1)
    echo "first window after $(echo "$(date +%s.%N) - $began" | bc) s" | tee -a "$results/steps.txt"
    sleep "${3:-12}"
    DISPLAY=":$number" import -window root "$results/$1.png"
    # Quit by its keys; the program then ends by itself.
    DISPLAY=":$number" xdotool windowfocus --sync "$window" key --clearmodifiers ctrl+q
    for _ in 1 2 3 4 5 6 7 8 9 10; do kill -0 "$pid" 2>/dev/null || break; sleep 1; done
    if kill -0 "$pid" 2>/dev/null; then kill "$pid"; return 1; fi
    wait "$pid"
}
step "open the window by the menu entry" show_window window project
step "again, now that it is in memory" show_window window-again project
step "desktop knows the file types" as_root "test -x /usr/bin/repro-gui && grep -q 'vnd.repro-gui' /usr/share/mime/packages/repro-gui.xml"
as_person "mkdir -p .config/repro-gui && printf '[General]\ntheme=dark\n' >.config/repro-gui/windows.ini && repro-gui trust project" >>"$results/log.txt" 2>&1
kept() { as_person "cat .config/repro-gui/windows.ini; repro-gui history project; ls .local/share/repro-gui"; }
kept >"$work/kept"

# ---- upgrade, purge ----
step "upgrade over it" as_root "apt-get -qq install --yes --no-install-recommends /packages/newer.deb"
still_kept() { kept | diff "$work/kept" - && [ -s "$work/kept" ]; }
step "settings and history are kept" still_kept
step "undo a fix of the older version" as_person "repro-gui undo project && ! grep -q random_state project/baseline.py"
step "self-test after the upgrade" as_person "repro-gui --self-test"
step "purge" as_root "apt-get -qq purge --yes repro-gui"
nothing_left() {
    find "$R" -xdev -path "$R/home" -prune -o -path "$R/tmp" -prune -o -path "$R/packages" -prune -o -path "$R/proc" -prune -o -path "$R/dev" \
        -prune -o -iname '*repro*gui*' -print | grep . && return 1
    ! grep -rl repro-gui "$R/usr/share/applications" "$R/usr/share/mime" "$R/var/lib/dpkg/info" 2>/dev/null | grep .
}
step "nothing is left" nothing_left
echo "brought along: $(wc -l <"$results/brought-along.txt") packages of the system" | tee -a "$results/steps.txt"
exit $failed
