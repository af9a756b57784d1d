// What the process that talks to a registry can see and do. A program of the test stands in for skopeo.
#include <sys/mount.h>
#include <sys/stat.h>

#include "namespaces/kernel/files.hpp"
#include "namespaces/puller/puller_protocol.hpp"
#include "tests/images/registries.hpp"
#include "tests/system/support/mount_namespace.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

/// Prints, in the form of skopeo's errors, the result of each attempt: its name and its errno, or "ok".
constexpr char attempts[] = R"(#!/usr/bin/python3
import ctypes, errno, os, socket, sys
libc = ctypes.CDLL(None, use_errno=True)
def call(*arguments):
    if libc.syscall(*arguments) < 0:
        raise OSError(ctypes.get_errno(), '')
def connect(kind, family, protocol=0):
    socket.socket(family, kind, protocol)
def write(path):
    open(path, 'w').write('x')
tries = {
    'unix': lambda: connect(socket.SOCK_STREAM, socket.AF_UNIX),
    'packet': lambda: connect(socket.SOCK_RAW, socket.AF_PACKET),
    'raw': lambda: connect(socket.SOCK_RAW, socket.AF_INET, 1),
    'alg': lambda: connect(socket.SOCK_SEQPACKET, 38),
    'vsock': lambda: connect(socket.SOCK_STREAM, 40),
    'inet': lambda: connect(socket.SOCK_STREAM, socket.AF_INET),
    'userns': lambda: call(272, 0x10000000),
    'cloneuser': lambda: call(56, 0x10000000 | 17, 0, 0, 0, 0),
    'clone3': lambda: call(435, 0, 0),
    'ptrace': lambda: call(101, 16, 1, 0, 0),
    'mount': lambda: call(165, 0, 0, 0, 0, 0),
    'keyctl': lambda: call(250, 0, -3, 1),
    'bpf': lambda: call(321, 0, 0, 0),
    'perf': lambda: call(298, 0, 0, 0, 0, 0),
    'uring': lambda: call(425, 1, 0),
    'vmread': lambda: call(310, 1, 0, 0, 0, 0, 0),
    'kill': lambda: os.kill(1, 0),
    'shadow': lambda: open('/etc/shadow'),
    'root': lambda: os.listdir('/root'),
    'run': lambda: os.listdir('/run'),
    'lib': lambda: os.listdir('/var/lib'),
    'sys': lambda: os.listdir('/sys'),
    'procsys': lambda: os.listdir('/proc/sys'),
    'usr': lambda: write('/usr/x'),
    'etc': lambda: write('/etc/x'),
    'top': lambda: write('/x'),
    'tmp': lambda: write('/tmp/x'),
    'suid': lambda: os.setuid(0),
}
said = []
for number, (name, attempt) in enumerate(tries.items()):
    if number % 2 != PART:
        continue
    try:
        attempt()
        said.append(name + '=ok')
    except OSError as error:
        said.append(name + '=' + errno.errorcode.get(error.errno, str(error.errno)))
pids = [name for name in os.listdir('/proc') if name.isdigit()]
said.append('pids=%d' % len(pids))
said.append('uid=%d/%d/%d' % (os.getuid(), os.getgid(), len(os.getgroups())))
sys.stderr.write('level=fatal msg="' + ' '.join(said) + '"\n')
sys.exit(1)
)";

/// A mount namespace in which /usr/bin/skopeo is another program.
class OtherSkopeo {
 public:
  OtherSkopeo(const TemporaryRoot& root, const std::string& text)
      : program_(root.write("skopeo", text)), mounts_(MS_PRIVATE, [this] {
          return ::chmod(program_.c_str(), 0755) == 0 &&
                 ::mount(program_.c_str(), "/usr/bin/skopeo", nullptr, MS_BIND, nullptr) == 0;
        }) {}
  Setting setting() const { return {.mount_namespace = mounts_.fd()}; }

 private:
  std::string program_;
  MountNamespace mounts_;
};

TEST(PullerConfinement, AProcessThatWasTakenOverReachesNothing) {
  const TemporaryRoot root;
  std::string said;  // in two parts, because messages are bounded
  for (const std::string part : {"0", "1"}) {
    std::string program = attempts;
    program.replace(program.find("PART"), 4, part);
    const OtherSkopeo other(root, program);
    const Finished pulled = pull(root, {"localhost:5000/app"}, other.setting());
    EXPECT_EQ(pulled.status, 1);
    said += pulled.err;
  }
  const std::string id = std::to_string(puller::user_id);
  for (const std::string& each :
       {std::string("unix=EPERM"), std::string("packet=EPERM"), std::string("raw=EPERM"), std::string("alg=EPERM"),
        std::string("vsock=EPERM"), std::string("inet=ok"), std::string("userns=EPERM"),
        std::string("cloneuser=EPERM"), std::string("clone3=ENOSYS"), std::string("ptrace=EPERM"),
        std::string("mount=EPERM"), std::string("keyctl=EPERM"), std::string("bpf=EPERM"),
        std::string("perf=EPERM"), std::string("uring=EPERM"), std::string("vmread=EPERM"),
        std::string("kill=EPERM"), std::string("shadow=ENOENT"), std::string("root=ENOENT"),
        std::string("run=ENOENT"), std::string("lib=ENOENT"), std::string("sys=ENOENT"),
        std::string("procsys=ENOENT"), std::string("usr=EROFS"), std::string("etc=EROFS"),
        std::string("top=EROFS"), std::string("tmp=ok"), std::string("suid=EPERM"), std::string("pids=1"),
        "uid=" + id + "/" + id + "/0"})
    EXPECT_TRUE(holds(said, " " + each)) << each;
}

