#!/bin/sh
# Makes the example image: a root file system of one static busybox, and its OCI image config.
#
#   make-busybox.sh BUSYBOX DIR    DIR is replaced: DIR/rootfs, DIR/config.json
set -eu
busybox=$1
image=$2

if readelf --program-headers "$busybox" | grep -q INTERP; then
  echo "$busybox is linked dynamically and would not run alone in a root: install Debian's busybox-static" >&2
  exit 1
fi

# The image is made beside its final place, so that one rename completes it, and with fixed modes, whatever the
# builder's umask is.
umask 022
new=$image.new
rm -rf "$new"
mkdir -p "$new/rootfs"
cd "$new/rootfs"
mkdir -p bin sbin usr/bin usr/sbin dev etc proc root run srv sys tmp var/log var/tmp
chmod 0700 root
chmod 1777 tmp var/tmp

install -m 0755 "$busybox" bin/busybox
bin/busybox --list-full | while read -r applet; do
  case $applet in
    bin/busybox | linuxrc) ;;
    bin/*) ln -s busybox "$applet" ;;
    sbin/*) ln -s ../bin/busybox "$applet" ;;
    usr/*) ln -s ../../bin/busybox "$applet" ;;
  esac
done

cat > etc/passwd <<'END'
root:x:0:0:root:/root:/bin/sh
www:x:1000:1000:web server:/srv:/bin/sh
nobody:x:65534:65534:nobody:/:/bin/false
END
cat > etc/group <<'END'
root:x:0:
www:x:1000:
nogroup:x:65534:
END

cat > "$new/config.json" <<'END'
{
  "os": "linux",
  "config": {
    "Cmd": ["sh"],
    "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
  }
}
END

cd /
rm -rf "$image"
mv "$new" "$image"
