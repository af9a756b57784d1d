#!/bin/sh
# The pod default_pulled-nginx, by hand: what "podrun plan" lists, as commands. Run it as root; Ctrl-C ends it.
#
# What stands behind ## are the plan's own words for a step. What podrun also does, and this does not: restart
# containers, keep their logs, survive its own death.
# It probes no container.
set -eu

export storage=/var/lib/podrun/pods/0c5a
grace=10 # seconds

# @preamble.sh@
export cgroup=$cgroup2/podrun-by-hand/default_pulled-nginx
mkdir -p "$cgroup"/nginx

# ---- files ----


## directory /var/lib/podrun/pods/0c5a (0700)
mkdir -p "$storage" && chmod 0700 "$storage"

## directory /var/lib/podrun/pods/0c5a/etc (0755)
mkdir -p "$storage"/etc && chmod 0755 "$storage"/etc

## write /var/lib/podrun/pods/0c5a/etc/hosts (0644, 9 lines)
printf %s '# Written by podrun for this pod.
127.0.0.1	localhost
::1	localhost ip6-localhost ip6-loopback
fe00::0	ip6-localnet
fe00::0	ip6-mcastprefix
fe00::1	ip6-allnodes
fe00::2	ip6-allrouters
10.77.136.227	pulled-nginx
fd77:1:2:3::88e3	pulled-nginx
' > "$storage"/etc/hosts && chmod 0644 "$storage"/etc/hosts

## write /var/lib/podrun/pods/0c5a/etc/hostname (0644, 1 line)
printf %s 'pulled-nginx
' > "$storage"/etc/hostname && chmod 0644 "$storage"/etc/hostname

## write /var/lib/podrun/pods/0c5a/etc/resolv.conf (0644, 3 lines)
printf %s 'search default.svc.cluster.local svc.cluster.local cluster.local
nameserver 169.254.77.53
options ndots:5
' > "$storage"/etc/resolv.conf && chmod 0644 "$storage"/etc/resolv.conf

# ---- the pause: a process that does nothing but be in the pod's namespaces ----

(
  echo 0 > "$cgroup"/cgroup.procs
  exec unshare --mount --net --ipc --uts --propagation private sh -eu
) <<'END' &
. "$storage"/run/helpers

## namespaces mnt net ipc uts, held by the pause
# unshare(1) did this above. What is in these namespaces is seen by all containers that enter them.

## root a tmpfs; the host's tree is detached
# podrun makes it the root (pivot_root(2)), detaches the host's tree, and covers /c, to which it keeps
# a descriptor: who leaves his chroot finds nothing. A shell would have no tools left: here the host's
# tree stays around it.
mkdir -p "$storage"/pod
mount -t tmpfs -o nosuid,nodev,noexec,mode=755,size=64k podrun "$storage"/pod
mkdir "$storage"/pod/c

## memory tmpfs → /c/_shm, 64 MiB for all containers
mkdir -p "$storage"/pod/c/_shm
mount -t tmpfs -o nosuid,nodev,noexec,mode=1777,size=67108864 shm "$storage"/pod/c/_shm

## interface lo up
loopback_up

## hostname pulled-nginx
echo pulled-nginx > /proc/sys/kernel/hostname

ready pause
exec sleep infinity
END
await pause
export pause=$pid

# ---- the network ----

command -v ip nft > /dev/null || die "the network needs ip(8) and nft(8)"
# podrun also holds the ports of the host, so that nobody else takes them, and serves 127.0.0.1 and
# ::1 by podrun-forwarder. Here they answer at the host's other addresses.

## link veth podrun35043 ↔ eth0 in the namespace, mtu 1500
ip link add podrun35043 mtu 1500 address 02:70:6f:64:00:01 type veth peer name eth0 mtu 1500 netns "$pause"
undo "ip link delete podrun35043 2> /dev/null"
ip link set podrun35043 addrgenmode none alias 'podrun default_pulled-nginx'
nsenter --target "$pause" --net ip link set eth0 addrgenmode none

