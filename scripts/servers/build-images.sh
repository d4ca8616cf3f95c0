#!/bin/bash
# Makes Docker images of the servers that fetch.sh has unpacked, without any registry: rollcall-test/consul, /etcd and
# /zookeeper, tagged by version. Each is the program, this machine's C library and a static busybox. They take the same
# commands and configuration files as the official images, as far as our tests use them.
#
# usage: build-images.sh [FOLDER]          default: .cache/servers; builds what is not there yet
#   ROLLCALL_REBUILD_IMAGES=1              builds all of them again
set -euo pipefail

folder=$(cd "${1:-.cache/servers}" && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
busybox=$folder/busybox/bin/busybox

fail() {
  echo "build-images.sh: $*" >&2
  exit 1
}
[ -x "$busybox" ] || fail "$folder has no busybox: run scripts/servers/fetch.sh first"
docker info >/dev/null 2>&1 || fail 'no Docker engine answers: run scripts/servers/ensure-docker.sh first'

is_wanted() { [ -n "${ROLLCALL_REBUILD_IMAGES:-}" ] || ! docker image inspect "$1" >/dev/null 2>&1; }

# copy_library ROOT NAME: from wherever this machine's loader finds it
copy_library() {
  local path
  path=$(PATH=$PATH:/sbin ldconfig -p | awk -v name="$2" '$1 == name && !path { path = $NF } END { print path }')
  [ -n "$path" ] || fail "this machine has no $2"
  mkdir -p "$1$(dirname "$path")"
  cp -L "$path" "$1$path"
}

# new_root NAME LIBRARY...: a root folder with a shell, the C library and the libraries named
new_root() {
  root=$work/$1
  shift
  mkdir -p "$root"/{bin,data,conf,dev,etc,proc,run,sys,tmp,usr}
  chmod 1777 "$root/tmp"
  ln -s bin "$root/sbin"
  cp "$busybox" "$root/bin/busybox"
  local applet
  for applet in $("$busybox" --list); do
    [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
  done
  local loader
  loader=$(echo /lib*/ld-linux-*.so.*)
  mkdir -p "$root$(dirname "${loader%% *}")"
  cp -L "${loader%% *}" "$root${loader%% *}"
  local library
  for library in libc.so.6 libpthread.so.0 libdl.so.2 librt.so.1 libresolv.so.2 libnss_files.so.2 libnss_dns.so.2 "$@"; do
    copy_library "$root" "$library"
  done
  echo 'root:x:0:0:root:/:/bin/sh' >"$root/etc/passwd"
  echo 'root:x:0:' >"$root/etc/group"
  echo 'hosts: files dns' >"$root/etc/nsswitch.conf"
}

# import ROOT IMAGE CHANGE...
import() {
  local root=$1 image=$2 changes=() change
  shift 2
  for change in "$@"; do changes+=(-c "$change"); done
  tar -C "$root" -c --owner=0 --group=0 . | docker import "${changes[@]}" - "$image" >/dev/null
  rm -rf "$root"
  echo "$image"
}

for unpacked in "$folder"/consul-*; do
  image=rollcall-test/consul:${unpacked##*-}
  is_wanted "$image" || continue
  new_root consul
  cp "$unpacked/usr/bin/consul" "$root/bin/"
  import "$root" "$image" 'CMD ["consul","agent","-dev","-client","0.0.0.0"]' 'EXPOSE 8500' 'ENV PATH=/bin'
done

for unpacked in "$folder"/etcd-*; do
  image=rollcall-test/etcd:${unpacked##*-}
  is_wanted "$image" || continue
  new_root etcd
  cp "$unpacked/usr/bin/etcd" "$root/bin/"
  import "$root" "$image" 'CMD ["etcd","--data-dir","/data"]' 'EXPOSE 2379' 'ENV PATH=/bin'
done

# A JRE cut down to what ZooKeeper needs, or else the fetched one as it is.
make_jre() {
  local modules=java.base,java.logging,java.management,java.naming,java.security.jgss,java.security.sasl,java.xml
  modules=$modules,jdk.unsupported,jdk.crypto.ec
  if [ -d "$work/jre" ]; then return; fi
  if command -v jlink >/dev/null; then
    jlink --add-modules "$modules" --strip-debug --no-man-pages --no-header-files --compress=2 --output "$work/jre"
    "$work/jre/bin/java" -Xshare:dump >/dev/null
  elif [ -x "$folder/jre/home/bin/java" ]; then
    cp -rL "$folder/jre/home" "$work/jre"
  else
    fail 'needs jlink, or a JRE: run scripts/servers/fetch.sh with ROLLCALL_FETCH_JRE=1'
  fi
}

shared=$folder/zk-libs/usr/share/java
for unpacked in "$folder"/zookeeper-*; do
  image=rollcall-test/zookeeper:${unpacked##*-}
  is_wanted "$image" || continue
  make_jre
  new_root zookeeper libm.so.6 libgcc_s.so.1 libstdc++.so.6 libz.so.1
  cp -a "$work/jre" "$root/jre"
  mkdir "$root/lib-java"
  for jar in metrics-core slf4j-api slf4j-simple snappy-java commons-cli netty-{buffer,codec,common,handler,resolver} \
    netty-transport{,-native-epoll,-native-unix-common}; do
    cp -L "$shared/$jar.jar" "$root/lib-java/"
  done
  cp -L "$unpacked"/usr/share/java/zookeeper{,-jute}.jar "$root/lib-java/"
  # The name and the place of the configuration are those of the official image. Jute comes first: the manifest of
  # Debian's zookeeper.jar names jars by absolute paths that are not here.
  cat >"$root/bin/zkServer.sh" <<'RUN'
#!/bin/sh
[ "$1" = start-foreground ] || { echo 'usage: zkServer.sh start-foreground' >&2; exit 2; }
exec /jre/bin/java $JVMFLAGS -Dorg.slf4j.simpleLogger.defaultLogLevel=warn \
  -cp '/lib-java/zookeeper-jute.jar:/lib-java/*' org.apache.zookeeper.server.quorum.QuorumPeerMain /conf/zoo.cfg
RUN
  chmod +x "$root/bin/zkServer.sh"
  printf '%s\n' tickTime=500 dataDir=/data clientPort=2181 admin.enableServer=false '4lw.commands.whitelist=*' \
    >"$root/conf/zoo.cfg"
  import "$root" "$image" 'CMD ["zkServer.sh","start-foreground"]' 'EXPOSE 2181' 'ENV PATH=/bin:/jre/bin'
done
