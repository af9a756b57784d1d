// Registries that a test starts.
#include "tests/images/registries.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/namespaces/unpacker/oci_layout.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;

const std::string hostile_registry = PODRUN_SOURCE_DIR "/tests/images/hostile_registry.py";

std::string configuration(const TemporaryRoot& root, const RegistrySetting& setting) {
  std::string text = fmt::format("version: 0.1\nstorage: {{filesystem: {{rootdirectory: {}}}}}\n"
                                 "http:\n  addr: 127.0.0.1:{}\n",
                                 root / fmt::format("registry-{}", setting.port), setting.port);
  if (setting.tls)
    text += fmt::format("  tls: {{certificate: {0}/registry.pem, key: {0}/registry.key}}\n", root.path());
  if (!setting.password.empty())
    text += fmt::format("auth: {{htpasswd: {{realm: test, path: {}/htpasswd}}}}\n", root.path());
  return text;
}

std::vector<std::string> entries_of(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) names.push_back(entry.path().filename());
  std::ranges::sort(names);
  return names;
}

}  // namespace

std::string run_tool(const std::vector<std::string>& words, const Setting& setting) {
  PodRun tool(words, setting);
  EXPECT_EQ(tool.wait_exit(), 0) << words.front() << ": " << tool.err();
  return tool.out();
}

DockerRegistry::DockerRegistry(const TemporaryRoot& root, const RegistrySetting& setting)
    : root_(root), setting_(setting), log_(root / fmt::format("registry-{}.log", setting.port)) {
  if (!setting.password.empty())
    root.write("htpasswd", run_tool({"/usr/bin/htpasswd", "-Bbn", "reader", setting.password}));
  if (setting.tls)
    run_tool({"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
              "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout",
              root / "registry.key", "-out", root / "registry.pem"});
  const std::string file = root.write(fmt::format("registry-{}.yaml", setting.port), configuration(root, setting));
  // It writes much: a pipe that nobody reads would make it wait.
  run_ = std::make_unique<PodRun>(std::vector<std::string>{
      "/bin/sh", "-c", "exec /usr/bin/docker-registry serve \"$0\" >\"$1\" 2>&1", file, log_});
  EXPECT_TRUE(wait_until([&] { return contents_of(log_).find("listening on") != std::string::npos; }));
}

std::string DockerRegistry::push(const std::string& source, const std::string& name,
                                 const std::vector<std::string>& more) {
  std::vector<std::string> words{"/usr/bin/skopeo", "copy", "--quiet", "--dest-tls-verify=false", "--digestfile",
                                 root_ / "digest"};
  if (!setting_.password.empty()) words.push_back("--dest-creds=reader:" + setting_.password);
  words.insert(words.end(), more.begin(), more.end());
  words.insert(words.end(), {source, fmt::format("docker://localhost:{}/{}", setting_.port, name)});
  run_tool(words);
  return contents_of(root_ / "digest");
}

bool DockerRegistry::was_asked_for(const std::string& path) const {
  return contents_of(log_).find("GET " + path) != std::string::npos;
}

HostileRegistry::HostileRegistry(const TemporaryRoot& root)
    : log_(root / "requests"), run_({"/usr/bin/python3", hostile_registry, "5002", log_}) {
  EXPECT_TRUE(run_.wait_for_out("ready"));
}

std::vector<std::string> HostileRegistry::requests() const { return lines_of(contents_of(log_)); }

std::string make_image(const TemporaryRoot& root, const std::string& name, const std::vector<std::string>& texts) {
  std::vector<std::string> archives;
  for (const std::string& text : texts) archives.push_back(tests::TarArchive().file(text, text).finish());
  tests::write_oci_layout(root / name, archives);
  return "oci:" + (root / name) + ":image";
}

Finished image(const TemporaryRoot& root, const std::vector<std::string>& words, const Setting& setting) {
  std::vector<std::string> all{"image"};
  all.insert(all.end(), words.begin(), words.end());
  return run(root, all, setting);
}

Finished pull(const TemporaryRoot& root, const std::vector<std::string>& words, const Setting& setting) {
  std::vector<std::string> all{"pull", "--tls-verify=false"};
  all.insert(all.end(), words.begin(), words.end());
  return image(root, all, setting);
}

std::vector<std::string> layers_in(const TemporaryRoot& root) {
  return entries_of(root.layout().image_store() + "/layers");
}

std::vector<std::string> staging_in(const TemporaryRoot& root) {
  return entries_of(root.layout().image_store() + "/staging");
}

bool wait_until(const std::function<bool()>& condition) {
  for (const Deadline deadline = soon(); !condition(); std::this_thread::sleep_for(std::chrono::milliseconds(5)))
    if (std::chrono::steady_clock::now() > deadline) return false;
  return true;
}

std::vector<pid_t> processes_called(const std::string& comm) {
  std::vector<pid_t> found;
  for (const pid_t pid : living_descendants())
    if (comm_of(pid) == comm) found.push_back(pid);
  return found;
}

}  // namespace podrun::test