## its end eth0: 10.77.136.227/32 fd77:1:2:3::88e3/128; routes by 10.77.0.1 fd77:1:2:3::1
nsenter --target "$pause" --net ip address add 10.77.136.227/32 dev eth0
nsenter --target "$pause" --net ip address add fd77:1:2:3::88e3/128 nodad dev eth0
nsenter --target "$pause" --net ip link set eth0 address 02:70:6f:65:88:e3 up
# Neither end has a link-local address, by which IPv6 would look for the other: each is told where it
# is.
nsenter --target "$pause" --net ip neighbour add 10.77.0.1 lladdr 02:70:6f:64:00:01 dev eth0 nud permanent
nsenter --target "$pause" --net ip route add 10.77.0.1/32 dev eth0
nsenter --target "$pause" --net ip route add default via 10.77.0.1
nsenter --target "$pause" --net ip neighbour add fd77:1:2:3::1 lladdr 02:70:6f:64:00:01 dev eth0 nud permanent
nsenter --target "$pause" --net ip route add fd77:1:2:3::1/128 dev eth0
nsenter --target "$pause" --net ip -6 route add default via fd77:1:2:3::1

## host's end podrun35043: 10.77.0.1/32 fd77:1:2:3::1/128; routes to 10.77.136.227 fd77:1:2:3::88e3
ip address add 10.77.0.1/32 dev podrun35043
ip address add fd77:1:2:3::1/128 nodad dev podrun35043
ip link set podrun35043 up
ip neighbour add 10.77.136.227 lladdr 02:70:6f:65:88:e3 dev podrun35043 nud permanent
ip route add 10.77.136.227/32 dev podrun35043
ip neighbour add fd77:1:2:3::88e3 lladdr 02:70:6f:65:88:e3 dev podrun35043 nud permanent
ip route add fd77:1:2:3::88e3/128 dev podrun35043

## filter table podrun35043 (ingress output), which the pause owns
# podrun's table has an owner: nobody else can change it, and it ends with the pause, which holds the
# socket that made it. A shell can hold none.
# podrun's rules find the pod by the socket of its port, which the pause holds, too. Here the pod's
# own table translates all of its ports.
nft -f - <<'END'
table netdev podrun35043 {
  chain ingress {
    type filter hook ingress device "podrun35043" priority 0; policy accept;
    ip saddr != 10.77.136.227 drop
    ip daddr 127.0.0.0/8 drop
    ip daddr 224.0.0.0/3 drop
    meta protocol ip accept
    ip6 saddr != fd77:1:2:3::88e3 drop
    ip6 daddr ::1 drop
    ip6 daddr ff00::/8 ip6 daddr != ff02::1:ff00:0/104 drop
    meta protocol ip6 accept
    drop
  }
}
table inet podrun35043 {
  chain output {
    type nat hook output priority -98; policy accept;
    th dport 8080 meta l4proto tcp ip daddr != 127.0.0.0/8 fib daddr type local dnat ip to 10.77.136.227:80
    th dport 8080 meta l4proto tcp ip6 daddr != ::1 fib daddr type local dnat ip6 to [fd77:1:2:3::88e3]:80
  }
  chain prerouting {
    type nat hook prerouting priority -100; policy accept;
    th dport 8080 meta l4proto tcp ip daddr != 127.0.0.0/8 fib daddr type local dnat ip to 10.77.136.227:80
    th dport 8080 meta l4proto tcp ip6 daddr != ::1 fib daddr type local dnat ip6 to [fd77:1:2:3::88e3]:80
  }
  chain postrouting {
    type nat hook postrouting priority 100; policy accept;
    ip saddr 10.77.136.227 oifname "podrun35043" masquerade
    ip6 saddr fd77:1:2:3::88e3 oifname "podrun35043" masquerade
  }
}
END
undo 'nft delete table inet podrun35043'
undo 'nft delete table netdev podrun35043'

