// Warnings about what a manifest exposes of the host.
#include "pod/manifest/exposure.hpp"

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "pod/manifest/manifests.hpp"
#include "tests/pod/manifests.hpp"

namespace podrun::pod {
namespace {

using Lines = std::vector<std::string>;

/// The warnings about a path, one a line.
std::string said(std::string_view path, VolumeUse use = VolumeUse::Writable, std::string_view root = "") {
  std::string text;
  for (const std::string& sentence : exposures_of(path, use, root)) text += sentence + "\n";
  return text;
}
bool holds(const std::string& text, std::string_view words) { return text.find(words) != text.npos; }

/// A path, and some words of the warning when it is mounted writable and when it is mounted read-only. "" means that
/// there is no warning.
struct PathExposure {
  std::string_view path, writable, read_only;
};

constexpr PathExposure dangerous_paths[] = {
    {"/", "change everything", "read every file"},
    {"/run", "connect to the sockets", "readOnly does not keep it"},
    {"/var/run", "connect to the sockets", "readOnly does not keep it"},
    {"/run/", "connect to the sockets", "readOnly does not keep it"},
    {"/run/podrun", "connect to the sockets", "readOnly does not keep it"},
    {"/run/podrun/default_web", "connect to the sockets", "readOnly does not keep it"},
    {"/run/docker.sock", "become the host's root", "readOnly does not keep it"},
    {"/var/run/docker.sock", "become the host's root", "readOnly does not keep it"},
    {"/run/containerd/containerd.sock", "become the host's root", "readOnly does not keep it"},
    {"/run/crio/crio.sock", "become the host's root", "readOnly does not keep it"},
    {"/run/podman/podman.sock", "become the host's root", "readOnly does not keep it"},
    {"/run/user/1000/podman/podman.sock", "become the host's root", "readOnly does not keep it"},
    {"/srv/elsewhere/docker.sock", "become the host's root", "readOnly does not keep it"},
    {"/run/dbus/system_bus_socket", "become the host's root", "readOnly does not keep it"},
    {"/run/systemd/private", "command those that trust root", "readOnly does not keep it"},
    {"/run/containerd", "connect to the sockets", "readOnly does not keep it"},
    {"/var/lib/podrun", "volumes, layers and images", "read the volumes of all pods"},
    {"/var/lib/podrun/volumes/default/data", "volumes, layers and images", "read the volumes of all pods"},
    {"/var/lib", "holds /var/lib/podrun", "holds /var/lib/podrun"},
    {"/var", "holds /var/log", "holds /var/log"},
    {"/var/log", "put links in the way", "read what the host"},
    {"/var/log/pods", "put links in the way", "read what the host"},
    {"/dev", "device nodes", "shared memory"},
    {"/proc", "becomes its root", "read memory"},
    {"/proc/sys/kernel", "becomes its root", "read memory"},
    {"/sys", "control groups", ""},
    {"/sys/fs/cgroup", "control groups", ""},
    {"/etc", "becomes its root", "password hashes"},
    {"/etc/shadow", "becomes its root", "password hashes"},
    {"/boot", "what the host boots", ""},
    {"/boot/grub", "what the host boots", ""},
    {"/root", "log in as root", "root's files"},
    {"/root/.ssh", "log in as root", "root's files"},
    {"/usr/bin", "replace the host's programs", ""},
    {"/lib/modules", "replace the host's programs", ""},
    {"/home", "log in as the host's users", "keys of the host's users"},
    {"/var/lib/docker", "other engines' containers", "other engines' containers"},
};

constexpr std::string_view harmless_paths[] = {
    "/srv",
    "/srv/run",
    "/runs",
    "/etc/localtime",
    "/etc/ssl/certs",
    "/dev/fuse",
    "/run/mysqld/mysqld.sock",
    "/home/alice/data",
    "/usr/share/zoneinfo",
    "/var/lib/mysql",
    "/var/www",
};

TEST(Exposure, ADangerousHostPathIsReported) {
  for (const PathExposure& row : dangerous_paths) {
    const auto matches = [&](const std::string& text, std::string_view words) {
      return words.empty() ? text.empty() : holds(text, words);
    };
    EXPECT_TRUE(matches(said(row.path), row.writable)) << row.path << ": " << said(row.path);
    for (const VolumeUse use : {VolumeUse::ReadOnly, VolumeUse::WritableBelow})
      EXPECT_TRUE(matches(said(row.path, use), row.read_only)) << row.path << ": " << said(row.path, use);
    EXPECT_EQ(said(row.path, VolumeUse::None), "");
  }
}

TEST(Exposure, AHarmlessHostPathIsNotReported) {
  for (const std::string_view path : harmless_paths)
    for (const VolumeUse use : {VolumeUse::Writable, VolumeUse::ReadOnly, VolumeUse::WritableBelow, VolumeUse::None})
      EXPECT_EQ(said(path, use), "") << path;
}

TEST(Exposure, PodrunsOwnDirectoriesLieBelowItsRoot) {
  EXPECT_TRUE(holds(said("/srv/test", VolumeUse::Writable, "/srv/test"), "holds /srv/test/run/podrun"));
  EXPECT_TRUE(
      holds(said("/srv/test/var/lib/podrun/volumes", VolumeUse::Writable, "/srv/test"), "volumes, layers and images"));
  EXPECT_TRUE(holds(said("/srv/test/run", VolumeUse::ReadOnly, "/srv/test"), "holds /srv/test/run/podrun"));
  EXPECT_EQ(said("/srv/test/data", VolumeUse::Writable, "/srv/test"), "");
  EXPECT_EQ(said("/var/lib/podrun", VolumeUse::Writable, "/srv/test"), "");
}

/// The diagnostics of a manifest, each as "LINE:COLUMN SEVERITY: MESSAGE".
Lines diagnostics(const std::string& text, const ReadOptions& how = {}) {
  Lines lines;
  const Manifests manifests = read_manifests({{"pod.yaml", text}}, how);
  for (const auto& [at, message, hint, severity] : manifests.diagnostics[0])
    lines.push_back(fmt::format("{}:{} {}: {}", at.line, at.column, name_of(severity), message));
  return lines;
}

std::string with_paths(std::string_view first, std::string_view second, std::string_view mounts) {
  return manifest({.spec = fmt::format(
                       "  volumes:\n  - {{name: a, hostPath: {{path: {}}}}}\n  - {{name: b, hostPath: {{path: {}}}}}\n",
                       first, second),
                   .container = fmt::format("    volumeMounts: [{}]\n", mounts)});
}

TEST(Exposure, ADangerousHostPathIsAWarningAtItsPlaceInTheManifest) {
  const std::string both = "{name: a, mountPath: /a, readOnly: true}, {name: b, mountPath: /b}";
  const Lines said = diagnostics(with_paths("/var/run/docker.sock", "/srv", both));
  ASSERT_EQ(said.size(), 1U);
  EXPECT_TRUE(
      said[0].starts_with("7:32 warning: hostPath /var/run/docker.sock: a container can command the service behind it"))
      << said[0];
  EXPECT_EQ(diagnostics(with_paths("/srv/a", "/srv/b", both)), Lines{});
  EXPECT_EQ(diagnostics(with_paths("/srv/x/run", "/srv/b", both), {.root = "/srv/x"}).size(), 1U);
}

TEST(Exposure, AHostPathInsideAWritableHostPathIsAWarning) {
  const auto of = [](std::string_view first, std::string_view second, std::string_view read_only) {
    return diagnostics(
        with_paths(first, second, fmt::format("{{name: a, mountPath: /a{}}}, {{name: b, mountPath: /b}}", read_only)));
  };
  EXPECT_EQ(of("/srv/hp", "/srv/hp/sub", ""), Lines{"8:32 warning: hostPath /srv/hp/sub lies in that of the volume "
                                                    "\"a\", which containers can write: a link that one makes "
                                                    "on the way is not followed, and the next start fails"});
  EXPECT_EQ(of("/srv/hp", "/srv/hp/sub", ", readOnly: true"), Lines{});
  EXPECT_EQ(of("/srv/hp", "/srv/hp", ""), Lines{});
  EXPECT_EQ(of("/srv/hp", "/srv/hp2", ""), Lines{});
}

TEST(Exposure, TheCapabilityDacReadSearchIsAWarning) {
  const auto of = [](std::string_view context) {
    return diagnostics(manifest({.container = fmt::format("    securityContext: {{{}}}\n", context)}));
  };
  EXPECT_EQ(of("capabilities: {add: [CHOWN, DAC_READ_SEARCH]}"),
            Lines{"9:51 warning: DAC_READ_SEARCH lets the container \"app\" read every file of the file systems that "
                  "anything is mounted "
                  "from, /etc/hosts and the host's own file system among them: open_by_handle_at(2)"});
  EXPECT_EQ(of("capabilities: {add: [dac_read_search]}").size(), 1U);
  EXPECT_EQ(of("capabilities: {add: [CAP_DAC_READ_SEARCH]}").size(), 2U) << "the spelling is one, too";
  EXPECT_EQ(of("capabilities: {add: [ALL], drop: [NET_ADMIN]}").size(), 1U);
  EXPECT_EQ(of("capabilities: {add: [ALL], drop: [DAC_READ_SEARCH, NET_ADMIN]}"), Lines{});
  EXPECT_EQ(of("capabilities: {add: [DAC_OVERRIDE]}"), Lines{});
}

TEST(Exposure, TheCapabilityNetAdminIsAWarningWhereThePodIsConnected) {
  const auto of = [](std::string_view spec) {
    return diagnostics(manifest({.spec = std::string(spec),
                                 .container = "    securityContext: {capabilities: {add: [NET_ADMIN]}}\n"}));
  };
  const Lines warnings = of("");
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_TRUE(warnings[0].contains("warning: NET_ADMIN lets the container \"app\" use, make and delete network "
                                   "interfaces of the host"))
      << warnings[0];
  EXPECT_EQ(of("  hostNetwork: true\n"), Lines{});
}

TEST(Exposure, AnImageThatTheHostsUsersCanEnterIsAWarning) {
  const std::vector<ImagePathDirectory> open{{"/", 040755}, {"/srv", 040755}, {"/srv/root", 040755}};
  EXPECT_EQ(exposure_of_image("rootfs:/srv/root", open, "/srv/root"),
            "image rootfs:/srv/root: every user of the host can reach its files, and run the set-user-ID programs "
            "among them; close "
            "it: chmod 0700 /srv/root");
  for (std::size_t closed = 0; closed < open.size(); ++closed) {
    auto way = open;
    way[closed].mode = 040750;
    EXPECT_EQ(exposure_of_image("rootfs:/srv/root", way, "/srv/root"), "") << way[closed].path;
  }
  EXPECT_EQ(exposure_of_image("rootfs:/", {{"/", 040755}}, "/"), "") << "nobody is to close the host itself";
}

}  // namespace
}  // namespace podrun::pod
