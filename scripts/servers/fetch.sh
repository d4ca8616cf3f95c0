#!/bin/bash
# Unpacks Consul, several versions of etcd and ZooKeeper, and a static busybox (for images) from this machine's Debian
# mirror into a folder. Changes nothing else and needs no root; about 200 MB. Does nothing when the folder is complete.
#
# usage: fetch.sh [FOLDER]                 default: .cache/servers
#   ROLLCALL_FETCH_JRE=1                   fetch a JRE even though there is a java on PATH
#   ROLLCALL_DEBIAN_MIRROR=URL             take this mirror and not the one that apt uses
#   ROLLCALL_CONSUL_DEB=FILE               a consul_*.deb, for mirrors that no longer carry Debian 11
set -euo pipefail

folder=${1:-.cache/servers}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd -P)

has_java() { [ -x "$folder/jre/home/bin/java" ] || { [ -z "${ROLLCALL_FETCH_JRE:-}" ] && command -v java >/dev/null; }; }
if [ -e "$folder/.ok" ] && has_java; then exit 0; fi

fail() {
  echo "fetch.sh: $*" >&2
  exit 1
}
for tool in apt-get dpkg-deb curl; do
  command -v "$tool" >/dev/null || fail "needs $tool (this script is for Debian; elsewhere use containers, or put consul and etcd on PATH)"
done

# The first one that apt knows, in either of the two formats of its sources.
known_mirror() {
  local files
  files=$(ls /etc/apt/sources.list.d/*.sources /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null || true)
  [ -n "$files" ] || return 0
  # shellcheck disable=SC2086
  awk '$1 == "URIs:" { print $2; exit }
    $1 == "deb" { for (i = 2; i <= NF; i++) if ($i ~ /^[a-z+]+:\//) { print $i; exit } }' $files
}
mirror=${ROLLCALL_DEBIAN_MIRROR:-$(known_mirror)}
[ -n "$mirror" ] || fail 'apt knows no mirror: set ROLLCALL_DEBIAN_MIRROR'
mirror=${mirror%/}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
mkdir -p "$work"/{lists/partial,cache/archives/partial,debs,out}

# Consul left Debian after Debian 11.
suites='bookworm trixie sid'
packages=()
if [ -n "${ROLLCALL_CONSUL_DEB:-}" ]; then
  cp "$ROLLCALL_CONSUL_DEB" "$work/debs/consul_given.deb"
elif curl -fsI --max-time 20 "$mirror/dists/bullseye/InRelease" >/dev/null; then
  suites="bullseye $suites"
  packages+=(consul/bullseye)
else
  fail "the mirror $mirror does not give Debian 11 (bullseye), the last one with Consul:
  set ROLLCALL_CONSUL_DEB to a consul_*.deb, or ROLLCALL_DEBIAN_MIRROR to a mirror that has it"
fi

for suite in bookworm trixie sid; do
  packages+=("etcd-server/$suite" "libzookeeper-java/$suite")
done
for library in netty dropwizard-metrics slf4j commons-cli snappy; do
  packages+=("lib$library-java/bookworm")
done
packages+=(busybox-static/bookworm)
has_java || packages+=(openjdk-17-jre-headless/bookworm)

# An apt of our own: it reads no system-wide source and keeps its lists in the work folder.
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
for suite in $suites; do
  echo "deb [signed-by=$keyring] $mirror $suite main"
done >"$work/sources.list"
cat >"$work/apt.conf" <<CONF
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "-";
Dir::State "$work";
Dir::State::lists "$work/lists";
Dir::State::status "/var/lib/dpkg/status";
Dir::Cache "$work/cache";
APT::Sandbox::User "";
Acquire::Languages "none";
CONF
own_apt() { apt-get -c "$work/apt.conf" -qq "$@"; }
own_apt update || fail "apt cannot read $mirror"
(cd "$work/debs" && own_apt download "${packages[@]}") || fail "apt cannot download ${packages[*]}"

# One folder per server and version, one for the libraries that the ZooKeepers share.
for deb in "$work"/debs/*.deb; do
  version=$(dpkg-deb -f "$deb" Version)
  version=${version#*:}
  version=${version%%[-+]*}
  case $(dpkg-deb -f "$deb" Package) in
    consul) target=consul-$version ;;
    etcd-server) target=etcd-$version ;;
    libzookeeper-java) target=zookeeper-$version ;;
    busybox-static) target=busybox ;;
    openjdk-*) target=jre ;;
    *) target=zk-libs ;;
  esac
  mkdir -p "$work/out/$target"
  dpkg-deb -x "$deb" "$work/out/$target"
done

# Debian's JRE has its configuration in /etc behind absolute links: put the files where the links are.
jre=$work/out/jre
if [ -d "$jre" ]; then
  while read -r link; do
    file=$jre$(readlink "$link")
    if [ -e "$file" ]; then
      rm "$link"
      cp -r "$file" "$link"
    fi
  done < <(find "$jre/usr/lib/jvm" -type l -lname '/etc/*')
  for home in "$jre"/usr/lib/jvm/java-*-openjdk-*; do ln -sfn "usr/lib/jvm/${home##*/}" "$jre/home"; done
fi

for made in "$work"/out/*; do
  rm -rf "${folder:?}/${made##*/}"
  mv "$made" "$folder/"
done
touch "$folder/.ok"