## pods' filter table podrun-7363404b (prerouting output forward postrouting), of all pods; 4 elements
# This table is that of all pods: the first one makes it, the last one takes it away.
nft list table inet podrun-7363404b > /dev/null 2>&1 || nft -f - <<'END'
table inet podrun-7363404b {
  map ports4 {
    type mark : ipv4_addr . inet_service
  }
  set ends4 {
    type ipv4_addr . ipv4_addr
  }
  map ports6 {
    type mark : ipv6_addr . inet_service
  }
  set ends6 {
    type ipv6_addr . ipv6_addr
  }
  chain prerouting {
    type nat hook prerouting priority -100; policy accept;
    meta l4proto tcp ip daddr != 127.0.0.0/8 fib daddr type local dnat ip to socket mark map @ports4
    meta l4proto udp ip daddr != 127.0.0.0/8 fib daddr type local dnat ip to socket mark map @ports4
    meta l4proto tcp ip6 daddr != ::1 fib daddr type local dnat ip6 to socket mark map @ports6
    meta l4proto udp ip6 daddr != ::1 fib daddr type local dnat ip6 to socket mark map @ports6
  }
  chain output {
    type nat hook output priority -99; policy accept;
    ip daddr 10.77.0.0/16 ip daddr != 10.77.0.1 dnat ip prefix to 10.77.0.0/16
    ip6 daddr fd77:1:2:3::/64 ip6 daddr != fd77:1:2:3::1 dnat ip6 prefix to fd77:1:2:3::/64
  }
  chain forward {
    type filter hook forward priority 0; policy accept;
    ct state established,related accept
    ct status dnat accept
    iifname "podrun*" ct state invalid drop
    oifname "podrun*" iifname != "podrun*" drop
  }
  chain postrouting {
    type nat hook postrouting priority 100; policy accept;
    iifname "podrun*" oifname != "podrun*" ip saddr 10.77.0.0/16 masquerade
    iifname "podrun*" ip saddr . ip daddr @ends4 masquerade
    iifname "podrun*" oifname != "podrun*" ip6 saddr fd77:1:2:3::/64 masquerade
    iifname "podrun*" ip6 saddr . ip6 daddr @ends6 masquerade
  }
}
END
undo 'ip -br link show | grep "^podrun[0-9]" | grep -qv "^podrun35043@" || nft delete table inet podrun-7363404b'

## resolver 169.254.77.53 port 53 on lo → 192.0.2.53; podrun-resolver starts at the first query
# A shell serves no names: here nothing answers at that address.

# ---- container nginx ----


## root overlay nginx:1.27 (1 layer) + a writable layer on disk → fd root
mkdir -p "$storage"/containers/nginx/0
# podrun makes this mount in the host's namespace and carries it into the pod as a descriptor
# (fsopen(2), fsmount(2), move_mount(2)). Here the container's process mounts it where it belongs.

## tree hosts → fd hosts

## tree hostname → fd hostname

## tree resolv.conf → fd resolv.conf

## message an empty file /var/lib/podrun/pods/0c5a/containers/nginx/termination-log (0666) → fd message
: > "$storage"/containers/nginx/termination-log
chmod 0666 "$storage"/containers/nginx/termination-log

## stdio pipes of uid 0 gid 0 → fd stdout, fd stderr
# podrun gives each container two pipes of its own and writes what comes out of them to the logs. Here
# it has the script's own output.
(
  # podrun clones the process into its control group (CLONE_INTO_CGROUP).
  echo 0 > "$cgroup"/nginx/cgroup.procs
  exec nsenter --target "$pause" --mount --net --ipc --uts \
    unshare --pid --fork --kill-child \
    env --default-signal \
    setsid \
    sh -eu
) <<'END' &
. "$storage"/run/helpers