TEST(PullerConfinement, SkopeoHasNoRightsAndNamespacesOfItsOwn) {
  const TemporaryRoot root;
  const HostileRegistry registry(root);
  PodRun pulling(root, {"image", "pull", "--tls-verify=false", "localhost:5002/stall"});
  ASSERT_TRUE(wait_until([&] { return !staging_in(root).empty() && !processes_called("skopeo").empty(); }));
  const pid_t skopeo = processes_called("skopeo").front();
  const std::string id = std::to_string(puller::user_id);
  EXPECT_EQ(status_of(skopeo, "Uid"), id + " " + id + " " + id + " " + id);
  EXPECT_EQ(status_of(skopeo, "Gid"), id + " " + id + " " + id + " " + id);
  EXPECT_EQ(status_of(skopeo, "Groups"), "");
  for (const std::string set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"})
    EXPECT_EQ(status_of(skopeo, set), "0000000000000000") << set;
  EXPECT_EQ(status_of(skopeo, "NoNewPrivs"), "1");
  EXPECT_EQ(status_of(skopeo, "Seccomp"), "2");
  const std::string limits = proc_file(skopeo, "limits");
  for (const std::string limit : {"Max data size +536870912 +536870912", "Max core file size +0 +0",
                                  "Max locked memory +0 +0", "Max file size +8[0-9]{6} +8[0-9]{6}"})
    EXPECT_TRUE(matches(limits, limit));
  using Kind = pod::NamespaceKind;
  for (const Kind kind : {Kind::Mnt, Kind::Pid, Kind::Ipc, Kind::Uts})
    EXPECT_NE(namespace_of(skopeo, kind), namespace_of(::getpid(), kind));
  EXPECT_EQ(namespace_of(skopeo, Kind::Net), namespace_of(::getpid(), Kind::Net));
  for (const MountLine& mount : mounts_of(skopeo))
    EXPECT_TRUE(mount.has("ro") || mount.point == "/staging" || mount.point == "/tmp" || mount.point == "/proc" ||
                mount.point.starts_with("/dev/"))
        << mount.point << " " << mount.options;
  for (const auto& [number, target] : descriptors_of(skopeo))
    EXPECT_TRUE(number < 6 || target.starts_with("socket:") || target.starts_with("anon_inode:") ||
                target.starts_with("pipe:") || target.starts_with("/staging/"))
        << number << ": " << target;
}

// systemd-resolved and NetworkManager make /etc/resolv.conf a link into /run, which the puller does not see.
TEST(PullerConfinement, TheHostsNameServersAreKnownAlsoThroughALink) {
  const TemporaryRoot root;
  const std::string run = root / "run-folder", etc = root / "etc-folder";
  for (const std::string& folder : {run + "/resolve", etc}) (void)ns::make_directories(folder, 0755);
  root.write("run-folder/resolve/stub.conf", "nameserver 192.0.2.7\n");
  run_tool({"/usr/bin/ln", "-s", "/run/resolve/stub.conf", etc + "/resolv.conf"});
  for (const std::string name : {"containers", "ld.so.cache", "passwd"})
    run_tool({"/usr/bin/cp", "-r", "/etc/" + name, etc});
  const std::string program = root.write(
      "skopeo", "#!/usr/bin/python3\nimport sys\n"
                "sys.exit('level=fatal msg=\"' + open('/etc/resolv.conf').read().strip() + '\"')\n");
  const MountNamespace mounts(MS_PRIVATE, [&] {
    return ::chmod(program.c_str(), 0755) == 0 &&
           ::mount(program.c_str(), "/usr/bin/skopeo", nullptr, MS_BIND, nullptr) == 0 &&
           ::mount(run.c_str(), "/run", nullptr, MS_BIND, nullptr) == 0 &&
           ::mount(etc.c_str(), "/etc", nullptr, MS_BIND, nullptr) == 0;
  });
  EXPECT_TRUE(holds(pull(root, {"localhost:5000/app"}, {.mount_namespace = mounts.fd()}).err, "nameserver 192.0.2.7"));
}

TEST(PullerConfinement, WhatReadsArchivesHasNoNetwork) {
  const TemporaryRoot root;
  const OtherSkopeo other(root, "#!/bin/sh\nexec sleep 1000\n");
  make_image(root, "app", {"one"});
  PodRun loading(root, {"image", "load", root / "app"}, other.setting());
  ASSERT_TRUE(wait_until([] { return !processes_called("sleep").empty(); }));
  const pid_t loader = processes_called("sleep").front();
  EXPECT_NE(namespace_of(loader, pod::NamespaceKind::Net), namespace_of(::getpid(), pod::NamespaceKind::Net));
}

TEST(PullerConfinement, WithoutSkopeoOneSentenceSaysHowToGetIt) {
  const TemporaryRoot root;
  const MountNamespace mounts(MS_PRIVATE, [] { return ::mount("tmpfs", "/usr/bin", "tmpfs", 0, nullptr) == 0; });
  const Finished pulled = pull(root, {"localhost:5000/app"}, {.mount_namespace = mounts.fd()});
  EXPECT_EQ(pulled.status, 3);
  EXPECT_TRUE(holds(pulled.err, "skopeo, which is not installed here: apt install skopeo"));
}

}  // namespace
}  // namespace podrun::test