## signals all to their defaults, none blocked
# env(1) does this below: a shell starts what is in the background with SIGINT and SIGQUIT ignored.

## protect not dumpable until the exec
# prctl(PR_SET_DUMPABLE, 0), which no command can say for the next one: until its exec nobody in the
# pod may look into this process, which still has descriptors of the host.

## session its own, with a new keyring; umask 0022
# setsid(1) did this above, so that Ctrl-C reaches only who shall have it. podrun also gives it a
# session keyring of its own (keyctl(2)).
umask 0022

## oom score 0, where podrun may change its own
echo 0 2> /dev/null > /proc/self/oom_score_adj || :

## enter mnt net ipc uts of the pause
# nsenter(1) did this above, before this shell was started.

## set aside the last instance's /c/nginx → /c/.nginx
# There is none: this script does not restart containers.
root=$storage/pod/c/nginx
mkdir -p "$root"

## attach fd root → /c/nginx
layer="$storage"/containers/nginx/0
mkdir -p "$layer"/upper "$layer"/work
chown --reference=/images/localhost/busybox/latest/rootfs "$layer"/upper
chmod --reference=/images/localhost/busybox/latest/rootfs "$layer"/upper
mount -t overlay \
  -o nodev,volatile,lowerdir=/images/localhost/busybox/latest/rootfs,upperdir="$layer"/upper,workdir="$layer"/work overlay "$root"

## mount proc → /c/nginx/proc, read-only
# Of the PID namespace that this process is in. Read-only as a mount: what is hidden in it below
# cannot be written even if it is uncovered.
place directory /proc
mount -t proc -o nosuid,nodev,noexec proc "$root"/proc
mount -o remount,bind,ro,nosuid,nodev,noexec "$root"/proc

## mount sysfs → /c/nginx/sys, read-only
# Of the network namespace that this process is in.
place directory /sys
mount -t sysfs -o nosuid,nodev,noexec sysfs "$root"/sys
mount -o remount,bind,ro,nosuid,nodev,noexec "$root"/sys

## mount tmpfs → /c/nginx/dev: null zero full random urandom tty fd stdin stdout stderr ptmx
place directory /dev
mount -t tmpfs -o nosuid,noexec,mode=755,size=64k tmpfs "$root"/dev
mknod -m 0666 "$root"/dev/null c 1 3
mknod -m 0666 "$root"/dev/zero c 1 5
mknod -m 0666 "$root"/dev/full c 1 7
mknod -m 0666 "$root"/dev/random c 1 8
mknod -m 0666 "$root"/dev/urandom c 1 9
mknod -m 0666 "$root"/dev/tty c 5 0
ln -s /proc/self/fd "$root"/dev/fd
ln -s /proc/self/fd/0 "$root"/dev/stdin
ln -s /proc/self/fd/1 "$root"/dev/stdout
ln -s /proc/self/fd/2 "$root"/dev/stderr
ln -s pts/ptmx "$root"/dev/ptmx

## mount devpts of at most 256 terminals → /c/nginx/dev/pts
place directory /dev/pts
mount -t devpts -o nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5,max=256 devpts "$root"/dev/pts

## mount mqueue → /c/nginx/dev/mqueue
place directory /dev/mqueue
mount -t mqueue -o nosuid,nodev,noexec mqueue "$root"/dev/mqueue

## bind /c/_shm → /c/nginx/dev/shm
bind "$storage"/pod/c/_shm /dev/shm rprivate

## mask /c/nginx/proc/kcore
hide /proc/kcore

## mask /c/nginx/sys/firmware
hide /sys/firmware

## read-only /c/nginx/proc/sys
read_only /proc/sys

## attach fd hosts → /c/nginx/etc/hosts
bind "$storage"/etc/hosts /etc/hosts rprivate nodev

## attach fd hostname → /c/nginx/etc/hostname
bind "$storage"/etc/hostname /etc/hostname rprivate nodev

## attach fd resolv.conf → /c/nginx/etc/resolv.conf
bind "$storage"/etc/resolv.conf /etc/resolv.conf rprivate nodev

## attach fd message → /c/nginx/dev/termination-log
bind "$storage"/containers/nginx/termination-log /dev/termination-log rprivate nosuid,nodev,noexec

## chroot /c/nginx
# capsh(1) does this below, between two things that chroot(1) and setpriv(1) could only do one after
# the other: a capability can be given up for what comes after the chroot, and the chroot still be
# made.

## chdir /

## stdio /dev/null → 0, fd stdout → 1, fd stderr → 2

## limits stack 8Mi:unlimited, core 0:unlimited, nofile 1024:1048576, memlock 8Mi, sigpending 4096, msgqueue 800Ki, nice 0, rtprio 0; no limit on cpu fsize data rss nproc as locks rttime
# prlimit(1) sets them for this shell, and so for what it executes.
prlimit --pid $$ \
  --cpu=unlimited:unlimited \
  --fsize=unlimited:unlimited \
  --data=unlimited:unlimited \
  --stack=8388608:unlimited \
  --core=0:unlimited \
  --rss=unlimited:unlimited \
  --nproc=unlimited:unlimited \
  --nofile=1024:1048576 \
  --memlock=8388608:8388608 \
  --as=unlimited:unlimited \
  --locks=unlimited:unlimited \
  --sigpending=4096:4096 \
  --msgqueue=819200:819200 \
  --nice=0:0 \
  --rtprio=0:0 \
  --rttime=unlimited:unlimited

## bound CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE NET_RAW AUDIT_WRITE SETFCAP
# These stay; capsh(1) drops the others from the bounding set below.

## seccomp refuses pidfd_getfd add_key request_key keyctl socket(AF_VSOCK) setns
# podrun also filters system calls with seccomp(2) (podrun), for which a shell has no command.

## ids uid 0, gid 0, groups 0 10

## capabilities CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE NET_RAW AUDIT_WRITE SETFCAP
# podrun sets them with capset(2). The exec does the same here: root gets what the bounding set
# allows, everybody else nothing.

## pdeathsig KILL when the pause dies
# Here the parent is unshare(1) or nsenter(1). A change of ids takes it back, so podrun does this
# after them.

## close every descriptor but 0, 1, 2, gate, report
# close_range(2). These are the ones that a shell can name.
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-

## gate opens when the pause has registered this process
# In podrun every container is a child of the pause, which must know it before it runs: a byte in a
# pipe opens the gate. Here the script only notes the pid.
ready nginx

## exec /bin/sh
program=$(find_program /bin/sh /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)
exec env -i \
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  HOME=/root \
  HOSTNAME=pulled-nginx \
  "$setpriv" --groups 0,10 --pdeathsig KILL \
  "$capsh" \
    --drop=cap_dac_read_search,cap_linux_immutable,cap_net_broadcast,cap_net_admin,cap_ipc_lock \
    --drop=cap_ipc_owner,cap_sys_module,cap_sys_rawio,cap_sys_chroot,cap_sys_ptrace \
    --drop=cap_sys_pacct,cap_sys_admin,cap_sys_boot,cap_sys_nice,cap_sys_resource \
    --drop=cap_sys_time,cap_sys_tty_config,cap_mknod,cap_lease,cap_audit_control \
    --drop=cap_mac_override,cap_mac_admin,cap_syslog,cap_wake_alarm,cap_block_suspend \
    --drop=cap_audit_read,cap_perfmon,cap_bpf,cap_checkpoint_restore \
    --chroot="$root" --gid=0 --uid=0 \
    --shell="$program" -- < /dev/null
END
job_nginx=$!
await nginx
pid_nginx=$pid
until_program
export pid_nginx
containers="$containers $pid_nginx"

# ---- until the end ----

echo "running: pause $pause nginx $pid_nginx"
wait "$job_nginx"
